import Testing

@testable import Import
@testable import Specs

/// RFC 8259, strictly, with the place of what is wrong.
@Suite struct JSONTests {
  private func read(_ text: String) throws -> JSONNode {
    try JSONNode.read(SourceFile(name: "a.json", text: text))
  }

  private func problem(_ text: String) -> String {
    do {
      _ = try read(text)
      return "read"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("", "1:1", "the text ends"), ("{", "1:2", "the text ends"), ("[1,]", "1:4", "a value"),
    ("{\"a\":1,}", "1:8", "“\"”"), ("{a:1}", "1:2", "“\"”"), ("[1 2]", "1:4", "“,” or “]”"),
    ("[01]", "1:4", "start with 0"), ("[1.]", "1:4", "a digit"), ("[+1]", "1:2", "a value"),
    ("[1e]", "1:4", "a digit"), ("\"\\x\"", "1:3", "after “\\”"), ("\"\\ud800\"", "1:8", "surrogate"),
    ("\"\\udc00\"", "1:8", "surrogate"), ("\"a\nb\"", "1:3", "escaped"), ("\"abc", "1:1", "closing"),
    ("// no\n1", "1:1", "a value"), ("1 1", "1:3", "the end"), ("nul", "1:4", "“null”"),
    ("{\n \"a\": 1,\n \"a\": 2}", "3:2", "duplicate key “a”"), ("'a'", "1:1", "a value"),
    ("[\"é\", ?]", "1:7", "a value"), ("\u{FEFF}{}", "1:1", "a value"),
  ])
  func isRefused(text: String, place: String, says: String) {
    let found = problem(text)
    #expect(found.hasPrefix("a.json:\(place): ") && found.contains(says), "\(found)")
  }

  @Test func depthIsLimited() {
    #expect(problem(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)) == "read")
    #expect(problem(String(repeating: "[", count: 100_000)).contains("nested more than 32"))
    #expect(problem(String(repeating: "{\"a\":", count: 100_000)).contains("nested more than 32"))
  }

  @Test func countIsLimited() {
    #expect(problem("[" + String(repeating: "0,", count: 250_000) + "0]").contains("more than 200000 values"))
  }

  @Test func valuesAndPlaces() throws {
    let node = try read("{\"a\": [1, -2.5e3, true, null],\n  \"b\\u00e9\\ud83d\\ude00\": \"\\n/\\/\"}")
    #expect(node["a"]?.array?.map(\.number) == [1, -2500, nil, nil])
    #expect(node["a"]?.array?[2].bool == true)
    #expect(node["bé😀"]?.string == "\n//")
    #expect(node["bé😀"]?.line == 2)
    #expect(node["bé😀"]?.column == 26)
  }

  @Test func wholeNumbersStayWhole() throws {
    #expect(try read("9007199254740993").int == 9_007_199_254_740_993)
    #expect(try read("4096.0").int == 4096)
    #expect(try read("0.5").int == nil)
    #expect(try read("1e400").number == nil)
    // Python writes it; a size it cannot be.
    #expect(try read("[0.0, Infinity]").array?[1].number == nil)
  }
}
