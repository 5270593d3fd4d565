import CostModel

/// `balanced`, `zipf:α` or `measured:FILE`.
public enum RouterRequest {
  static let accepted = "balanced, zipf:α with α from 0 to 10, or measured:FILE"

  /// The load that `text` asks for.
  ///
  /// - Throws: `InputError`, 64 for other words, 66 or 65 for a file of counts that is not there or not one.
  public static func read(_ text: String) throws(InputError) -> RouterLoad {
    if text == "balanced" { return .balanced }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count == 2, parts[0] == "zipf" {
      guard let exponent = Double(parts[1]), (0...10).contains(exponent) else {
        throw InputError(.usage, "--router is “\(text)”; accepted: \(accepted)")
      }
      return .zipf(exponent: exponent)
    }
    guard parts.count == 2, parts[0] == "measured" else {
      throw InputError(.usage, "--router is “\(text)”; accepted: \(accepted)")
    }
    return .measured(try counts(SourceFile(path: parts[1])))
  }

  /// One count a line, or `expert,tokens` lines; a heading and # comments are passed over.
  private static func counts(_ file: SourceFile) throws(InputError) -> [Double] {
    var counts: [Double] = []
    for (index, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let text = line.split(separator: ",").last.map { $0.filter { !" \r\t".contains($0) } } ?? ""
      if text.isEmpty || line.hasPrefix("#") || (index == 0 && Double(text) == nil) { continue }
      guard let count = Double(text), count >= 0, count <= 1e15 else {
        throw InputError(
          .data, at: SourceLocation(file: file.name, line: index + 1, column: 1),
          "“\(text)” is not a count of tokens; accepted: a number from 0 to 1e15, one expert a line")
      }
      counts.append(count)
    }
    guard counts.count >= 2, counts.contains(where: { $0 > 0 }) else {
      throw InputError(
        .data, at: SourceLocation(file: file.name), "token counts of at least two experts are needed")
    }
    return counts
  }
}
