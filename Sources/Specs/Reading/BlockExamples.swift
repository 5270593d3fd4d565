/// Values of keys as an example file has them: by block, by key.
package struct BlockExamples {
  /// Values as they stand, in one line.
  package private(set) var values: [String: [String: String]] = [:]

  package init() {}

  /// Adds what a file has that none before it had.
  ///
  /// - Parameter types: of each block's keys, as `FieldTrace` gives them.
  package mutating func add(_ source: SourceFile, of root: Block, types: [String: [String: ValueType]])
    throws(InputError)
  {
    add(try YAMLReader.read(source), of: root, types)
  }

  private mutating func add(_ node: YAMLNode, of block: Block, _ types: [String: [String: ValueType]]) {
    for (name, value) in node.members ?? [] {
      guard let key = block.key(name.string ?? "")?.names[0] else { continue }
      if values[block.name]?[key] == nil { values[block.name, default: [:]][key] = value.flow }
      add(value, as: types[block.name]?[key] ?? .any, types)
    }
  }

  private mutating func add(_ value: YAMLNode, as type: ValueType, _ types: [String: [String: ValueType]]) {
    switch type {
    case .block(let block): add(value, of: block, types)
    case .list(let item): for node in value.items ?? [] { add(node, as: item, types) }
    case .orNone(let type): add(value, as: type, types)
    default: break
    }
  }
}

extension YAMLNode {
  /// In one line.
  fileprivate var flow: String {
    if let items { return "[\(items.map(\.flow).joined(separator: ", "))]" }
    if let members {
      return "{\(members.map { "\($0.key.flow): \($0.value.flow)" }.joined(separator: ", "))}"
    }
    return string ?? ""
  }
}

extension Block {
  /// Keys of blocks that may stand at the top of a model spec without them, by block.
  package static let loose: [(block: Block, keys: [String])] = PlainSpec.blocks.compactMap { name, keys in
    [.attention, .feedForward, .position].first { $0.name == name }.map { ($0, keys) }
  }
}
