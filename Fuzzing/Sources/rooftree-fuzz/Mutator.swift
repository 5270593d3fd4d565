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
    // Half of all texts keep their grammar and change numbers alone: what comes behind the parser.
    if !binary && random.below(2) == 0 {
      for _ in 0..<(1 + random.below(2)) { number(&bytes, &random) }
      return bytes
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

  /// Replaces a run of digits by a number that overflows, divides badly or allocates.
  private static func number(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
    guard !digits.isEmpty else { return }
    let start = digits[random.below(digits.count)]
    var end = start
    while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
    let hostile = [
      "0", "-1", "1", "2", "3", "7", "65537", "1000000000", "2147483648", "4294967296", "9007199254740993",
      "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e9",
      "1e308",
      "1e400", "0.5", "1e-9", "1e-300", "-0", "00", "1.", "99999999999999999999999999", "nan", "inf", "-inf",
    ]
    bytes.replaceSubrange(start..<end, with: Array(hostile[random.below(hostile.count)].utf8))
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
