import Basics

/// How a file writes numbers: `1,234.5` or `1.234,5`, told by its own figures.
struct NumberStyle: Hashable, Sendable {
  /// What stands before fractions.
  var decimal: Character = "."

  /// Points before fractions, commas between thousands.
  static let plain = NumberStyle()

  /// Of the figures in a text's cells.
  ///
  /// A figure with both signs ends in its fraction; one comma not before three digits begins one; where all commas stand
  /// before three digits, fractions with points elsewhere say that they group, and semicolons between the cells that
  /// they do not.
  ///
  /// - Parameter columns: that hold figures; nil for all.
  init(of found: RunTable, _ file: String, in columns: [Int]? = nil) {
    guard found.rows.separator != UInt8(ascii: ",") || found.rows.hasQuotes else { return }
    var table = found
    var points = false
    var commas = false
    while let (row, _) = table.next(file: file) {
      for index in columns ?? Array(row.fields.indices) where row.fields.indices.contains(index) {
        let text = row.fields[index].utf8.count < 32 ? row.fields[index].trimmed : ""
        guard text.first?.isNumber == true, text.allSatisfy({ $0.isNumber || $0 == "," || $0 == "." }),
          let last = text.lastIndex(where: { $0 == "," || $0 == "." })
        else { continue }
        let digits = text.distance(from: last, to: text.endIndex) - 1
        if text.contains(","), text.contains(".") {
          decimal = text[last]
          return
        }
        if text[last] == ".", digits != 3 { points = true }
        if text[last] == "," {
          if digits != 3, text.count(where: { $0 == "," }) == 1 {
            decimal = ","
            return
          }
          commas = true
        }
      }
    }
    if commas, !points, found.rows.separator == UInt8(ascii: ";") { decimal = "," }
  }

  private init() {}

  /// Finite, or nil.
  func number(_ text: String) -> Double? {
    // Most have nothing to tell apart.
    if let value = Double(text) {
      if decimal == ".", value.isFinite { return value }
    }
    let grouping: Set<Character> = [decimal == "," ? "." : ",", " ", "\u{A0}", "\u{202F}", "'", "’"]
    let digits = text.filter { !grouping.contains($0) }
    guard let value = Double(decimal == "," ? digits.replacing(",", with: ".") : digits), value.isFinite
    else {
      return nil
    }
    return value
  }
}
