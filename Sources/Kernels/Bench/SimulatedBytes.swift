/// Bytes across the boundary below one level of memory, as measured runs name it.
public struct LevelBytes: Hashable, Sendable {
  /// `dram`, `l3`, `l2`.
  public var level: String
  /// By whole lines; lines that are read because they are written are among the reads.
  public var read, write: Double
}

extension CacheSystem {
  /// What a kernel's loops move on one thread, from far to near: what misses a cache crosses the level behind it.
  ///
  /// - Returns: nothing where it would take minutes, or no memory is left for the tags.
  public func bytes(of kernel: some Kernel, _ arithmetic: Arithmetic = .best, mostAccesses: Double = 2e8)
    -> [LevelBytes]
  {
    guard kernel.formula(arithmetic).accesses(lineBytes: levels[0].geometry.lineBytes) <= mostAccesses,
      let caches = CacheHierarchy(levels.map(\.geometry))
    else { return [] }
    AddressLayout.$current.withValue(AddressLayout()) {
      kernel.simulate(kernel.makeData(arithmetic, threads: 1), arithmetic, caches)
    }
    return levels.indices.reversed().map { index in
      let bytes = caches.bytesBelow(index)
      return LevelBytes(
        level: index == levels.count - 1 ? "dram" : "l\(index + 2)", read: bytes.reads, write: bytes.writes)
    }
  }
}
