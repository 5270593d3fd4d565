/// FNV-1a, 64 bits (Fowler, Noll & Vo): a hash that is the same everywhere and at every start, as `Hasher` is not.
public struct Fingerprint: Sendable {
  /// The hash of what was added so far.
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Of nothing yet.
  public init() {}

  /// The bits of a number, so that what compares equal but is stored differently (0 and −0) counts as different.
  public mutating func add(_ number: Double) { add(number.bitPattern) }

  /// Eight bytes, lowest first.
  public mutating func add(_ bits: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(byte: bits >> UInt64(shift) & 0xff) }
  }

  /// The text's UTF-8.
  public mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte: UInt64(byte)) }
  }

  private mutating func add(byte: UInt64) { value = (value ^ byte) &* 0x0000_0100_0000_01b3 }

  /// Sixteen hexadecimal digits.
  public var hex: String { String(value, radix: 16).padded(to: 16, with: "0") }
}
