import Foundation
import Testing

/// One clear error with its place, the accepted form, the right exit status, soon.
@Suite struct BadInputTests {
  static let model = """
    name: tiny
    hidden_size: 64
    num_hidden_layers: 2
    vocab_size: 100
    attention:
      num_attention_heads: 4
      num_key_value_heads: 2
    position:
      type: rotary
    feed_forward:
      type: dense
      intermediate_size: 128

    """
  static let hardware = """
    name: box
    cores: 4
    vector: 1 TFLOP/s
    memory:
      - name: dram
        capacity: 16 GiB
        bandwidth: 50 GB/s
        source: invented
    peaks:
      fp32: 1 TFLOP/s
    source: invented

    """

  static let brokenModels: [(change: (String, String), says: [String])] = [
    (("hidden_size", "hiden_size"), [":2:1:", "hiden_size", "hidden_size"]),
    (("hidden_size: 64\n", ""), ["hidden_size", "missing"]),
    (("vocab_size: 100", "vocab_size: -100"), [":4:13:", "-100", "from 1 to"]),
    (("vocab_size: 100", "vocab_size: 0"), [":4:13:", "from 1 to"]),
    (("vocab_size: 100", "vocab_size: 1e30"), [":4:13:", "1e30"]),
    (("vocab_size: 100", "vocab_size: .nan"), [":4:13:", ".nan"]),
    (("vocab_size: 100", "vocab_size: 1e400"), [":4:13:", "1e400"]),
    (("vocab_size: 100", "vocab_size: 99999999999999999999999"), [":4:13:"]),
    (("num_key_value_heads: 2", "num_key_value_heads: 3"), ["4", "3", "divide"]),
    (("num_attention_heads: 4", "num_attention_heads: 6"), ["head"]),
    (("type: rotary", "type: rotery"), [":9:", "rotery", "did you mean", "rotary"]),
    (("type: dense", "type: dens"), ["dens", "dense"]),
    (("name: tiny", "name: tiny\nname: again"), ["name"]),
    (("hidden_size: 64", "hidden_size: [64]"), ["hidden_size"]),
    (("name: tiny", "name: tiny\ntitle: \"\""), [":2:8:", "title", "1 to 100"]),
    (("name: tiny", "name: tiny\ntitle: \"a\\nb\\e[31m\""), [":2:8:", #"a\nb\u{1B}[31m"#]),
    (("hidden_size: 64", "hidden_size: &a 64\nnum: *a"), [":2:14:", "anchor"]),
    (("name: tiny", "name: tiny\u{202E}"), [":1:7:", "control"]),
    (("name: tiny", "\"na\u{9B}me\": tiny"), [":1:4:", "control"]),
    (("hidden_size: 64", "hidden_size: \"64"), [":"]),
  ]

  @Test(arguments: 0..<brokenModels.count)
  func brokenModelSpec(index: Int) throws {
    let (change, says) = Self.brokenModels[index]
    let scratch = try Scratch()
    let path = try scratch.file("m.yaml", Self.model.replacingOccurrences(of: change.0, with: change.1))
    let outcome = try Tool.run(["show", path])
    #expect(outcome.status == 65, "\(change.1): \(outcome.errors)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("rooftree: \(path):"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    for text in says { #expect(outcome.errors.contains(text), "\(change.1): \(outcome.errors)") }
  }

  @Test func theUnbrokenFilesWork() throws {
    let scratch = try Scratch()
    let model = try scratch.file("m.yaml", Self.model)
    let hardware = try scratch.file("h.yaml", Self.hardware)
    let outcome = try Tool.run(["analyze", model, "--on", hardware, "--dtype", "fp32"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  static let brokenHardware: [(String, String)] = [
    ("50 GB/s", "50 GB"), ("50 GB/s", "50"), ("50 GB/s", "-50 GB/s"), ("50 GB/s", "0 GB/s"),
    ("50 GB/s", "1e400 GB/s"), ("50 GB/s", "nan GB/s"), ("50 GB/s", "1e30 GB/s"), ("16 GiB", "16 GB/s"),
    ("16 GiB", "16 gigs"), ("1 TFLOP/s", "1e-300 TFLOP/s"), ("capacity: 16 GiB\n", "capaciti: 16 GiB\n"),
    ("cores: 4", "cores: 0"),
    ("fp32: 1 TFLOP/s", "fp33: 1 TFLOP/s"),
  ]

  @Test(arguments: 0..<brokenHardware.count)
  func brokenProfile(index: Int) throws {
    let change = Self.brokenHardware[index]
    let scratch = try Scratch()
    let path = try scratch.file("h.yaml", Self.hardware.replacingOccurrences(of: change.0, with: change.1))
    let outcome = try Tool.run(["analyze", "gpt-2", "--on", path])
    #expect(outcome.status == 65, "\(change.1): \(outcome.errors)")
    #expect(outcome.errors.hasPrefix("rooftree: \(path):"), "\(change.1): \(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func filesThatAreNone() throws {
    let scratch = try Scratch()
    let empty = try scratch.file("empty.yaml", "")
    let binary = scratch.url.appending(path: "binary.yaml")
    try Data([0x6E, 0x3A, 0xFF, 0xFE, 0x0A]).write(to: binary)
    let bomb = try scratch.file(
      "bomb.yaml",
      "a: &a [x, x]\n" + (1..<30).map { "b\($0): &b\($0) [*a, *a, *a, *a, *a, *a]\n" }.joined())
    let deep = try scratch.file("deep.yaml", String(repeating: "[", count: 100_000))
    let large = scratch.url.appending(path: "large.yaml")
    _ = FileManager.default.createFile(atPath: large.path, contents: nil)
    try FileHandle(forWritingTo: large).truncate(atOffset: 1 << 30)
    for (path, status) in [
      (empty, Int32(65)), (binary.path, 65), (bomb, 65), (deep, 65), (large.path, 65),
      (scratch.url.appending(path: "none.yaml").path, 66),
    ] {
      for arguments in [["show", path], ["analyze", "gpt-2", "--on", path]] {
        let outcome = try Tool.run(arguments)
        #expect(outcome.status == status, "\(path): \(outcome.errors)")
        #expect(outcome.errors.contains(path), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
      }
    }
  }

  /// A folder is a model only with a config.json in it, and never a profile.
  @Test func folders() throws {
    let scratch = try Scratch()
    #expect(try Tool.run(["show", scratch.url.path]).status == 66)
    #expect(try Tool.run(["analyze", "gpt-2", "--on", scratch.url.path + "/"]).status == 65)
  }

  @Test(arguments: [
    ("show lama-3-8b", Int32(66), "llama-3-8b"), ("analyze llama-3-8b --on h1000-sxm", 66, "h100-sxm"),
    ("analyze llama-3-8b --on h100-sxm --dtype bf17", 64, "bf16"),
    ("analyze llama-3-8b --on h100-sxm --batch-size 0", 64, "--batch-size"),
    ("analyze llama-3-8b --on h100-sxm --batch-size 99999999999999999999", 64, "batch-size"),
    ("analyze llama-3-8b --on h100-sxm --tp 33", 64, "--tp 32"), ("analyze llama-3-8b", 64, "--on"),
    ("analyze llama-3-8b --on h100-sxm --phase prefil", 64, "prefill"),
    ("analyze mixtral-8x7b --on h100-sxm --router zipf:-1", 64, "zipf"),
    ("analyze mixtral-8x7b --on h100-sxm --router measured:/nowhere.csv", 66, "/nowhere.csv"),
    ("compare llama-3-8b --on ,", 64, "--on"),
    ("analyze llama-3-8b --on h100-sxm --output /nowhere/x.txt", 74, "/nowhere/x.txt"),
  ])
  func usage(line: String, status: Int32, says: String) throws {
    let outcome = try Tool.run(line)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains(says), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  /// A failed write leaves the old file as it was, and nothing beside it.
  @Test func outputIsWholeOrNotAtAll() throws {
    let scratch = try Scratch()
    let target = scratch.url.appending(path: "report.json").path
    #expect(try Tool.run(["show", "gpt-2", "--format", "json", "--output", target]).status == 0)
    let before = try String(contentsOfFile: target, encoding: .utf8)
    #expect(try Tool.run(["show", "gpt-22", "--format", "json", "--output", target]).status == 66)
    #expect(try String(contentsOfFile: target, encoding: .utf8) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == ["report.json"])
  }
}
