import Testing

@testable import Reporting

/// What stands in a cell never becomes markup, a formula or another cell.
@Suite struct RendererTests {
  private static func document(
    _ cells: [JSONValue] = [], _ blocks: [Document.Block] = [], title: String = "t"
  ) -> Document {
    Document(
      title: title, blocks: blocks, records: Records(columns: cells.map { _ in "c" }, rows: [cells]),
      json: .null)
  }

  @Test(arguments: [
    (JSONValue.string("plain"), "plain"), (.string("a,b"), "\"a,b\""), (.string("a\"b"), "\"a\"\"b\""),
    (.string("a\nb"), "\"a\nb\""), (.string("=1+1"), "'=1+1"), (.string("-x,y"), "\"'-x,y\""),
    (.string("@x"), "'@x"), (.number(-1), "-1"), (.number(1e21), "1e+21"), (.number(.nan), ""),
    (.number(0.1), "0.1"), (.bool(true), "true"), (.null, ""), (.array([]), ""),
    (.string("a\r\nb"), "\"a\r\nb\""), (.string(",\u{301}"), "\",\u{301}\""),
    (.string("\"\u{301}"), "\"\"\"\u{301}\""),
    (.string("=\u{301}1"), "'=\u{301}1"), (.string("  @x"), "'  @x"), (.string("＝1"), "'＝1"),
    (.string("a\u{202e}"), "a "),
    (.array([.string("=a"), .number(1)]), "'=a; 1"), (.array([.string("a,"), .string("b")]), "\"a,; b\""),
  ])
  func cellsOfCSV(_ value: JSONValue, _ text: String) {
    #expect(ReportFormat.csv.text(of: Self.document([value])) == "c\n\(text)\n")
  }

  @Test(arguments: [
    ("a|b", "a\\|b"), ("<b>", "\\<b\\>"), ("x_y*z*", "x\\_y\\*z\\*"), ("[a](b)", "\\[a\\](b)"),
    ("a\\b`c`", "a\\\\b\\`c\\`"), ("a\nb", "a b"), ("|\u{301}<\u{338}", "\\|\u{301}\\<\u{338}"),
    ("a\u{9b}\u{202e}b", "a  b"),
  ])
  func textOfMarkdownIsEscaped(_ text: String, _ escaped: String) {
    let table = Table(columns: [("n", .left), (text, .right)], rows: [["", text]], hasTotal: true)
    let blocks: [Document.Block] = [
      .heading(text), .paragraph(text), .list([text, "b"]), .table(table), .lines(["a|b"]),
    ]
    let expected = [
      "# \(escaped)", "## \(escaped)", escaped, "- \(escaped)\n- b",
      "| n | \(escaped) |\n|---|--:|\n|  | **\(escaped)** |", "```\na|b\n```",
    ]
    let got = ReportFormat.markdown.text(of: Self.document([], blocks, title: text))
    #expect(got == (expected + [ReportFormat.mark]).joined(separator: "\n\n") + "\n")
  }

  /// Backticks in a command would end the code that shows it.
  @Test func markdownShowsTheCommand() {
    var document = Self.document()
    document.command = "rooftree show `x`"
    #expect(
      ReportFormat.markdown.text(of: document) == "# t\n\n`` rooftree show 'x' ``\n\n\(ReportFormat.mark)\n")
  }

  @Test(arguments: [
    (3.0, "3"), (-0.0, "0"), (0.1, "0.1"), (1e17, "100000000000000000"), (1e18, "1e+18"), (.infinity, "null"),
  ])
  func numbersOfJSONReadBackTheSame(_ number: Double, _ text: String) {
    #expect(JSONValue.text(of: number) == text)
  }

  @Test func textOfJSONIsEscaped() {
    #expect(JSONValue.string("a\"\\\n\t\u{1}é").serialised == "\"a\\\"\\\\\\n\\t\\u0001é\"\n")
    #expect(
      JSONValue.string("\"\u{301}\u{9b}\u{202e}\u{e0041}").serialised
        == "\"\\\"\u{301}\\u009b\\u202e\\udb40\\udc41\"\n")
  }
}
