/// A node of YAML: a scalar is what its text says, so that `"8"` is a number and `1e6` and `131_072` are whole ones.
package struct YAMLNode: PositionedValue {
  enum Content {
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    case mapping([(key: YAMLNode, value: YAMLNode)])
  }

  private let content: Content
  private let line: Int
  private let column: Int

  init(_ content: Content, line: Int, column: Int) {
    (self.content, self.line, self.column) = (content, line, column)
  }

  /// A node of other contents in the same place.
  func mapping(_ members: [(key: YAMLNode, value: YAMLNode)]) -> YAMLNode {
    YAMLNode(.mapping(members), line: line, column: column)
  }

  /// See `mapping`.
  func list(_ items: [YAMLNode]) -> YAMLNode { YAMLNode(.list(items), line: line, column: column) }

  /// A value that stands nowhere.
  static func standIn(_ text: String) -> YAMLNode {
    YAMLNode(.scalar(text, isPlain: true), line: YAMLReader.nowhere, column: 0)
  }

  func begins(at place: SourceLocation) -> Bool { line == place.line && column == place.column }

  /// See `mapping`.
  func scalar(_ text: String) -> YAMLNode {
    YAMLNode(.scalar(text, isPlain: true), line: line, column: column)
  }

  package var string: String? { if case .scalar(let text, _) = content { text } else { nil } }

  package var bool: Bool? { string.flatMap(Bool.init) }

  package var number: Double? { string.flatMap { Double($0) ?? Double($0.filter { $0 != "_" }) } }

  package var int: Int? {
    guard let number, number == number.rounded(), abs(number) < 9e15 else { return nil }
    return Int(number)
  }

  /// `null`, `~` or nothing at all, not in quotes.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["null", "~", ""].contains(text)
  }

  var items: [YAMLNode]? { if case .list(let items) = content { items } else { nil } }

  var members: [(key: YAMLNode, value: YAMLNode)]? {
    if case .mapping(let members) = content { members } else { nil }
  }

  package func location(in file: String) -> SourceLocation {
    SourceLocation(file: file, line: line, column: column)
  }

  var kindName: String {
    switch content {
    case .scalar: "a single value"
    case .mapping: "a mapping"
    case .list: "a list"
    }
  }

  package var shown: String {
    guard let string else { return kindName }
    return "“\(string.prefix(60))\(string.count > 60 ? "…" : "")”"
  }
}
