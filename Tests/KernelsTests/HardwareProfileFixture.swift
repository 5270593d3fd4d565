import CostModel

enum HardwareProfileFixture {
  /// One FLOP a second, memory without end.
  static var slowCompute: HardwareProfile {
    HardwareProfile(
      name: "slow",
      levels: [
        MemoryLevel(name: "dram", capacityBytes: 1e12, bytesPerSecond: 1e30),
        MemoryLevel(name: "l1", capacityBytes: 32_768, bytesPerSecond: 1e30, perCore: true),
      ],
      peaks: [Peak(.fp32, flopsPerSecond: 1)], vectorFLOPsPerSecond: 1, cores: 1)
  }
}
