/// A mapping that a reader takes, and the one list of its keys. **A key that is not listed no reader sees**: the
/// reference, the schemas and what is accepted can't part.
package struct Block: Sendable {
  /// For headings and schemas.
  package let name: String
  /// What it describes.
  package let meaning: String
  /// In the order of the reference.
  package let keys: [Key]
  /// Its keys are names from elsewhere, such as kinds of layers; what they stand for.
  package let names: Key?

  package init(_ name: String, _ meaning: String, names: Key? = nil, _ keys: [Key] = []) {
    (self.name, self.meaning, self.names, self.keys) = (name, meaning, names, keys)
  }

  /// The entry of a key, by any of its spellings.
  package func key(_ name: String) -> Key? { keys.first { $0.names.contains(name) } ?? names }
}

/// A key of a block: what it means. Its type, unit and range are what its reader asks for.
package struct Key: Sendable {
  /// All spellings, the usual one first.
  package let names: [String]
  /// With the unit, where the value has none of its own.
  package let meaning: String
  /// What holds where it is left out; nil: it has to be there.
  package let usual: String?

  package init(_ name: String, also: [String] = [], _ meaning: String, else usual: String?) {
    (names, self.meaning, self.usual) = ([name] + also, meaning, usual)
  }
}

/// What a reader takes as a value.
package indirect enum ValueType: Sendable {
  case whole(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case truth, text, label
  case word([String])
  /// Words that are offered; further spellings are understood.
  case spelling([String])
  case quantity(Quantity.Dimension)
  case list(ValueType)
  case block(Block)
  /// Or the word `none`.
  case orNone(ValueType)
  /// In words.
  case other(String)
  /// Whatever it is: a list's items that are looked at one by one.
  case any

  /// For messages and tables.
  package var accepted: String {
    switch self {
    case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .truth: "true or false"
    case .text: "text"
    case .label: "1 to 100 characters without control characters"
    case .word(let words), .spelling(let words): words.joined(separator: ", ")
    case .quantity(let dimension): "a number and a unit, such as \(dimension.example)"
    case .list(.number(let range)): "numbers from \(range.lowerBound) to \(range.upperBound)"
    case .list: "a list"
    case .block: "a block"
    case .orNone(let type): "\(type.accepted), or none"
    case .other(let words): words
    case .any: "a value"
    }
  }
}

/// What readers asked for while a body ran.
package final class FieldTrace: @unchecked Sendable {
  @TaskLocal fileprivate static var current: FieldTrace?

  /// Types of keys, by their usual spelling, by block.
  private var types: [String: [String: ValueType]] = [:]

  /// - Returns: what readers took for each key of each block; that of keys with names from elsewhere under the name of
  ///   `Block.names`.
  package static func types(_ body: () throws -> Void) rethrows -> [String: [String: ValueType]] {
    let trace = FieldTrace()
    try $current.withValue(trace, operation: body)
    return trace.types
  }

  /// Only the task that traces calls it.
  package static func note(_ names: [String], _ type: ValueType, in block: Block) {
    guard let current, let key = block.key(names[0])?.names[0] else { return }
    let known = current.types[block.name]?[key]
    if case .orNone? = known, case .orNone = type { return }
    var noted = type
    // Names from elsewhere have ranges of their own.
    if block.keys.isEmpty, case .number(let range) = type, case .number(let wide)? = known {
      noted = .number(min(range.lowerBound, wide.lowerBound)...max(range.upperBound, wide.upperBound))
    }
    if case .orNone? = known { noted = .orNone(type) }
    current.types[block.name, default: [:]][key] = noted
  }
}
