import Specs

/// The reference of one kind of file.
struct ReferencePage {
  static let mark =
    "<!-- Made from the readers by `rooftree reference Documentation`; do not edit. -->"

  let input: Reference.Input
  /// By block, by key.
  let types: [String: [String: ValueType]]
  private let examples: [SourceFile]
  private let values: BlockExamples

  /// - Throws: `InputError` for an example that the reader does not take.
  init(_ input: Reference.Input, examples: [SourceFile]) throws {
    self.input = input
    self.examples = examples
    types = try FieldTrace.types { for example in examples { try input.read(example) } }
    var values = BlockExamples()
    for example in examples { try values.add(example, of: input.root, types: types) }
    self.values = values
  }

  /// What the reader takes for a key; nil for one that it never asked for.
  func type(_ block: Block, _ key: Key) -> ValueType? { types[block.name]?[key.names[0]] }

  /// A key's value in the examples.
  func example(_ block: Block, _ key: Key) -> String? { values.values[block.name]?[key.names[0]] }

  /// The root and all blocks within, in the order in which keys name them.
  var blocks: [Block] {
    var found = [input.root]
    var index = 0
    while index < found.count {
      let block = found[index]
      index += 1
      for key in block.keys + (block.names.map { [$0] } ?? []) {
        if let inner = type(block, key)?.inner, !found.contains(where: { $0.name == inner.name }) {
          found.append(inner)
        }
      }
    }
    return found
  }

  var markdown: String {
    var lines = [Self.mark, "# \(input.title)", "", input.root.meaning, "", input.use, ""]
    lines += [
      "Editors complete and check the keys with a first line such as", "", "```yaml",
      "# yaml-language-server: $schema=Documentation/schemas/\(input.name).json", "```",
    ]
    for block in blocks {
      if block.name == input.root.name {
        lines += ["", "## Keys", ""]
      } else {
        lines += ["", "## `\(block.name)`", "", block.meaning, ""]
      }
      lines += ["| key | meaning | value | where it is left out | example |", "|---|---|---|---|---|"]
      lines += (own(block) + (block.names.map { [$0] } ?? [])).map { row(block, $0) }
    }
    if !input.appendix.isEmpty { lines += [""] + input.appendix }
    lines += ["", "## Examples"]
    for example in examples {
      lines += ["", "`\(example.name)`:", "", "```yaml", example.text.trimmedEnd, "```"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A tower's keys are not a model's once more.
  func own(_ block: Block) -> [Key] {
    let root = Set(input.root.keys.map(\.names[0])).subtracting(["base"])
    let isTower = block.name != input.root.name && root.isSubset(of: block.keys.map(\.names[0]))
    return block.keys.filter { !isTower || !root.contains($0.names[0]) }
  }

  private func row(_ block: Block, _ key: Key) -> String {
    let names = key.names.map { "`\($0)`" }.joined(separator: ", ")
    let type = type(block, key)
    var example = example(block, key) ?? ""
    // Blocks have examples of their own.
    if type?.inner != nil || example.count > 70 { example = "" }
    let cells = [
      names, key.meaning, type?.shown ?? "", key.usual ?? "**needed**", example.isEmpty ? "" : "`\(example)`",
    ]
    return "| " + cells.map { $0.split(separator: "|").joined(separator: "\\|") }.joined(separator: " | ")
      + " |"
  }
}

extension ValueType {
  /// The block that it is, or a list of.
  var inner: Block? {
    switch self {
    case .block(let block): block
    case .list(let type), .orNone(let type): type.inner
    default: nil
    }
  }

  /// For tables.
  var shown: String {
    switch self {
    case .block(let block): "block [`\(block.name)`](#\(block.name.anchor))"
    case .list(.block(let block)): "list of [`\(block.name)`](#\(block.name.anchor))"
    case .list(.text), .list(.any): "list of texts"
    case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .spelling: "number format, such as `bf16`, `fp8`, `int4`, `q4_k`"
    case .whole(let range): "whole number, \(Self.bounds(Double(range.lowerBound), Double(range.upperBound)))"
    case .number(let range): "number, \(Self.bounds(range.lowerBound, range.upperBound))"
    case .list(.number(let range)): "list of numbers, \(Self.bounds(range.lowerBound, range.upperBound))"
    case .label: "text of up to 100 characters"
    case .orNone(let type): "\(type.shown), or `none`"
    default: accepted
    }
  }

  private static func bounds(_ low: Double, _ high: Double) -> String {
    "\(JSONValue.text(of: low)) to \(JSONValue.text(of: high))"
  }
}

extension String {
  /// As Markdown's headings are linked.
  fileprivate var anchor: String { lowercased().split(separator: " ").joined(separator: "-") }
}
