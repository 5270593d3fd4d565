import Basics
import CostModel

/// A mapping of YAML being read key by key; what nobody asked for is an error.
///
/// Decoders of YAML say nothing of unknown keys or lines, so specs are read from nodes.
package struct YAMLFields: Fields {
  package let file: String
  package let path: String
  package let location: SourceLocation
  private let entries: [(key: String, at: SourceLocation, value: YAMLNode)]
  private var asked: Set<String> = []

  /// The top of a file, which has to be a mapping.
  package static func top(of source: SourceFile) throws(InputError) -> YAMLFields {
    try YAMLFields(YAMLReader.read(source), file: source.name, path: "")
  }

  init(_ node: YAMLNode, file: String, path: String) throws(InputError) {
    self.file = file
    self.path = path
    location = node.location(in: file)
    guard let members = node.members else {
      throw InputError(
        .data, at: location,
        "\(path.isEmpty ? "the document" : "“\(path)”") has to be a mapping (key: value), found \(node.kindName)"
      )
    }
    entries = members.map { ($0.key.string ?? "", $0.key.location(in: file), $0.value) }
  }

  /// Keys in the order of the file.
  package var keys: [String] { entries.map(\.key) }

  func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  package mutating func node(_ names: [String]) -> YAMLNode? {
    asked.formUnion(names)
    guard let value = entries.first(where: { names.contains($0.key) })?.value else { return nil }
    return value.isNull ? nil : value
  }

  /// `key: none`, where a block would stand.
  mutating func isNone(_ key: String) -> Bool { node([key])?.string == "none" }

  /// Where a misspelling of the key stands, that is the error.
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
    let strays = entries.filter { !asked.contains($0.key) }
    guard let first = strays.first else { return }
    let known = asked.sorted()
    let words = strays.map { "“\(name($0.key))”\(Suggestion.phrase(for: $0.key, among: known))" }
    throw InputError(
      .data, at: first.at,
      "unknown key \(words.joined(separator: ", unknown key "))"
        + " (accepted here: \(known.joined(separator: ", ")))")
  }
}

// MARK: - Nested values

extension YAMLFields {
  /// What reports print in headings and tables: a line of them has to hold it.
  package mutating func label(_ key: String) throws(InputError) -> String? {
    try value([key], accepted: "1 to 100 characters without control characters") {
      guard let text = $0.string, (1...100).contains(text.unicodeScalars.count),
        !text.unicodeScalars.contains(where: \.isControl)
      else { return nil }
      return text
    }
  }

  package mutating func fields(_ key: String) throws(InputError) -> YAMLFields? {
    guard let node = node([key]) else { return nil }
    return try YAMLFields(node, file: file, path: name(key))
  }

  package mutating func list(_ key: String) throws(InputError) -> [YAMLNode]? {
    try value([key], accepted: "a list", \.items)
  }

  /// A list of mappings.
  ///
  /// - Parameter step: the path of the item at an index, for messages.
  package mutating func blocks(
    _ key: String, step: (String, Int) -> String = { "\($0).\($1)" }
  ) throws(InputError) -> [YAMLFields]? {
    guard let nodes = try list(key) else { return nil }
    var result: [YAMLFields] = []
    for (index, node) in nodes.enumerated() {
      result.append(try YAMLFields(node, file: file, path: step(name(key), index)))
    }
    return result
  }

  /// A list of numbers.
  package mutating func numbers(
    _ key: String, in range: ClosedRange<Double>
  ) throws(InputError) -> [Double]? {
    guard let items = try list(key) else { return nil }
    return try each(items, key, accepted: "numbers from \(range.lowerBound) to \(range.upperBound)") {
      $0.number.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  package mutating func strings(_ key: String) throws(InputError) -> [String]? {
    guard let items = try list(key) else { return nil }
    return try each(items, key, accepted: "text", \.string)
  }

  /// A number format by any of its names.
  package mutating func numberFormat(_ names: String...) throws(InputError) -> NumberFormat? {
    try value(names, accepted: NumberFormat.spellings.map { $0.names[0] }.joined(separator: ", ")) {
      $0.string.flatMap { NumberFormat(name: $0) }
    }
  }
}
