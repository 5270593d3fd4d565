import Specs

/// A `config.json` object being read key by key.
///
/// Every key that is read, and every default that stands in for one, is kept for the report; a key that nobody
/// asked for and that is not known to leave the architecture alone is an error.
struct ConfigFields {
  let file: String
  /// Dotted path from the top, for messages.
  let path: String
  /// `model_type`, for messages.
  let family: String
  let location: SourceLocation
  private(set) var members: [JSONMember]
  private(set) var origins: [FigureOrigin] = []
  private(set) var asked: Set<String> = []

  init(_ node: JSONNode, file: String, path: String, family: String) throws(InputError) {
    self.file = file
    self.path = path
    self.family = family
    location = SourceLocation(file: file, line: node.line, column: node.column)
    guard let members = node.members else {
      throw InputError(
        .data, at: location,
        "\(path.isEmpty ? "the document" : "“\(path)”") has to be an object, found \(node.shown)")
    }
    self.members = members
  }

  func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func place(_ node: JSONNode) -> SourceLocation {
    SourceLocation(file: file, line: node.line, column: node.column)
  }

  func has(_ key: String) -> Bool { members.contains { $0.key == key && !$0.value.isNull } }

  /// The key is there and says `null`, which in a config switches something off.
  func saysNull(_ key: String) -> Bool { members.contains { $0.key == key && $0.value.isNull } }

  /// The value under the first of `names` that is there; `null` counts as absent.
  mutating func node(_ names: [String]) throws(InputError) -> JSONNode? {
    asked.formUnion(names)
    let found = members.filter { names.contains($0.key) && !$0.value.isNull }
    guard let first = found.first else { return nil }
    if let other = found.first(where: { $0.value.value != first.value.value }) {
      throw InputError(
        .data, at: place(other.value),
        "“\(name(first.key))” and “\(name(other.key))” mean the same and differ: \(first.value.shown), \(other.value.shown)"
      )
    }
    origins.append(FigureOrigin(key: name(first.key), value: first.value.shown, line: first.line))
    return first.value
  }

  mutating func defaulted<T>(_ names: [String], _ value: T) -> T {
    origins.append(FigureOrigin(key: name(names[0]), value: "\(value)", line: nil))
    return value
  }

  func wrong(_ names: [String], _ node: JSONNode, accepted: String) -> InputError {
    InputError(.data, at: place(node), "“\(name(names[0]))” is \(node.shown); accepted: \(accepted)")
  }

  func missing(_ names: [String], accepted: String) -> InputError {
    InputError(
      .data, at: location,
      "“\(name(names[0]))” is missing, and family \(family) has no safe default for it; \(accepted)")
  }

  /// Takes over what a nested object has been asked.
  mutating func absorb(_ child: ConfigFields) { origins += child.origins }
}

// MARK: - Typed access

extension ConfigFields {
  static let sizes = 1...1_000_000_000

  mutating func int(_ names: String..., in range: ClosedRange<Int> = ConfigFields.sizes) throws(InputError)
    -> Int?
  { try whole(names, range) }

  mutating func int(
    _ names: String..., or fallback: Int, in range: ClosedRange<Int> = ConfigFields.sizes
  ) throws(InputError) -> Int {
    try whole(names, range) ?? defaulted(names, fallback)
  }

  mutating func required(_ names: String..., in range: ClosedRange<Int> = ConfigFields.sizes)
    throws(InputError)
    -> Int
  {
    guard let value = try whole(names, range) else {
      throw missing(names, accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private mutating func whole(_ names: [String], _ range: ClosedRange<Int>) throws(InputError) -> Int? {
    guard let node = try node(names) else { return nil }
    guard let value = node.int, range.contains(value) else {
      throw wrong(names, node, accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  mutating func number(_ names: String..., in range: ClosedRange<Double>) throws(InputError) -> Double? {
    guard let node = try node(names) else { return nil }
    guard let value = node.number, range.contains(value) else {
      throw wrong(names, node, accepted: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Python takes `null` as false; where the family's default is true, the two readings differ.
  mutating func bool(_ names: String..., or fallback: Bool) throws(InputError) -> Bool {
    guard let node = try node(names) else {
      if fallback, let null = members.first(where: { names.contains($0.key) && $0.value.isNull }) {
        throw wrong([null.key], null.value, accepted: "true or false")
      }
      return defaulted(names, fallback)
    }
    guard let value = node.bool else { throw wrong(names, node, accepted: "true or false") }
    return value
  }

  mutating func string(_ names: String...) throws(InputError) -> String? {
    guard let node = try node(names) else { return nil }
    guard let value = node.string else { throw wrong(names, node, accepted: "text") }
    return value
  }

  mutating func fields(_ key: String) throws(InputError) -> ConfigFields? {
    asked.insert(key)
    guard let member = members.first(where: { $0.key == key && !$0.value.isNull }) else { return nil }
    return try ConfigFields(member.value, file: file, path: name(key), family: family)
  }

  /// A flag of which only one value can be expressed.
  mutating func only(_ key: String, _ accepted: Bool, because reason: String) throws(InputError) {
    guard let node = try node([key]) else { return }
    guard node.bool == accepted else {
      throw wrong([key], node, accepted: "\(accepted), since \(reason)")
    }
  }

  /// Reads one of a few words.
  mutating func word(_ key: String, _ accepted: [String]) throws(InputError) -> String? {
    guard let node = try node([key]) else { return nil }
    guard let text = node.string, accepted.contains(text) else {
      throw wrong(
        [key], node,
        accepted: accepted.joined(separator: ", ")
          + Suggestion.phrase(for: node.string ?? "", among: accepted))
    }
    return text
  }

  /// One word for each of `count` layers, such as `layer_types`.
  mutating func words(_ key: String, count: Int, _ accepted: [String]) throws(InputError) -> [String]? {
    guard let node = try node([key]) else { return nil }
    guard let items = node.array, items.count == count else {
      throw wrong([key], node, accepted: "a list of \(count), one for each layer")
    }
    var words: [String] = []
    for item in items {
      guard let text = item.string, accepted.contains(text) else {
        throw wrong(
          [key], item,
          accepted: accepted.joined(separator: ", ")
            + Suggestion.phrase(for: item.string ?? "", among: accepted))
      }
      words.append(text)
    }
    return words
  }

  /// A list of whole numbers.
  mutating func ints(_ key: String, in range: ClosedRange<Int>) throws(InputError) -> [Int]? {
    guard let node = try node([key]) else { return nil }
    guard let items = node.array else { throw wrong([key], node, accepted: "a list of whole numbers") }
    var values: [Int] = []
    for item in items {
      guard let value = item.int, range.contains(value) else {
        throw wrong(
          [key], item, accepted: "whole numbers from \(range.lowerBound) to \(range.upperBound)")
      }
      values.append(value)
    }
    return values
  }

  /// Marks keys that are understood and change nothing that rooftree counts.
  mutating func ignore(_ keys: String...) { asked.formUnion(keys) }

  /// Refuses what nobody asked for.
  func finish(ignoring extra: Set<String> = []) throws(InputError) {
    for member in members
    where !asked.contains(member.key) && !member.value.isNull && !extra.contains(member.key)
      && !IgnoredKeys.contains(member.key)
    {
      throw InputError(
        .data, at: SourceLocation(file: file, line: member.line, column: member.column),
        "“\(name(member.key))” is not understood by family \(family)"
          + Suggestion.phrase(for: member.key, among: asked.sorted())
          + "; if it does not change sizes or structure, `rooftree import … --ignore-key \(member.key)` reads over it"
      )
    }
  }
}

extension ConfigFields {
  /// The same object without some keys, for a reader that would misunderstand them.
  static func without(_ keys: Set<String>, _ config: ConfigFields) -> ConfigFields {
    var copy = config
    copy.members = config.members.filter { !keys.contains($0.key) }
    return copy
  }

  mutating func append(_ more: [JSONMember]) { members += more }

  /// Takes over what a copy made by `without` has been asked.
  mutating func adopt(_ copy: ConfigFields) {
    origins = copy.origins
    asked.formUnion(copy.asked)
  }
}
