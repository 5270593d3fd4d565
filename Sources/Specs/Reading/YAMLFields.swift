import Basics
import CostModel

/// A mapping of YAML being read key by key; what nobody asked for is an error.
///
/// Decoders of YAML say nothing of unknown keys or lines, so specs are read from nodes.
package struct YAMLFields: Fields {
  package let file: String
  package let path: String
  package let location: SourceLocation
  private let block: Block
  private let entries: [(key: String, at: SourceLocation, value: YAMLNode)]
  private var asked: Set<String> = []

  /// What `read` makes of a file, from its top, which has to be a mapping; or all that is wrong with it.
  package static func reading<Result>(
    _ source: SourceFile, _ block: Block, _ read: (inout YAMLFields) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    try YAMLReader.reading(source, block) { node throws(InputError) in
      var top = try YAMLFields(node, block, file: source.name, path: "")
      let result = try read(&top)
      try top.finish()
      return result
    }
  }

  init(_ node: YAMLNode, _ block: Block, file: String, path: String) throws(InputError) {
    self.file = file
    self.path = path
    self.block = block
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

  func has(_ key: String) -> Bool { block.key(key) != nil && entries.contains { $0.key == key } }

  package func asks(_ names: [String], _ type: ValueType) { FieldTrace.note(names, type, in: block) }

  package mutating func node(_ names: [String]) -> YAMLNode? {
    asked.formUnion(names)
    guard let value = entries.first(where: { names.contains($0.key) && block.key($0.key) != nil })?.value
    else { return nil }
    return value.isNull ? nil : value
  }

  /// `key: none`, where a block would stand.
  mutating func isNone(_ key: String) -> Bool {
    asks([key], .orNone(.any))
    return node([key])?.string == "none"
  }

  /// Where a misspelling of the key stands, that is the error.
  package func missing(_ key: String, accepted: String) -> InputError {
    let strays = entries.filter { !asked.contains($0.key) }
    if let stray = strays.first(where: { !Suggestion.nearest(to: $0.key, among: [key]).isEmpty }) {
      return InputError(
        .data, at: stray.at,
        "unknown key “\(name(stray.key))”\(Suggestion.phrase(for: stray.key, among: [key]))"
      ).being(.unknownKey)
    }
    return InputError(.data, at: location, "“\(name(key))” is missing; \(accepted)").being(.missing(key))
  }

  /// Refuses a key that was never asked for.
  package func finish() throws(InputError) {
    guard let stray = entries.first(where: { !asked.contains($0.key) }) else { return }
    let known = asked.sorted()
    throw InputError(
      .data, at: stray.at,
      "unknown key “\(name(stray.key))”\(Suggestion.phrase(for: stray.key, among: known))"
        + " (accepted here: \(known.joined(separator: ", ")))"
    ).being(.unknownKey)
  }
}

// MARK: - Nested values

extension YAMLFields {
  /// What reports print in headings and tables: a line of them has to hold it.
  package mutating func label(_ key: String) throws(InputError) -> String? {
    try value([key], .label) {
      guard let text = $0.string, (1...100).contains(text.unicodeScalars.count),
        !text.unicodeScalars.contains(where: \.isControl)
      else { return nil }
      return text
    }
  }

  package mutating func fields(_ key: String, _ block: Block) throws(InputError) -> YAMLFields? {
    asks([key], .block(block))
    guard let node = node([key]) else { return nil }
    return try YAMLFields(node, block, file: file, path: name(key))
  }

  package mutating func list(_ key: String, of items: ValueType = .any) throws(InputError) -> [YAMLNode]? {
    try value([key], .list(items), \.items)
  }

  /// A list of mappings.
  ///
  /// - Parameter step: the path of the item at an index, for messages.
  package mutating func blocks(
    _ key: String, _ block: Block, step: (String, Int) -> String = { "\($0).\($1)" }
  ) throws(InputError) -> [YAMLFields]? {
    guard let nodes = try list(key, of: .block(block)) else { return nil }
    var result: [YAMLFields] = []
    for (index, node) in nodes.enumerated() {
      result.append(try YAMLFields(node, block, file: file, path: step(name(key), index)))
    }
    return result
  }

  /// A list of numbers.
  package mutating func numbers(
    _ key: String, in range: ClosedRange<Double>
  ) throws(InputError) -> [Double]? {
    let type = ValueType.list(.number(range))
    guard let items = try value([key], type, \.items) else { return nil }
    return try each(items, key, accepted: type.accepted) {
      $0.number.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  package mutating func strings(_ key: String) throws(InputError) -> [String]? {
    guard let items = try list(key, of: .text) else { return nil }
    return try each(items, key, accepted: "text", \.string)
  }

  /// A number format by any of its names.
  package mutating func numberFormat(_ names: String...) throws(InputError) -> NumberFormat? {
    try value(names, .spelling(NumberFormat.spellings.map { $0.names[0] })) {
      $0.string.flatMap { NumberFormat(name: $0) }
    }
  }
}
