/// How wide text is, and where it breaks.
enum Lettering {
  /// Of small letters, the size of most.
  static let size = 11.0

  /// User units, on the safe side: what DejaVu Sans needs, the widest of the usual faces.
  static func width(of text: String, size: Double = size) -> Double {
    text.unicodeScalars.reduce(0) { $0 + advance($1) } * size
  }

  private static func advance(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!", " ", "·": 0.33
    case "f", "t", "r", "(", ")", "[", "]", "-", "/": 0.42
    case "m", "w", "M", "W", "%", "@", "…", "→": 1
    case "A"..."Z": 0.76
    default: scalar.value > 0x2E7F ? 1 : 0.63
    }
  }

  /// Breaks at spaces; a word that is wider than a line is cut.
  static func lines(_ text: String, width: Double, size: Double = size) -> [String] {
    var lines: [String] = []
    var line = ""
    func fits(_ text: String) -> Bool { Self.width(of: text, size: size) <= width }
    for word in text.split(whereSeparator: { $0 == " " || $0.isNewline }) {
      if fits(line.isEmpty ? String(word) : "\(line) \(word)") {
        line += line.isEmpty ? String(word) : " \(word)"
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        if !fits(line + String(character)) {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// `1.00 GB` → `1 GB`, for round values.
  static func short(_ text: String) -> String {
    var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard let number = words.firstIndex(where: { $0.contains(".") && Double($0) != nil }) else { return text }
    while words[number].hasSuffix("0") { words[number].removeLast() }
    if words[number].hasSuffix(".") { words[number].removeLast() }
    return words.joined(separator: " ")
  }

  /// Cuts the first word alone, since the kind of layer behind it tells operators apart.
  static func cutFirst(_ text: String, width: Double) -> String {
    let words = text.split(separator: " ", maxSplits: 1)
    guard words.count == 2, Self.width(of: text) > width else { return cut(text, width: width) }
    let rest = " \(words[1])"
    return cut(String(words[0]), width: max(40, width - Self.width(of: rest))) + rest
  }

  /// Of names that begin alike: their ends stay.
  static func cutMiddle(_ text: String, width: Double) -> String {
    guard Self.width(of: text) > width else { return text }
    let half = cut(text, width: width / 2)
    var end = ""
    for character in text.reversed() {
      guard Self.width(of: half + String(character) + end) <= width else { break }
      end = String(character) + end
    }
    return half + end
  }

  /// With an ellipsis for what does not fit.
  static func cut(_ text: String, width: Double, size: Double = size) -> String {
    guard Self.width(of: text, size: size) > width else { return text }
    var short = text
    while !short.isEmpty, Self.width(of: short + "…", size: size) > width { short.removeLast() }
    return short + "…"
  }
}
