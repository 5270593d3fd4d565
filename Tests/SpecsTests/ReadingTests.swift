import CostModel
import Testing

@testable import Specs

/// Quantities of profiles: a number, a prefix, a unit, and nothing else.
@Suite struct QuantityTests {
  @Test(arguments: [
    ("3.35 TB/s", Quantity.Dimension.bytesPerSecond, 3.35e12), ("1.5 us", .seconds, 1.5e-6),
    ("80 GiB", .bytes, 80 * 0x1p30),
    ("256 KiB", .bytes, 262_144), ("1 kB", .bytes, 1000), ("1 KB", .bytes, 1000),
    ("989.4 TFLOP/s", .flopsPerSecond, 989.4e12), ("1 TFLOPS", .flopsPerSecond, 1e12),
    ("1979 TOPS", .flopsPerSecond, 1979e12), ("1.83 GHz", .hertz, 1.83e9), ("700 W", .watts, 700),
    ("2.5e4 USD", .dollars, 25_000), ("  1   B ", .bytes, 1),
  ])
  func isRead(_ text: String, _ dimension: Quantity.Dimension, _ value: Double) throws {
    let got = try #require(Quantity.parse(text, dimension))
    #expect(abs(got / value - 1) < 1e-15)
  }

  @Test(arguments: [
    ("80", Quantity.Dimension.bytes), ("GiB", .bytes), ("80GiB", .bytes), ("80 GiB/s", .bytes),
    ("80 gib", .bytes),
    ("-1 B", .bytes), ("0 B", .bytes), ("nan B", .bytes), ("inf B", .bytes), ("1 B B", .bytes),
    ("1 mW", .watts), ("1e-4 W", .watts), ("1e13 TFLOP/s", .flopsPerSecond), ("1 Hz", .watts),
  ])
  func isRefused(_ text: String, _ dimension: Quantity.Dimension) {
    #expect(Quantity.parse(text, dimension) == nil)
  }

  @Test(arguments: [
    (80 * 0x1p30, Quantity.Dimension.bytes, "80 GiB"), (1000, .bytes, "1 kB"),
    (3.35e12, .bytesPerSecond, "3.35 TB/s"), (989.4e12, .flopsPerSecond, "989.4 TFLOP/s"),
    (700, .watts, "700 W"),
  ])
  func isWrittenInTheUnitThatSaysItExactly(_ value: Double, _ dimension: Quantity.Dimension, _ text: String) {
    #expect(Quantity.text(value, dimension) == text)
    #expect(Quantity.parse(text, dimension) == value)
  }
}

/// What could blow up is refused where the parser meets it; the same characters inside text are not.
@Suite struct YAMLReaderTests {
  private static func refusal(_ text: String) -> String? {
    do {
      _ = try YAMLReader.read(SourceFile(name: "a.yaml", text: text))
      return nil
    } catch { return "\(error)" }
  }

  @Test(arguments: [
    ("a: &x 1", "a.yaml:1:4: anchors"), ("a: 1\nb: *x", "a.yaml:2:4: anchors"),
    ("[&a 1]", "a.yaml:1:2: anchors"), ("a: !!str 1", "a.yaml:1:4: tags"),
    ("a: \u{0}", "a.yaml:1:4: not valid YAML: control"),
    ("b: 1\né: \u{7}", "a.yaml:2:4: not valid YAML: control"),
    ("a: 1\nb: 2\na: 3", "a.yaml:3:1: duplicate key “a”"),
    ("a: 1\n---\nb: 1", "a.yaml:2:1: a second document"),
    ("", "no YAML document"), ("# only\n", "no YAML document"),
    ("? [a]\n: 1", "a key has to be a word, found a list"),
    (String(repeating: "[", count: 33), "a.yaml:1:33: nested more than 32"),
    (String(repeating: "{a: ", count: 33), "nested more than 32"),
    (String(repeating: "- ", count: 33), "nested more than 32"),
    (
      (0..<33).map { String(repeating: " ", count: $0) + "b:" }.joined(separator: "\n"), "nested more than 32"
    ),
    // An apostrophe within a word, then lists of lists of … in a key.
    (
      "it's: &a [x, x]\n"
        + (98...104).map { "\(UnicodeScalar($0)!)': &b\($0) [*a, *a, *a, *a, *a, *a]\n" }.joined()
        + "? [*b104, *b104]\n: 1\n", "a.yaml:1:7: anchors"
    ),
  ])
  func isRefused(_ text: String, _ words: String) throws {
    #expect(try #require(Self.refusal(text)).contains(words))
  }

  @Test(arguments: [
    "a: 1", "a: \"&x *y [[[\"", "a: 'it is *fine*'", "a: R&D", "a: cost & benefit", "a: 2*3", "\u{FEFF}a: 1",
    "# &x *y {{{\nb: 1", "a: \"\\\" &x\"", "a: it's &b", "---\na: 1\n...\n",
    String(repeating: "[", count: 32) + String(repeating: "]", count: 32),
    "[" + String(repeating: "[], ", count: 100) + "]", "a: b - c - d", "a: |\n  two\n  lines\n",
  ])
  func isAccepted(_ text: String) { #expect(Self.refusal(text) == nil) }

  private static func top<Result>(
    _ text: String, _ block: Block = Block("any", "", names: Key("NAME", "", else: "")),
    _ read: (inout YAMLFields) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    try YAMLFields.reading(SourceFile(name: "a.yaml", text: text), block, read)
  }

  @Test func styles() throws {
    let text =
      "a: |\n  1\n  2\nb: >-\n  x\n  y\nc: 'it''s'\nd: \"\\u00e9\"\ne:\nf: \"~\"\ng: {h: [1, 2]}\n"
    try Self.top(text) { top throws(InputError) in
      let (a, b, c) = (try top.string("a"), try top.string("b"), try top.string("c"))
      #expect(a == "1\n2\n" && b == "x y" && c == "it's")
      let (d, e, f) = (try top.string("d"), try top.string("e"), try top.string("f"))
      #expect(d == "é" && e == nil && f == "~")
      var g = try top.fields("g", Block("any", "", names: Key("NAME", "", else: "")))
      let h = try g?.numbers("h", in: 0...9)
      #expect(h == [1, 2])
    }
  }

  @Test func whatIsNotDocumentedIsNotRead() throws {
    let block = Block("block", "", [Key("known", "Documented.", else: "0")])
    #expect(throws: InputError.self) {
      try Self.top("known: 1\nforgotten: 2\n", block) { top throws(InputError) in
        let (known, forgotten) = (try top.int("known"), try top.int("forgotten"))
        #expect(known == 1 && forgotten == nil)
        throw InputError(.data, "seen")
      }
    }
  }

  /// Each fault once, where it stands, and nothing that only follows from one.
  @Test func allFaultsAtOnce() throws {
    let text = """
      name: mine
      hidden_size: wide
      num_hidden_layers: 4
      position: {type: rotry}
      num_attention_heads: 32
      num_key_value_heads: 8
      intermediate_size: 1024
      layer_kinds:
        local: {attention: {sliding_window: -3}}
        global: {attention: {windows: 3}}
      layer_pattern: [local, glob]
      colour: blue
      """
    let error = try #require(throws: InputError.self) {
      try ModelReader.read(SourceFile(name: "mine.yaml", text: text))
    }
    let found = error.all.map(\.description)
    let expected = [
      "2:14: “hidden_size”", "1:1: “vocab_size” is missing",
      "9:39: “layer_kinds.local.attention.sliding_window”",
      "10:24: unknown key “layer_kinds.global.attention.windows”", "11:24: “layer_pattern” holds “glob”",
      "12:1: unknown key “colour”", "4:18: “position.type”",
    ]
    for words in expected {
      #expect(found.contains { $0.contains("mine.yaml:\(words)") }, "\(words): \(found)")
    }
    #expect(found.count == expected.count, "\(found)")
  }

  /// Numbers that are too small for their digits to be scaled.
  @Test func tinyNumbersAreNone() { #expect(Digits.significant(.leastNonzeroMagnitude, 3) == "0") }

  /// The shortest period, in whatever place of it the layers end.
  @Test(arguments: [
    ("a, b", 7, "[a, b]"), ("a, b, b", 8, "[a, b*2]"), ("a, b*19999", 20_000, "[a, b*19999]"),
    ("a, a, b, a, a, b, a, a", 8, "[a*2, b]"), ("a*3, b, a*2", 6, "[a*3, b]"),
  ])
  func patternsAreWrittenShort(pattern: String, layers: Int, written: String) throws {
    let spec = """
      name: x
      hidden_size: 8
      num_hidden_layers: \(layers)
      vocab_size: 9
      attention: {num_attention_heads: 2}
      feed_forward: {intermediate_size: 8}
      layer_kinds: {a: {}, b: {feed_forward: none}}
      layer_pattern: [\(pattern)]
      """
    let model = try ModelReader.read(SourceFile(name: "x.yaml", text: spec))
    let yaml = ModelWriter.yaml(model)
    #expect(yaml.contains("\nlayer_pattern: \(written)\n"), "\(yaml)")
    #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)).pattern == model.pattern)
  }
}
