/// A number with a unit, as written in profiles: `3.35 TB/s`, `80 GiB`, `989.4 TFLOP/s`.
package enum Quantity {
  /// What a unit measures, and its spelling without prefix.
  package enum Dimension: String, Sendable {
    case bytes = "B"
    case bytesPerSecond = "B/s"
    case flopsPerSecond = "FLOP/s"
    case hertz = "Hz"
    case watts = "W"
    case dollars = "USD"
    case seconds = "s"

    package var example: String {
      switch self {
      case .bytes: "80 GiB or 256 KiB"
      case .bytesPerSecond: "3.35 TB/s or 900 GB/s"
      case .flopsPerSecond: "989.4 TFLOP/s"
      case .hertz: "1.83 GHz"
      case .watts: "700 W"
      case .dollars: "25000 USD"
      case .seconds: "1.5 us"
      }
    }
  }

  private static let prefixes: [(String, Double)] = [
    ("n", 1e-9), ("u", 1e-6), ("µ", 1e-6), ("m", 1e-3), ("", 1), ("k", 1e3), ("K", 1e3), ("M", 1e6),
    ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18),
    ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776),
  ]

  /// Times are small, all else is large.
  private static func prefixes(of dimension: Dimension) -> [(String, Double)] {
    prefixes.filter { dimension == .seconds ? $0.1 <= 1 : $0.1 >= 1 }
  }

  /// Beyond these, figures are slips of the pen, and times overflow.
  fileprivate static func plausible(_ dimension: Dimension) -> ClosedRange<Double> {
    dimension == .seconds ? 1e-9...1e3 : 1e-3...1e24
  }

  /// The value in base units, or nil when number, prefix or unit is not what is wanted.
  package static func parse(_ text: String, _ dimension: Dimension) -> Double? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, let number = Double(parts[0]), number > 0, number < 1e30 else { return nil }
    let unit = parts[1]
    for suffix in spellings(dimension) where unit.hasSuffix(suffix) {
      let prefix = String(unit.dropLast(suffix.count))
      if let factor = prefixes(of: dimension).first(where: { $0.0 == prefix })?.1 {
        // Divided, as 10⁻⁶ is no binary number: 0.8 us and 800 ns are the same.
        let value = factor < 1 ? number / (1 / factor).rounded() : number * factor
        return plausible(dimension).contains(value) ? value : nil
      }
    }
    return nil
  }

  /// The value in the largest unit in which six digits say it exactly, or else to six digits.
  static func text(_ value: Double, _ dimension: Dimension) -> String {
    let units = prefixes(of: dimension)
      .filter { $0.1 <= value * (1 + 1e-9) && (dimension == .bytes || $0.0.last != "i") }
      .sorted { $0.1 > $1.1 }
    let texts = units.map { prefix, factor in
      "\(short(Digits.significant(value / factor, 6))) \(prefix)\(dimension.rawValue)"
    }
    return texts.first { parse($0, dimension) == value } ?? texts.first ?? "\(value) \(dimension.rawValue)"
  }

  /// Without zeros that say nothing: `3.35` of `3.35000`.
  private static func short(_ number: String) -> String {
    guard number.contains(".") else { return number }
    var text = Substring(number)
    while text.last == "0" { text.removeLast() }
    return String(text.last == "." ? text.dropLast() : text)
  }

  private static func spellings(_ dimension: Dimension) -> [String] {
    switch dimension {
    case .flopsPerSecond: ["FLOP/s", "FLOPS", "FLOPs/s", "OP/s", "OPS"]
    default: [dimension.rawValue]
    }
  }
}

extension YAMLFields {
  mutating func quantity(_ key: String, _ dimension: Quantity.Dimension) throws(InputError) -> Double? {
    asks([key], .quantity(dimension))
    guard let node = node([key]) else { return nil }
    guard let text = node.string, let value = Quantity.parse(text, dimension) else {
      let range = Quantity.plausible(dimension)
      throw wrong(
        node, key,
        accepted:
          "a positive number and a unit, such as \(dimension.example), from \(range.lowerBound) to \(range.upperBound) in plain units"
      )
    }
    return value
  }

  mutating func requiredQuantity(_ key: String, _ dimension: Quantity.Dimension) throws(InputError) -> Double
  {
    guard let value = try quantity(key, dimension) else {
      throw missing(key, accepted: "a number and a unit, such as \(dimension.example)")
    }
    return value
  }
}
