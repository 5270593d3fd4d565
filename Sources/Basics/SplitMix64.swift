/// Random numbers that are the same for the same seed, everywhere: Steele, Lea & Flood, OOPSLA 2014.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Numbers that follow from `seed` alone.
  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// From 0 up to, not including, `count` (> 0), by remainder: so slightly uneven that no count here can tell.
  public mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  /// One of `values`, of which there has to be one.
  public mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }

  /// From 0 up to, not including, 1, in steps of 2⁻⁵³.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
