import Yams

/// A node of YAML: a scalar is what its text says, so that `"8"` is a number and `1e6` and `131_072` are whole ones.
package struct YAMLNode: PositionedValue {
  private let node: Node

  init(_ node: Node) { self.node = node }

  /// The one document of a file.
  init(document source: SourceFile) throws(InputError) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: source.text)
    } catch let error as YamlError {
      throw InputError(.data, at: error.location(in: source.name), error.short)
    } catch {
      throw InputError(.data, at: SourceLocation(file: source.name), "not YAML: \(error)")
    }
    guard let root else {
      throw InputError(.data, at: SourceLocation(file: source.name), "the file holds no YAML document")
    }
    node = root
  }

  package var string: String? { node.string }

  package var bool: Bool? { string.flatMap(Bool.init) }

  package var number: Double? { string.flatMap { Double($0.replacing("_", with: "")) } }

  package var int: Int? {
    guard let number, number == number.rounded(), abs(number) < 9e15 else { return nil }
    return Int(number)
  }

  /// `null`, `~` or nothing at all, not in quotes.
  var isNull: Bool {
    guard let scalar = node.scalar, scalar.style == .plain else { return false }
    return ["null", "~", ""].contains(scalar.string)
  }

  var items: [YAMLNode]? {
    guard case .sequence(let sequence) = node else { return nil }
    return sequence.map(YAMLNode.init)
  }

  var members: [(key: YAMLNode, value: YAMLNode)]? {
    guard case .mapping(let mapping) = node else { return nil }
    return mapping.map { (YAMLNode($0.key), YAMLNode($0.value)) }
  }

  package func location(in file: String) -> SourceLocation {
    SourceLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  var kindName: String {
    switch node {
    case .scalar: "a single value"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  package var shown: String {
    guard let string else { return kindName }
    return "“\(string.prefix(60))\(string.count > 60 ? "…" : "")”"
  }
}

extension YamlError {
  fileprivate func location(in file: String) -> SourceLocation {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      SourceLocation(file: file, line: mark.line, column: mark.column)
    case .duplicatedKeysInMapping(_, let context):
      SourceLocation(file: file, line: context.mark.line, column: context.mark.column)
    default: SourceLocation(file: file)
    }
  }

  /// The parser's sentence without the excerpt that Yams appends.
  fileprivate var short: String {
    switch self {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
      "not valid YAML: \(problem)"
    case .duplicatedKeysInMapping(let duplicates, _):
      "duplicate key “\(duplicates.first ?? "")”"
    default: "not valid YAML"
    }
  }
}
