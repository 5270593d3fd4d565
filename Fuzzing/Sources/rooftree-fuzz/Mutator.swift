/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }
}

/// Changes that break parsers: flips, cuts, splices, hostile numbers, repetitions.
enum Mutator {
  /// - Parameters:
  ///   - binary: lengths and counts stand as 64-bit numbers in the bytes.
  ///   - dictionary: words that the format knows.
  static func mutate(
    _ input: [UInt8], with other: [UInt8], dictionary: [[UInt8]], binary: Bool,
    _ random: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = input
    // Most texts keep their grammar and change numbers and members alone: what comes behind the parser.
    switch binary ? 3 : random.below(4) {
    case 0, 1:
      for _ in 0..<(1 + random.below(2)) { number(&bytes, &random) }
      return bytes
    case 2:
      for _ in 0..<(1 + random.below(3)) { member(&bytes, other, &random) }
      return bytes
    default: break
    }
    for _ in 0..<(1 + random.below(4)) {
      switch random.below(binary ? 9 : 8) {
      case 0: flip(&bytes, &random)
      case 1: cut(&bytes, &random)
      case 2: insert(&bytes, dictionary[random.below(dictionary.count)], &random)
      case 3: splice(&bytes, other, &random)
      case 4: number(&bytes, &random)
      case 5: repeated(&bytes, &random)
      case 6: if !bytes.isEmpty { bytes.removeLast(random.below(bytes.count)) }
      case 7: insert(&bytes, [UInt8(truncatingIfNeeded: random.next())], &random)
      default: wide(&bytes, &random)
      }
    }
    return bytes
  }

  private static func flip(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
  }

  private static func cut(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let start = random.below(bytes.count)
    bytes.removeSubrange(start..<min(bytes.count, start + 1 + random.below(64)))
  }

  private static func insert(_ bytes: inout [UInt8], _ word: [UInt8], _ random: inout SeededGenerator) {
    bytes.insert(contentsOf: word, at: random.below(bytes.count + 1))
  }

  private static func splice(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout SeededGenerator) {
    guard !other.isEmpty else { return }
    let start = random.below(other.count)
    let piece = other[start..<min(other.count, start + 1 + random.below(512))]
    bytes.insert(contentsOf: piece, at: random.below(bytes.count + 1))
  }

  /// Overflow, divide badly, allocate, or stand at the limit of what is accepted.
  private static let hostile = [
    "0", "-1", "1", "2", "3", "7", "1000", "10000", "65537", "100000", "1000000", "10000000", "100000000",
    "1000000000", "2147483648", "4294967296", "9007199254740993", "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "1e9", "1e18", "1e308", "1e400", "0.5", "1e-9", "1e-300",
    "5e-324", "-0", "00", "1.", "99999999999999999999999999", "nan", "inf", "-inf",
  ].map { Array($0.utf8) }

  /// Gives a key of `other`, or of the text itself, that key's value or a hostile number; puts it in where the text
  /// does not have it.
  private static func member(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout SeededGenerator) {
    guard let from = key(in: other, &random), let place = key(in: bytes, &random) else {
      return number(&bytes, &random)
    }
    let name = Array(other[from])
    let value = random.below(2) == 0 ? hostile[random.below(hostile.count)] : Array(other[value(other, from)])
    let known = bytes.indices.first {
      bytes[$0...].starts(with: name) && ($0 == 0 || !isName(bytes[$0 - 1]))
        && $0 + name.count < bytes.count && bytes[$0 + name.count] == UInt8(ascii: ":")
    }
    if let known {
      bytes.replaceSubrange(Self.value(bytes, known..<(known + name.count)), with: value)
    } else {
      let isJSON = name.first == UInt8(ascii: "\"")
      let line = bytes[..<place.lowerBound].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      let end = isJSON ? [UInt8(ascii: ",")] : [UInt8(ascii: "\n")] + bytes[line..<place.lowerBound]
      bytes.insert(
        contentsOf: name + Array((isJSON ? ":" : ": ").utf8) + value + end, at: place.lowerBound)
    }
  }

  /// Some word before a colon, with the quotes around it.
  private static func key(in bytes: [UInt8], _ random: inout SeededGenerator) -> Range<Int>? {
    let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") && $0 > 0 && isName(bytes[$0 - 1]) }
    guard !colons.isEmpty else { return nil }
    let end = colons[random.below(colons.count)]
    var start = end
    while start > 0, isName(bytes[start - 1]) { start -= 1 }
    return start..<end
  }

  private static func isName(_ byte: UInt8) -> Bool {
    byte > 127 || "_.-\"".utf8.contains(byte) || (48...57).contains(byte) || (65...90).contains(byte)
      || (97...122).contains(byte)
  }

  /// What stands behind a key's colon: to the end of the line or item, or to the closing bracket.
  private static func value(_ bytes: [UInt8], _ key: Range<Int>) -> Range<Int> {
    var start = key.upperBound + 1
    while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
    var (end, depth, isText) = (start, 0, false)
    while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: "\""): isText.toggle()
      case _ where isText: break
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return start..<end }
        depth -= 1
      case UInt8(ascii: ","), UInt8(ascii: "\n"): if depth == 0 { return start..<end }
      default: break
      }
      end += 1
    }
    return min(start, end)..<end
  }

  /// Replaces a run of digits by such a number.
  private static func number(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
    guard !digits.isEmpty else { return }
    let start = digits[random.below(digits.count)]
    var end = start
    while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
    bytes.replaceSubrange(start..<end, with: hostile[random.below(hostile.count)])
  }

  private static func repeated(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let start = random.below(bytes.count)
    let piece = Array(bytes[start..<min(bytes.count, start + 1 + random.below(16))])
    let times = 1 + random.below(random.below(20) == 0 ? 2000 : 20)
    bytes.insert(contentsOf: (0..<times).flatMap { _ in piece }, at: start)
  }

  /// Overwrites four or eight bytes with a length nobody means.
  private static func wide(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let hostile: [UInt64] = [
      0, 1, 2, 9, 31, 255, 65535, 65536, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 40, 1 << 60, 1 << 62, 1 << 63,
      .max,
      .max - 7,
    ]
    let value = hostile[random.below(hostile.count)]
    let width = random.below(2) == 0 ? 4 : 8
    // Headers stand in front; hit them more often than the data.
    let reach = random.below(3) == 0 ? bytes.count : min(bytes.count, 2048)
    guard reach >= width else { return }
    let start = random.below(reach - width + 1)
    for index in 0..<width { bytes[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }
}
