import CostModel

/// The load on the experts as users name it: `balanced`, `zipf:α` or `measured:FILE`.
public enum RouterRequest: Hashable, Sendable {
  /// Every expert gets as many tokens.
  case balanced
  /// The expert of rank r gets a share ∝ r^−α.
  case zipf(exponent: Double)
  /// Token counts from a file.
  case measured(path: String)

  /// - Throws: `InputError`, 64, for other words.
  public init(_ text: String) throws(InputError) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let argument = parts.count == 2 ? parts[1] : nil
    if text == "balanced" {
      self = .balanced
    } else if parts.first == "zipf", let exponent = argument.flatMap(Double.init), (0...10).contains(exponent)
    {
      self = .zipf(exponent: exponent)
    } else if parts.first == "measured", let argument {
      self = .measured(path: argument)
    } else {
      throw InputError(
        .usage, "--router is “\(text)”; accepted: balanced, zipf:α with α from 0 to 10, or measured:FILE")
    }
  }

  /// What the load means for costs.
  ///
  /// - Throws: `InputError`, 66 or 65 for a file of counts that is not there or not one.
  public func load() throws(InputError) -> RouterLoad {
    switch self {
    case .balanced: .balanced
    case .zipf(let exponent): .zipf(exponent: exponent)
    case .measured(let path): .measured(try Self.counts(SourceFile(path: path)))
    }
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
