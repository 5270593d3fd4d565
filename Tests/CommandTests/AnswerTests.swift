import Foundation
import Testing

/// The answer, its limits and its conditions hold what they say.
@Suite struct AnswerTests {
  private static func json(_ line: String, in folder: URL? = nil) throws -> [String: Any] {
    let outcome = try Tool.run(
      line.split(separator: " ").map(String.init) + ["--format", "json"], in: folder)
    #expect(outcome.status == 0, "\(line): \(outcome.errors)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
  }

  private static func number(_ object: [String: Any], _ path: String...) throws -> Double {
    var value: Any = object
    for key in path { value = try #require((value as? [String: Any])?[key], "\(path)") }
    return try #require(value as? Double)
  }

  /// One more sequence, or token, than what is called largest does not fit.
  @Test(arguments: ["llama-3-8b", "mistral-7b", "deepseek-v2-lite"])
  func largestIsLargest(_ model: String) throws {
    let line = "analyze \(model) --on h100-sxm --phase decode --ctx 4000"
    let most = try Self.number(try Self.json(line), "memory", "largest_batch_size")
    #expect(most > 1)
    for (batch, fits) in [(Int(most), true), (Int(most) + 1, false)] {
      let memory = try Self.json("\(line) -b \(batch)")["memory"] as? [String: Any]
      #expect(memory?["fits"] as? Bool == fits, "\(model) at \(batch)")
    }
    let largest = try Self.json("\(line) --max batch")
    #expect(try Self.number(largest, "workload", "batch_size") == most)
  }

  /// A request is its prompt and then its steps, each as `analyze` has it.
  @Test func requestsAddUp() throws {
    let base = "analyze llama-3-8b --on h100-sxm -b 4"
    let request = try Self.json("\(base) --isl 1,000 --osl 5")
    let prompt = try Self.number(
      try Self.json("\(base) --phase prefill --isl 1000"), "totals", "seconds")
    let steps = try (1000..<1004).map {
      try Self.number(try Self.json("\(base) --phase decode --ctx \($0)"), "totals", "seconds")
    }
    func close(_ a: Double, _ b: Double) -> Bool { abs(a / b - 1) < 1e-9 }
    #expect(close(try Self.number(request, "request", "ttft_seconds"), prompt))
    #expect(close(try Self.number(request, "request", "tpot_seconds"), steps.reduce(0, +) / 4))
    #expect(close(try Self.number(request, "request", "e2e_seconds"), prompt + steps.reduce(0, +)))
    // Long outputs are sampled; a straight line between the samples.
    let long = try Self.json("\(base) --isl 1000 --osl 3001")
    let middle = try Self.number(
      try Self.json("\(base) --phase decode --ctx 2500"), "totals", "seconds")
    #expect(abs(try Self.number(long, "request", "tpot_seconds") / middle - 1) < 0.01)
  }

  @Test func severalValuesAreColumns() throws {
    let result = try Self.json("analyze llama-3-8b --on h100-sxm,l4 --phase decode -b 1,8 --dtype bf16,fp8")
    #expect(result["schema"] as? String == "rooftree/analyses/1")
    let cells = try #require(result["cells"] as? [[String: Any]])
    #expect(cells.count == 8)
    #expect(cells.allSatisfy { $0["schema"] as? String == "rooftree/analysis/1" })
    let batches = cells.compactMap { ($0["workload"] as? [String: Any])?["batch_size"] as? Double }
    #expect(batches == [1, 8, 1, 8, 1, 8, 1, 8])
  }

  @Test(arguments: [
    ("2,048", 2048.0), ("2_048", 2048), ("2e3", 2000), ("32k", 32_000), ("32K", 32_768), ("1e6", 1e6),
  ])
  func numbersAsPeopleWriteThem(_ text: String, _ value: Double) throws {
    let result = try Self.json("analyze llama-3.1-8b --on h100-sxm --isl \(text)")
    #expect(try Self.number(result, "workload", "input_len") == value)
  }

  @Test(arguments: [
    ("fits", 0), ("fits, weights < 40GiB", 0), ("weights < 1GiB", 1), ("tpot < 1us", 1), ("tpot < 10s", 0),
    ("ttft < 10s, e2e < 1ms", 1), ("batch > 1e6", 1), ("tokens/s > 1", 0), ("weight < 1GiB", 64),
    ("weights < 1s", 64), ("fits < 1", 64), ("tpot", 64),
  ])
  func requirementsDecide(_ condition: String, _ status: Int32) throws {
    let outcome = try Tool.run([
      "analyze", "llama-3-8b", "--on", "h100-sxm", "--isl", "100", "--osl", "10", "--require", condition,
    ])
    #expect(outcome.status == status, "\(condition): \(outcome)")
    if status == 1 {
      #expect(outcome.errors.contains("not met") && !outcome.output.isEmpty)
    }
  }

  @Test func whatDoesNotFitSaysSoFirst() throws {
    let outcome = try Tool.run("analyze llama-3-70b --on h100-sxm --phase decode")
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.status == 0 && lines[1].hasPrefix("does not fit"))
    #expect(outcome.output.contains("--framework"))
  }

  @Test func differencesComeLargestFirst() throws {
    let scratch = try Scratch()
    for (name, batch) in [("a", 1), ("b", 16)] {
      let path = scratch.url.appending(path: "\(name).json").path
      #expect(
        try Tool.run("analyze gpt-2 --on l4 --phase decode -b \(batch) --ctx 500 --output \(path)").status
          == 0)
    }
    let same = try Tool.run(["diff", "a.json", "a.json"], in: scratch.url)
    #expect(same.status == 0 && same.output.contains("nothing differs"))
    let diff = try Self.json("diff a.json b.json", in: scratch.url)
    let changes = try #require(diff["changes"] as? [[String: Any]])
    #expect(changes.contains { $0["path"] as? String == "workload.batch_size" && $0["new"] as? Double == 16 })
    let effects = changes.filter { !(($0["path"] as? String)?.hasPrefix("operators") ?? true) }
      .compactMap { $0["ratio"] as? Double }.map { abs(log($0)) }
    #expect(effects == effects.sorted(by: >) && effects.count > 5)
    #expect(try Tool.run(["diff", "a.json", "/dev/null"], in: scratch.url).status == 65)
  }

  @Test func aFieldIsSet() throws {
    let changed = try Self.json("show llama-3-8b --set attention.num_key_value_heads=2")
    #expect(try Self.number(changed, "model", "kv_bytes_per_token") == 32_768)
    let short = try Self.json("show llama-3-8b --set num_key_value_heads=2 --set num_hidden_layers=16")
    #expect(try Self.number(short, "model", "kv_bytes_per_token") == 16_384)
    let outcome = try Tool.run("show llama-3-8b --set attention.num_kv_heads=2")
    #expect(outcome.status == 64 && outcome.errors.contains("num_k"))
    let sides = try Self.json("compare llama-3-8b --set num_key_value_heads=2 --on l4")
    #expect((sides["results"] as? [[String: Any]])?.count == 4)
  }

  @Test func aSpecHasABase() throws {
    let scratch = try Scratch()
    let path = try scratch.file(
      "small.yaml",
      "name: small\nbase: llama-3-8b\nnum_hidden_layers: 8\nattention: {num_key_value_heads: 4}\n")
    let model = try Self.json("show \(path)")
    #expect(try Self.number(model, "model", "kv_bytes_per_token") == 8 * 2 * 4 * 128 * 2)
    let circle = try scratch.file("circle.yaml", "name: c\nbase: ./circle.yaml\n")
    #expect(try Tool.run(["show", circle], in: scratch.url).status == 65)
  }

  @Test func ownFilesGoByName() throws {
    let scratch = try Scratch()
    let folder = scratch.url.appending(path: "deep/er")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in [
      ("a.yaml", "name: my-model\nbase: gpt-2\nnum_hidden_layers: 3\n"),
      (
        "b.yaml",
        "name: my-gpu\nmemory:\n  - {name: hbm, capacity: 24 GiB, bandwidth: 1 TB/s}\npeaks: {bf16: 100 TFLOP/s}\n"
      ), ("notes.yaml", "hello: world\n"),
    ] { try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8) }
    // Nobody writes into it.
    #expect(mkfifo(folder.appending(path: "pipe.yaml").path, 0o600) == 0)
    let outcome = try Tool.run(
      ["analyze", "my-model", "--on", "my-gpu", "--dtype", "bf16"],
      environment: ["ROOFTREE_CATALOGUE": scratch.url.path])
    #expect(outcome.status == 0 && outcome.output.contains("not in the file: cores"), "\(outcome)")
    let named = try Tool.run(["show", "my-model", "--catalogue", scratch.url.path])
    #expect(named.status == 0, "\(named.errors)")
    #expect(try Tool.run("show my-model").status == 66)
  }

  @Test(arguments: [
    ("analyse gpt-2 --on l4", 64, "analyze"), ("analyze ./b.yaml --on l4", 65, "hardware profile"),
    ("analyze gpt-2 --on ./a.yaml", 65, "model spec"), ("show README.md", 66, "is a file"),
    ("analyze gpt-2 --on l4 --phase decode --osl 9", 64, "whole request"),
    ("analyze gpt-2 --on l4 -b 4 --max batch", 64, "exclude"),
  ])
  func mistakesAreRecognised(_ line: String, _ status: Int, _ words: String) throws {
    let scratch = try Scratch()
    _ = try scratch.file("a.yaml", "name: x\nbase: gpt-2\nnum_hidden_layers: 2\n")
    _ = try scratch.file(
      "b.yaml",
      "name: y\nmemory: [{name: hbm, capacity: 1 GiB, bandwidth: 1 GB/s}]\npeaks: {bf16: 1 TFLOP/s}\n")
    _ = try scratch.file("README.md", "# Hello\n")
    let outcome = try Tool.run(line.split(separator: " ").map(String.init), in: scratch.url)
    #expect(outcome.status == Int32(status) && outcome.errors.contains(words), "\(outcome)")
  }
}
