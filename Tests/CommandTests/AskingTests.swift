import Foundation
import Testing

/// What pipelines and people with files of their own ask for.
@Suite struct AskingTests {
  @Test(arguments: [
    ("analyze llama-3-8b --on l4 --isl 100 --osl 10", "fits, ttft < 10s, e2e < 100s", ""),
    ("analyze llama-3-8b --on l4 --isl 100 --osl 10", "fits, tpot < 1ms", "tpot < 1ms: it is"),
    (
      "analyze llama-3-8b --on h100-sxm --phase serve --isl 1000 --osl 250 --concurrency 4",
      "ttft < 10s, tokens/s > 1", ""
    ),
    (
      "analyze llama-3-8b --on h100-sxm --phase serve --isl 1000 --osl 250 --concurrency 4", "tpot < 1us",
      "tpot < 1us: it is"
    ),
    (
      "compare gpt-2 llama-3-8b --on h100-sxm --phase serve --isl 500 --osl 250 --concurrency 4",
      "tpot < 3ms, tokens/s > 1", "llama-3-8b on h100-sxm: tpot < 3ms: it is"
    ),
    ("compare gpt-2 llama-3-8b --on l4", "fits, ttft < 10s", ""),
    ("compare gpt-2 llama-3-8b --on l4", "tpot < 10ms", "llama-3-8b on l4: tpot < 10ms: it is"),
  ])
  func requirementsAreJudged(line: String, required: String, complaint: String) throws {
    let outcome = try Tool.run(line.split(separator: " ").map(String.init) + ["--require", required])
    #expect(outcome.status == (complaint.isEmpty ? 0 : 1), "\(outcome.errors)")
    #expect(
      complaint.isEmpty ? outcome.errors.isEmpty : outcome.errors.contains(complaint), "\(outcome.errors)")
    #expect(!outcome.output.isEmpty)
  }

  /// What a server is said to answer at most is what it answers, and no more; its picture says so too.
  @Test func theMostThatIsAnsweredIsAnswered() throws {
    let line = "analyze gpt-2 --on l4 --phase serve --isl 300 --osl 80 --request-rate "
    let refused = try Tool.run(line + "1e5").output
    let found = try #require(refused.firstMatch(of: /at most ([0-9.]+) requests a second are answered/))
    let most = try #require(Double(found.1))
    #expect(try Tool.run(line + "\(0.98 * most)").output.contains("first token after"))
    #expect(try Tool.run(line + "\(1.02 * most)").output.contains("unstable"))
    let picture = try Tool.run(line + "1e5 --format svg").output
    #expect(picture.contains("Times over the load") && picture.contains("answered at most \(found.1)"))
  }

  @Test func serversAreSorted() throws {
    let line =
      "compare llama-3-8b gpt-2 --on l4 --phase serve --isl 300 --osl 80 --concurrency 2 --format csv --sort "
    #expect(try Tool.run(line + "time").output.split(separator: "\n")[1].hasPrefix("gpt-2,"))
    let refused = try Tool.run(line + "bytes")
    #expect(refused.status == 64 && refused.errors.contains("accepted: time, parameters"))
  }

  /// Two files say that they are the same model.
  @Test func specsOfOneNameAreToldApart() throws {
    let scratch = try Scratch()
    let text =
      "name: mine\nhidden_size: 2048\nnum_hidden_layers: 4\nvocab_size: 32000\nnum_attention_heads: 16\n"
    for (folder, width) in [("a", 4096), ("b", 8192)] {
      let file = scratch.url.appending(path: "\(folder)/mine.yaml")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try (text + "intermediate_size: \(width)\n").write(to: file, atomically: true, encoding: .utf8)
    }
    let outcome = try Tool.run(
      "compare a/mine.yaml b/mine.yaml --on l4".split(separator: " ").map(String.init),
      environment: ["COLUMNS": "120"], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("mine (a/mine.yaml)") && outcome.output.contains("mine (b/mine.yaml)"))
  }

  /// The cheapest token first, on a device whose profile states a price.
  @Test func comparisonsAreSortedByPrice() throws {
    let scratch = try Scratch()
    let file = scratch.url.appending(path: "priced.yaml")
    try """
    name: priced
    memory: [{name: hbm, capacity: 80 GiB, bandwidth: 2 TB/s}]
    peaks: {bf16: 300 TFLOP/s}
    price: 2.5 USD
    """.write(to: file, atomically: true, encoding: .utf8)
    let line = "compare llama-3-8b gpt-2 --on ./priced.yaml --sort price --format csv"
    let outcome = try Tool.run(line.split(separator: " ").map(String.init), in: scratch.url)
    let rows = outcome.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let column = try #require(rows.first?.firstIndex(of: "usd_per_million_tokens"))
    #expect(rows.dropFirst().map { $0[0] } == ["gpt-2", "gpt-2", "llama-3-8b", "llama-3-8b"])
    #expect(Double(rows[2][rows[2].count - rows[0].count + column]) ?? 0 > 0)
    let refused = try Tool.run("compare gpt-2 llama-3-8b --on l4 --sort price")
    #expect(refused.status == 64 && refused.errors.contains("price: 2.5 USD"))
    // Its near levels are those of its class, with a warning.
    let warned = try Tool.run(["analyze", "llama-3-8b", "--on", file.path])
    #expect(warned.output.contains("warning: l2 32 MiB at 5.4 TB/s"))
  }

  /// `probe --save` makes this machine `here`.
  @Test func thisMachineGoesByName() throws {
    let scratch = try Scratch()
    let own = ["--catalogue", scratch.url.appending(path: "own").path]
    try FileManager.default.createDirectory(
      at: scratch.url.appending(path: "own"), withIntermediateDirectories: true)
    let probed = try Tool.run(["probe", "--save", "--budget", "0.0005", "--threads", "1"] + own)
    #expect(probed.status == 0, "\(probed.errors)")
    let used = try Tool.run(
      ["analyze", "gpt-2", "--on", "here", "--dtype", "fp32", "--format", "json"] + own)
    #expect(used.status == 0, "\(used.errors)")
    #expect(used.output.contains("\"name\": \"here\""))
  }

  @Test func everyFaultOfAFileIsToldAtOnce() throws {
    let scratch = try Scratch()
    let file = scratch.url.appending(path: "bad.yaml")
    try """
    name: dev
    memory:
      - {name: hbm, capacity: 80 GB, bandwith: 3 TB/s}
    peaks: {bf16: 989}
    powr: 700 W
    """.write(to: file, atomically: true, encoding: .utf8)
    let outcome = try Tool.run(["analyze", "llama-3-8b", "--on", file.path])
    let lines = outcome.errors.split(separator: "\n")
    #expect(outcome.status == 65 && lines.count == 3, "\(outcome.errors)")
    for words in [":3:34: unknown key", ":4:15: “peaks.bf16”", ":5:1: unknown key “powr”"] {
      #expect(lines.contains { $0.contains(words) }, "\(words): \(outcome.errors)")
    }
  }

  @Test func everyReportNamesItsVersion() throws {
    let version = try Tool.run("--version").output.trimmingCharacters(in: .newlines)
    for format in ["text", "markdown", "json", "html"] {
      let outcome = try Tool.run("show gpt-2 --format \(format)")
      #expect(outcome.output.contains(version), "\(format)")
    }
    #expect(try Tool.run("show gpt-2 --format csv --cite").output.contains("# \(version)\n"))
  }
}
