/// Bytes that cross below each memory level, far to near; lane i belongs to level i of the profile.
public struct Traffic: Hashable, Sendable {
  /// Bytes read, a lane a level.
  public var reads: SIMD4<Double>
  /// Bytes written, a lane a level.
  public var writes: SIMD4<Double>

  /// Given bytes below each level.
  @inline(__always)
  public init(reads: SIMD4<Double> = .zero, writes: SIMD4<Double> = .zero) {
    self.reads = reads
    self.writes = writes
  }

  /// The same bytes through every level: data used once, or streamed.
  @inline(__always)
  public init(streamingReads reads: Double, writes: Double) {
    self.reads = SIMD4(repeating: reads)
    self.writes = SIMD4(repeating: writes)
  }

  /// To whole bytes, as a count is; nearest-even, by a constant that pushes the fraction out of a Double.
  /// Whole numbers add up exactly in any order.
  @inline(__always) var whole: Traffic {
    Traffic(reads: wholeNumber(reads), writes: wholeNumber(writes))
  }

  /// Reads and writes together.
  @inline(__always) public var total: SIMD4<Double> { reads + writes }

  /// Both one after the other.
  @inline(__always)
  public static func + (a: Traffic, b: Traffic) -> Traffic {
    Traffic(reads: a.reads + b.reads, writes: a.writes + b.writes)
  }

  /// Adds the other's bytes.
  @inline(__always)
  public static func += (a: inout Traffic, b: Traffic) { a = a + b }

  /// The same `factor` times over.
  @inline(__always)
  public static func * (a: Traffic, factor: Double) -> Traffic {
    Traffic(reads: a.reads * factor, writes: a.writes * factor)
  }
}

/// Adding 1.5 · 2^52 and taking it away again: doubles of that size hold no fraction.
@inline(__always)
func wholeNumber(_ x: Double) -> Double { (x + 6_755_399_441_055_744) - 6_755_399_441_055_744 }

@inline(__always)
func wholeNumber(_ x: SIMD4<Double>) -> SIMD4<Double> { (x + 6_755_399_441_055_744) - 6_755_399_441_055_744 }

/// `x.rounded(.down)` in a few instructions: plain x86-64 has none for it, and a call of the C library empties all registers.
@inline(__always)
func roundedDown(_ x: Double) -> Double {
  guard abs(x) < 0x1p51 else { return x.rounded(.down) }
  let near = wholeNumber(x)
  return near > x ? near - 1 : near
}
