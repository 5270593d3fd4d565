import CostModel
import Yams

/// A mapping being read key by key; what nobody asked for is an error.
///
/// Yams' own decoder says nothing of unknown keys or lines, so specs are read from its nodes.
package struct YAMLFields {
  package let file: String
  /// Dotted path from the top, for messages.
  let path: String
  package let location: SourceLocation
  private let entries: [(key: String, at: SourceLocation, value: Node)]
  private var asked: Set<String> = []

  /// The top of a file, which has to be a mapping.
  package static func top(of source: SourceFile) throws(InputError) -> YAMLFields {
    try YAMLGuard.check(source)
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
    return try YAMLFields(root, file: source.name, path: "")
  }

  init(_ node: Node, file: String, path: String) throws(InputError) {
    self.file = file
    self.path = path
    location = node.location(in: file)
    guard case .mapping(let mapping) = node else {
      throw InputError(
        .data, at: location,
        "\(path.isEmpty ? "the document" : "“\(path)”") has to be a mapping (key: value), found \(node.kindName)"
      )
    }
    var entries: [(key: String, at: SourceLocation, value: Node)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        throw InputError(.data, at: key.location(in: file), "a key has to be a word, found \(key.kindName)")
      }
      entries.append((name, key.location(in: file), value))
    }
    self.entries = entries
  }

  /// Keys in the order of the file.
  var keys: [String] { entries.map(\.key) }

  func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  /// The node under `key`; an explicit `null` counts as absent.
  mutating func node(_ key: String) -> Node? {
    asked.insert(key)
    guard let value = entries.first(where: { $0.key == key })?.value else { return nil }
    if let scalar = value.scalar, scalar.style == .plain, ["null", "~", ""].contains(scalar.string) {
      return nil
    }
    return value
  }

  func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// A key that is not there; where a misspelling of it is, that is the error.
  package func missing(_ key: String, accepted: String) -> InputError {
    let strays = entries.filter { !asked.contains($0.key) }
    if let stray = strays.first(where: { !Suggestion.nearest(to: $0.key, among: [key]).isEmpty }) {
      return InputError(
        .data, at: stray.at,
        "unknown key “\(name(stray.key))”\(Suggestion.phrase(for: stray.key, among: [key]))")
    }
    return InputError(.data, at: location, "“\(name(key))” is missing; \(accepted)")
  }

  /// Refuses keys that were never asked for.
  package func finish() throws(InputError) {
    guard let stray = entries.first(where: { !asked.contains($0.key) }) else { return }
    let known = asked.sorted()
    throw InputError(
      .data, at: stray.at,
      "unknown key “\(name(stray.key))”\(Suggestion.phrase(for: stray.key, among: known))"
        + " (accepted here: \(known.joined(separator: ", ")))")
  }
}

// MARK: - Typed access

extension YAMLFields {
  package mutating func string(_ key: String) throws(InputError) -> String? {
    guard let node = node(key) else { return nil }
    guard let scalar = node.scalar else {
      throw wrong(node, key, accepted: "text")
    }
    return scalar.string
  }

  /// What reports print in headings and tables: a line of them has to hold it.
  package mutating func label(_ key: String) throws(InputError) -> String? {
    guard let node = node(key) else { return nil }
    guard let text = node.scalar?.string, (1...100).contains(text.count),
      !text.unicodeScalars.contains(where: { $0.value < 32 })
    else { throw wrong(node, key, accepted: "1 to 100 characters without control characters") }
    return text
  }

  package mutating func bool(_ key: String) throws(InputError) -> Bool? {
    guard let node = node(key) else { return nil }
    switch node.scalar?.string {
    case "true": return true
    case "false": return false
    default: throw wrong(node, key, accepted: "true or false")
    }
  }

  /// A whole number; `1e6` and `131_072` are numbers too.
  package mutating func int(_ key: String, _ range: ClosedRange<Int> = 1...1_000_000_000) throws(InputError)
    -> Int?
  {
    guard let node = node(key) else { return nil }
    let accepted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let text = node.scalar?.string, let value = Double(text.replacing("_", with: "")),
      value == value.rounded(), value >= Double(range.lowerBound), value <= Double(range.upperBound)
    else { throw wrong(node, key, accepted: accepted) }
    return Int(value)
  }

  package mutating func requiredInt(_ key: String, _ range: ClosedRange<Int> = 1...1_000_000_000)
    throws(InputError)
    -> Int
  {
    guard let value = try int(key, range) else {
      throw missing(key, accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  package mutating func number(_ key: String, _ range: ClosedRange<Double>) throws(InputError) -> Double? {
    guard let node = node(key) else { return nil }
    guard let text = node.scalar?.string, let value = Double(text.replacing("_", with: "")),
      range.contains(value)
    else {
      throw wrong(node, key, accepted: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  package mutating func choice<T: RawRepresentable & CaseIterable>(_ key: String, _: T.Type)
    throws(InputError) -> T?
  where T.RawValue == String {
    guard let node = node(key) else { return nil }
    let names = T.allCases.map(\.rawValue)
    guard let text = node.scalar?.string, let value = T(rawValue: text) else {
      let found = node.scalar?.string ?? ""
      throw wrong(
        node, key,
        accepted: names.joined(separator: ", ") + Suggestion.phrase(for: found, among: names))
    }
    return value
  }

  package mutating func fields(_ key: String) throws(InputError) -> YAMLFields? {
    guard let node = node(key) else { return nil }
    return try YAMLFields(node, file: file, path: name(key))
  }

  mutating func list(_ key: String) throws(InputError) -> [Node]? {
    guard let node = node(key) else { return nil }
    guard case .sequence(let sequence) = node else { throw wrong(node, key, accepted: "a list") }
    return Array(sequence)
  }

  /// A list of mappings.
  package mutating func blocks(_ key: String) throws(InputError) -> [YAMLFields]? {
    guard let nodes = try list(key) else { return nil }
    var result: [YAMLFields] = []
    for (index, node) in nodes.enumerated() {
      result.append(try YAMLFields(node, file: file, path: "\(name(key)).\(index)"))
    }
    return result
  }

  /// A list of numbers.
  package mutating func numbers(
    _ key: String, _ range: ClosedRange<Double>
  ) throws(InputError) -> [Double]? {
    guard let nodes = try list(key) else { return nil }
    var result: [Double] = []
    for node in nodes {
      guard let value = node.scalar.flatMap({ Double($0.string) }), range.contains(value) else {
        throw wrong(node, key, accepted: "numbers from \(range.lowerBound) to \(range.upperBound)")
      }
      result.append(value)
    }
    return result
  }

  package mutating func strings(_ key: String) throws(InputError) -> [String]? {
    guard let nodes = try list(key) else { return nil }
    var result: [String] = []
    for node in nodes {
      guard let text = node.scalar?.string else { throw wrong(node, key, accepted: "text") }
      result.append(text)
    }
    return result
  }

  func wrong(_ node: Node, _ key: String, accepted: String) -> InputError {
    InputError(
      .data, at: node.location(in: file), "“\(name(key))” is \(node.shown); accepted: \(accepted)")
  }
}

extension Node {
  func location(in file: String) -> SourceLocation {
    SourceLocation(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  var kindName: String {
    switch self {
    case .scalar: "a single value"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  /// The value as found, shortened.
  var shown: String {
    guard let text = scalar?.string else { return kindName }
    return "“\(text.prefix(60))\(text.count > 60 ? "…" : "")”"
  }
}

extension YamlError {
  func location(in file: String) -> SourceLocation {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
      SourceLocation(file: file, line: mark.line, column: mark.column)
    case .duplicatedKeysInMapping(_, let context):
      SourceLocation(file: file, line: context.mark.line, column: context.mark.column)
    default: SourceLocation(file: file)
    }
  }

  /// The parser's sentence without the excerpt that Yams appends.
  var short: String {
    switch self {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
      "not valid YAML: \(problem)"
    case .duplicatedKeysInMapping(let duplicates, _):
      "duplicate key “\(duplicates.first ?? "")”"
    default: "not valid YAML"
    }
  }
}
