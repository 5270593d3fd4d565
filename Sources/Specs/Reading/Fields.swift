/// A value in a file and where it stands, whatever language the file is written in.
package protocol PositionedValue {
  /// The value as found, shortened.
  var shown: String { get }
  var int: Int? { get }
  var number: Double? { get }
  var bool: Bool? { get }
  var string: String? { get }

  func location(in file: String) -> SourceLocation
}

/// A mapping being read key by key: YAML of our own (`YAMLFields`), JSON of others (Import's `ConfigFields`).
package protocol Fields {
  associatedtype Value: PositionedValue

  var file: String { get }
  /// Dotted path from the top, for messages.
  var path: String { get }
  var location: SourceLocation { get }

  /// The value under the first of `names` that is there, all spellings of one key; an explicit `null` counts as
  /// absent.
  mutating func node(_ names: [String]) throws(InputError) -> Value?

  /// Told what is taken for a key before it is read.
  func asks(_ names: [String], _ type: ValueType)

  /// The error for a key that has to be there and is not.
  func missing(_ key: String, accepted: String) -> InputError
}

extension Fields {
  package func asks(_ names: [String], _ type: ValueType) {}

  package func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  package func wrong(_ value: Value, _ key: String, accepted: String) -> InputError {
    InputError(
      .data, at: value.location(in: file), "“\(name(key))” is \(value.shown); accepted: \(accepted)"
    ).being(.value)
  }

  // MARK: - Typed access

  /// The value as `convert` takes it; what it does not take is refused.
  package mutating func value<T>(
    _ names: [String], _ type: ValueType, _ convert: (Value) -> T?
  ) throws(InputError) -> T? {
    asks(names, type)
    guard let node = try node(names) else { return nil }
    guard let value = convert(node) else { throw wrong(node, names[0], accepted: type.accepted) }
    return value
  }

  package mutating func value<T>(
    _ names: [String], accepted: String, _ convert: (Value) -> T?
  ) throws(InputError) -> T? { try value(names, .other(accepted), convert) }

  package mutating func int(
    _ names: String..., in range: ClosedRange<Int> = 1...1_000_000_000
  ) throws(InputError) -> Int? { try int(names, in: range) }

  package mutating func int(_ names: [String], in range: ClosedRange<Int>) throws(InputError) -> Int? {
    try value(names, .whole(range)) { $0.int.flatMap { range.contains($0) ? $0 : nil } }
  }

  package mutating func requiredInt(
    _ names: String..., in range: ClosedRange<Int> = 1...1_000_000_000
  ) throws(InputError) -> Int { try requiredInt(names, in: range) }

  package mutating func requiredInt(_ names: [String], in range: ClosedRange<Int>) throws(InputError) -> Int {
    guard let value = try int(names, in: range) else {
      throw missing(names[0], accepted: ValueType.whole(range).accepted)
    }
    return value
  }

  package mutating func number(_ names: String..., in range: ClosedRange<Double>) throws(InputError)
    -> Double?
  {
    try value(names, .number(range)) {
      $0.number.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  package mutating func bool(_ names: String...) throws(InputError) -> Bool? {
    try value(names, .truth, \.bool)
  }

  package mutating func string(_ names: String...) throws(InputError) -> String? {
    try value(names, .text, \.string)
  }

  /// One of a few words.
  package mutating func word(_ key: String, _ accepted: [String]) throws(InputError) -> String? {
    asks([key], .word(accepted))
    guard let node = try node([key]) else { return nil }
    return try word(node, key, accepted)
  }

  package func word(_ value: Value, _ key: String, _ accepted: [String]) throws(InputError) -> String {
    let found = value.string ?? ""
    guard accepted.contains(found) else {
      throw wrong(
        value, key,
        accepted: accepted.joined(separator: ", ") + Suggestion.phrase(for: found, among: accepted))
    }
    return found
  }

  /// Each of a list's items as `convert` takes it.
  package func each<T>(
    _ items: [Value], _ key: String, accepted: String, _ convert: (Value) -> T?
  ) throws(InputError) -> [T] {
    var result: [T] = []
    for item in items {
      guard let value = convert(item) else { throw wrong(item, key, accepted: accepted) }
      result.append(value)
    }
    return result
  }

  package mutating func choice<T: RawRepresentable & CaseIterable>(_ key: String, _: T.Type)
    throws(InputError) -> T?
  where T.RawValue == String {
    try word(key, T.allCases.map(\.rawValue)).flatMap(T.init)
  }
}
