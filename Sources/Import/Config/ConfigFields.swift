import Specs

/// A `config.json` object being read key by key.
///
/// Every key that is read, and every default that stands in for one, is kept for the report; a key that nobody
/// asked for and that is not known to leave the architecture alone is an error.
struct ConfigFields: Fields {
  let file: String
  let path: String
  /// `model_type`, for messages.
  let family: String
  let location: SourceLocation
  private(set) var members: [JSONMember]
  private(set) var origins: [FigureOrigin] = []
  private(set) var asked: Set<String> = []
  /// Keys that the class's defaults filled in.
  private var filled: Set<String> = []

  init(_ node: JSONNode, file: String, path: String, family: String) throws(InputError) {
    self.file = file
    self.path = path
    self.family = family
    location = node.location(in: file)
    guard let members = node.members else {
      throw InputError(
        .data, at: location,
        "\(path.isEmpty ? "the document" : "“\(path)”") has to be an object, found \(node.shown)")
    }
    self.members = members
  }

  func has(_ key: String) -> Bool { members.contains { $0.key == key && !$0.value.isNull } }

  /// The key is there and says `null`, which in a config switches something off.
  func saysNull(_ key: String) -> Bool { members.contains { $0.key == key && $0.value.isNull } }

  /// Spellings that contradict each other are refused.
  mutating func node(_ names: [String]) throws(InputError) -> JSONNode? {
    asked.formUnion(names)
    let found = members.filter { names.contains($0.key) && !$0.value.isNull }
    guard let first = found.first else { return nil }
    if let other = found.first(where: { $0.value.value != first.value.value }) {
      throw InputError(
        .data, at: other.value.location(in: file),
        "“\(name(first.key))” and “\(name(other.key))” mean the same and differ: \(first.value.shown), \(other.value.shown)"
      )
    }
    origins.append(
      FigureOrigin(
        key: name(first.key), value: first.value.shown, line: filled.contains(first.key) ? nil : first.line))
    return first.value
  }

  mutating func defaulted<T>(_ names: [String], _ value: T) -> T {
    origins.append(FigureOrigin(key: name(names[0]), value: "\(value)", line: nil))
    return value
  }

  func missing(_ key: String, accepted: String) -> InputError {
    InputError(
      .data, at: location,
      "“\(name(key))” is missing, and family \(family) has no safe default for it; \(accepted)")
  }

  /// Where the largest size stands that `number` is a multiple of; the object's beginning where none is.
  func place(of number: Int?) -> SourceLocation {
    let factors = members.compactMap { member in
      member.value.int.flatMap { size in
        asked.contains(member.key) && size > 1 && number?.isMultiple(of: size) == true
          ? (size: size, place: member.value.location(in: file)) : nil
      }
    }
    return factors.max { $0.size < $1.size }?.place ?? location
  }

  /// Takes over what a nested object has been asked.
  mutating func absorb(_ child: ConfigFields) { origins += child.origins }
}

// MARK: - Typed access

extension ConfigFields {
  mutating func int(
    _ names: String..., or fallback: Int, in range: ClosedRange<Int> = 1...1_000_000_000
  ) throws(InputError) -> Int {
    try int(names, in: range) ?? defaulted(names, fallback)
  }

  /// Python takes `null` as false; where the family's default is true, the two readings differ.
  mutating func bool(_ names: String..., or fallback: Bool) throws(InputError) -> Bool {
    if let value = try value(names, accepted: "true or false", \.bool) { return value }
    if fallback, let null = members.first(where: { names.contains($0.key) && $0.value.isNull }) {
      throw wrong(null.value, null.key, accepted: "true or false")
    }
    return defaulted(names, fallback)
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
      throw wrong(node, key, accepted: "\(accepted), since \(reason)")
    }
  }

  /// One word for each of `count` layers, such as `layer_types`.
  mutating func words(_ key: String, count: Int, _ accepted: [String]) throws(InputError) -> [String]? {
    let items = try value([key], accepted: "a list of \(count), one for each layer") { node in
      node.array.flatMap { $0.count == count ? $0 : nil }
    }
    guard let items else { return nil }
    var words: [String] = []
    for item in items { words.append(try word(item, key, accepted)) }
    return words
  }

  /// A list of whole numbers.
  mutating func ints(_ key: String, in range: ClosedRange<Int>) throws(InputError) -> [Int]? {
    guard let items = try value([key], accepted: "a list of whole numbers", \.array) else { return nil }
    return try each(items, key, accepted: "whole numbers from \(range.lowerBound) to \(range.upperBound)") {
      $0.int.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// Marks keys that are understood and change nothing that rooftree counts.
  mutating func ignore(_ keys: String...) { asked.formUnion(keys) }
  mutating func ignore(_ keys: [String]) { asked.formUnion(keys) }

  /// The key holds an object.
  func hasObject(_ key: String) -> Bool { members.contains { $0.key == key && $0.value.members != nil } }

  func says(_ key: String, _ flag: Bool) -> Bool {
    members.contains { $0.key == key && $0.value.bool == flag }
  }

  /// Refuses what nobody asked for; remarks on what cannot change sizes by what it is called or says.
  @discardableResult
  func finish(ignoring extra: Set<String> = []) throws(InputError) -> [String] {
    var remarks: [String] = []
    for member in members
    where !asked.contains(member.key) && !member.value.isNull && !extra.contains(member.key)
      && !IgnoredKeys.contains(member.key)
    {
      if let what = HarmlessKeys.kind(member.key, member.value) {
        remarks.append("“\(name(member.key))” is new and was read over: it names \(what)")
        continue
      }
      throw InputError(
        .data, at: SourceLocation(file: file, line: member.line, column: member.column),
        "“\(name(member.key))” is not understood by family \(family)"
          + Suggestion.phrase(for: member.key, among: asked.sorted())
          + "; if it does not change sizes or structure, `rooftree import … --ignore-key \(member.key)` reads over it"
      )
    }
    return remarks
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

  /// Sizes that the file leaves to its class; what it says, `null` among it, holds.
  mutating func fill(_ defaults: [(key: String, value: Int)]) {
    let counts: Set = ["num_experts", "num_local_experts", "n_routed_experts"]
    let stated = Set(members.map(\.key))
    let counted = !counts.isDisjoint(with: stated)
    for (key, value) in defaults where !stated.contains(key) && !(counted && counts.contains(key)) {
      filled.insert(key)
      members.append(
        JSONMember(
          key: key, line: location.line, column: location.column,
          value: JSONNode(value: .number("\(value)"), line: location.line, column: location.column)))
    }
  }

  /// Takes over what a copy made by `without` has been asked.
  mutating func adopt(_ copy: ConfigFields) {
    origins = copy.origins
    asked.formUnion(copy.asked)
  }
}
