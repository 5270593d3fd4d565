import CostModel

/// What the kernel models take from a device; a calibration carries over to another device through these alone.
public struct DeviceQuantities: Hashable, Sendable {
  public var name: String
  /// Streaming multiprocessors or compute units.
  public var cores: Double
  public var clockHertz: Double
  public var memoryBytesPerSecond: Double
  public var l2Bytes: Double
  public var l2BytesPerSecond: Double
  /// One direction of the GPU-to-GPU link.
  public var linkBytesPerSecond: Double
  public var vectorFLOPsPerSecond: Double
  /// FLOP/s of products by operand width: 16, 8 and 4 bits.
  public var peak16: Double
  public var peak8: Double
  public var peak4: Double

  /// - Returns: nil for a profile without memory, cores or a peak of products.
  public init?(_ profile: HardwareProfile) {
    guard let far = profile.levels.first, far.bytesPerSecond > 0, profile.cores > 0,
      let half = profile.unit(for: .bf16)?.flopsPerSecond ?? profile.unit(for: .fp16)?.flopsPerSecond,
      half > 0
    else { return nil }
    name = profile.name
    cores = Double(profile.cores)
    clockHertz = profile.clockHertz ?? 1.5e9
    memoryBytesPerSecond = far.bytesPerSecond
    let l2 = profile.levels.dropFirst().first { !$0.perCore }
    l2Bytes = l2?.capacityBytes ?? 0
    l2BytesPerSecond = l2?.bytesPerSecond ?? far.bytesPerSecond
    linkBytesPerSecond = profile.links.first?.bytesPerSecond ?? far.bytesPerSecond / 16
    vectorFLOPsPerSecond = profile.vectorFLOPsPerSecond
    peak16 = half
    peak8 = profile.peak(.fp8) ?? half
    peak4 = profile.peak(.fp4) ?? peak8
  }

  /// Peak of products whose operands take `bytes` bytes each.
  @inlinable public func peak(operandBytes bytes: Double) -> Double {
    bytes >= 2 ? peak16 : bytes >= 1 ? peak8 : peak4
  }
}
