/// Bytes that cross below each memory level, far to near; lane i belongs to level i of the profile.
public struct Traffic: Hashable, Sendable {
  public var reads: SIMD4<Double>
  public var writes: SIMD4<Double>

  @inlinable
  public init(reads: SIMD4<Double> = .zero, writes: SIMD4<Double> = .zero) {
    self.reads = reads
    self.writes = writes
  }

  /// The same bytes through every level: data used once, or streamed.
  @inlinable
  public init(streamingReads reads: Double, writes: Double) {
    self.reads = SIMD4(repeating: reads)
    self.writes = SIMD4(repeating: writes)
  }

  @inlinable public var total: SIMD4<Double> { reads + writes }

  @inlinable
  public static func + (a: Traffic, b: Traffic) -> Traffic {
    Traffic(reads: a.reads + b.reads, writes: a.writes + b.writes)
  }

  @inlinable
  public static func += (a: inout Traffic, b: Traffic) { a = a + b }

  @inlinable
  public static func * (a: Traffic, factor: Double) -> Traffic {
    Traffic(reads: a.reads * factor, writes: a.writes * factor)
  }
}
