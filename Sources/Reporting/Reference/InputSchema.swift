import Specs

extension ReferencePage {
  /// JSON Schema, for editors and checks.
  var schema: JSONValue {
    let inner = blocks.dropFirst()
    return .members(
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      ("title", .string("rooftree: \(input.title.lowercased())")),
      ("description", .string(input.root.meaning)), ("$ref", Self.link(input.root)),
      ("$defs", .object(([input.root] + inner).map { .init($0.name, object($0)) })))
  }

  private static func link(_ block: Block) -> JSONValue {
    .string("#/$defs/\(block.name.split(separator: " ").joined(separator: "%20"))")
  }

  private func object(_ block: Block) -> JSONValue {
    var properties: [JSONValue.Member] = []
    for key in block.keys {
      for name in key.names { properties.append(.init(name, property(block, key))) }
    }
    if block.name == Block.model.name {
      for (loose, keys) in Block.loose {
        for name in keys {
          if let key = loose.key(name) { properties.append(.init(name, property(loose, key))) }
        }
      }
    }
    var members: [JSONValue.Member] = [
      .init("type", .array([.string("object"), .string("null")])),
      .init("description", .string(block.meaning)),
      .init("properties", .object(properties)),
      .init("additionalProperties", block.names.map { property(block, $0) } ?? .bool(false)),
    ]
    // Models have a base, and kinds of layer a model, to take what is needed from.
    let needed = input.root.name == Block.model.name ? [] : block.keys.filter { $0.usual == nil }
    if !needed.isEmpty { members.append(.init("required", .array(needed.map { .string($0.names[0]) }))) }
    return .object(members)
  }

  private func property(_ block: Block, _ key: Key) -> JSONValue {
    let usual = key.usual.map { " Where left out: \($0)." } ?? ""
    var members: [JSONValue.Member] = [.init("description", .string(key.meaning + usual))]
    if let type = type(block, key) { members += Self.members(type) }
    return .object(members)
  }

  private static func members(_ type: ValueType) -> [JSONValue.Member] {
    func types(_ names: String...) -> JSONValue.Member {
      .init("type", .array((names + ["null"]).map { .string($0) }))
    }
    switch type {
    case .whole(let range):
      return [
        types("integer"), .init("minimum", .number(Double(range.lowerBound))),
        .init("maximum", .number(Double(range.upperBound))),
      ]
    case .number(let range):
      return [
        types("number"), .init("minimum", .number(range.lowerBound)),
        .init("maximum", .number(range.upperBound)),
      ]
    case .truth: return [types("boolean")]
    case .text, .label: return [types("string", "number", "boolean")]
    case .word(let words): return [.init("enum", .array(words.map { .string($0) } + [.null]))]
    case .spelling(let words):
      return [
        .init(
          "anyOf",
          .array([.object([.init("enum", .array(words.map { .string($0) }))]), .object([types("string")])]))
      ]
    case .quantity(let dimension):
      return [
        types("string"), .init("pattern", .string("^[0-9.eE+-]+ +[a-zA-Zµ]*\(dimension.rawValue.prefix(1))")),
        .init("examples", .array([.string(dimension.example)])),
      ]
    case .list(let item):
      return [types("array"), .init("items", .object(members(item)))]
    case .block(let block): return [.init("$ref", link(block))]
    case .orNone(let type):
      return [
        .init("anyOf", .array([.object(members(type)), .object([.init("const", .string("none"))])]))
      ]
    case .other, .any: return []
    }
  }
}
