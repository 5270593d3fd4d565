import ArgumentParser
import Specs

/// Numbers as people write them: `2048`, `2,048`, `2_048`, `2e3`, `32k` for 32,000 and `32K` for 32,768, as vLLM reads them.
enum Numbers {
  private static let suffixes: [Character: Double] = [
    "k": 1e3, "K": 0x1p10, "m": 1e6, "M": 0x1p20, "g": 1e9, "G": 0x1p30,
  ]

  /// A whole number, for options that take one.
  static func whole(_ text: String) throws -> Int {
    guard let value = value(text) else { throw refusal(text) }
    return value
  }

  /// Several with commas; `2,048` is one, since three digits follow each comma and no more than three stand before the first.
  static func list(_ text: String) throws -> [Int] {
    if let value = value(text) { return [value] }
    let values = text.split(separator: ",", omittingEmptySubsequences: false).map { value(String($0)) }
    guard !values.contains(nil) else { throw refusal(text) }
    return values.compactMap { $0 }
  }

  /// The same where `8,128` means two of them; `1,024` is one still.
  static func counts(_ text: String) throws -> [Int] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return try parts.dropFirst().contains { $0.hasPrefix("0") } ? list(text) : parts.map(whole)
  }

  private static func value(_ text: String) -> Int? {
    let groups = text.split(separator: ",", omittingEmptySubsequences: false)
    let isGrouped =
      (1...3).contains(groups[0].count)
      && groups.dropFirst().allSatisfy { $0.count == 3 && $0.allSatisfy(\.isNumber) }
    guard groups.count == 1 || isGrouped else { return nil }
    var digits = String(text.filter { $0 != "," && $0 != "_" })
    var factor = 1.0
    if let last = digits.last, let known = suffixes[last] {
      digits.removeLast()
      factor = known
    }
    guard let number = Double(digits), !digits.lowercased().contains("x") else { return nil }
    let value = number * factor
    guard value == value.rounded(), abs(value) < 9e15 else { return nil }
    return Int(value)
  }

  private static func refusal(_ text: String) -> ValidationError {
    ValidationError(
      "“\(text)” is no whole number; accepted: 2048, 2,048, 2e3, 32k (32,000), 32K (32,768)")
  }
}
