import Basics

/// Lines of YAML, indented by two spaces a level.
package struct YAMLText {
  private(set) var lines: [String] = []
  private var depth: Int

  mutating func comment(_ text: String) {
    for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
      lines.append(indent + (part.isEmpty ? "#" : "# " + part.inert))
    }
  }

  mutating func raw(_ key: String, _ value: String) { lines.append("\(indent)\(key): \(value)") }
  mutating func put(_ key: String, _ value: Int) { raw(key, String(value)) }
  mutating func put(_ key: String, _ value: Bool) { raw(key, value ? "true" : "false") }
  mutating func put(_ key: String, text: String) { raw(key, Self.quoted(text)) }

  /// A number that reads back the same; whole ones without a point.
  mutating func put(_ key: String, _ value: Double) {
    raw(key, value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)")
  }

  mutating func list(_ key: String, _ items: [String]) {
    raw(key, "[" + items.joined(separator: ", ") + "]")
  }

  mutating func texts(_ key: String, _ items: [String]) {
    lines.append("\(indent)\(key):")
    for item in items { lines.append("\(indent)  - \(Self.quoted(item))") }
  }

  /// A nested block; `{}` when `body` writes nothing.
  mutating func block(_ key: String, _ body: (inout YAMLText) -> Void) {
    let heading = lines.count
    lines.append("\(indent)\(key):")
    depth += 1
    body(&self)
    depth -= 1
    if lines.count == heading + 1 { lines[heading] += " {}" }
  }

  /// A list of blocks, one for each of `items`.
  mutating func blocks<Item>(_ key: String, _ items: [Item], _ body: (Item, inout YAMLText) -> Void) {
    lines.append("\(indent)\(key):")
    for item in items {
      var block = YAMLText(depth: depth + 2)
      body(item, &block)
      // The dash stands in the place of the first line's last two spaces.
      for (index, line) in block.lines.enumerated() {
        lines.append(index == 0 ? "\(indent)  - \(line.dropFirst(2 * depth + 4))" : line)
      }
    }
  }

  mutating func put(_ key: String, _ value: Double?, _ dimension: Quantity.Dimension) {
    if let value { raw(key, Quantity.text(value, dimension)) }
  }

  /// Lines of `body` that `base` does not have, under `key`: what differs from a default.
  mutating func difference(
    _ key: String, _ body: (inout YAMLText) -> Void, from base: (inout YAMLText) -> Void
  ) {
    var known = YAMLText(depth: depth + 1)
    base(&known)
    var own = YAMLText(depth: depth + 1)
    body(&own)
    let kept = own.lines.filter { !known.lines.contains($0) }
    guard !kept.isEmpty else { return }
    lines.append("\(indent)\(key):")
    lines += kept
  }

  init(depth: Int = 0) { self.depth = depth }

  var text: String { lines.joined(separator: "\n") + "\n" }

  private var indent: String { String(repeating: "  ", count: depth) }

  /// Double-quoted, with what YAML would take apart escaped.
  package static func quoted(_ text: String) -> String {
    let inside = text.escaped { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "\n": "\\n"
      case "\t": "\\t"
      case _ where scalar.isControl:
        "\\U" + String(scalar.value, radix: 16, uppercase: true).padded(to: 8, with: "0")
      default: nil
      }
    }
    return "\"\(inside)\""
  }
}
