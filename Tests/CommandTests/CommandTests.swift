import Foundation
import Testing

@Suite struct CommandTests {
  /// Every example in a command's help does what it says.
  @Test(arguments: ["models", "hardware", "show", "analyze", "compare", "attention"])
  func helpShowsAnExampleThatRuns(command: String) throws {
    let help = try Tool.run(["help", command])
    #expect(help.status == 0)
    let lines = help.output.replacingOccurrences(of: "\\\n", with: " ").split(separator: "\n")
    let example = try #require(lines.first { $0.contains("rooftree \(command)") && !$0.contains("USAGE") })
    let words = example.split(separator: " ").drop { $0 != "rooftree" }.dropFirst().map(String.init)
    let outcome = try Tool.run(words)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty && !outcome.output.isEmpty)
  }

  @Test(arguments: [
    "show llama-3-70b", "analyze mixtral-8x7b --on h100-sxm --phase decode --explain", "hardware", "models",
    "compare gpt-3-175b llama-3-70b mixtral-8x7b --on h100-sxm,a100-sxm-80gb --explain",
    "attention --on l4 --backward",
  ])
  func textFitsOneHundredColumns(line: String) throws {
    let outcome = try Tool.run(line)
    #expect(outcome.status == 0)
    for line in outcome.output.split(separator: "\n") {
      #expect(line.count <= 100, "\(line)")
    }
    #expect(!outcome.output.contains("\u{1B}"), "colour in a pipe")
  }

  @Test func analysisHasTheContractsKeys() throws {
    let outcome = try Tool.run(
      "analyze llama-3-8b --on h100-sxm --phase decode -b 4 --ctx 100 --kv-cache-dtype fp8 --format json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(object["schema"] as? String == "rooftree/analysis/1")
    func keys(_ name: String) throws -> Set<String> { Set(try #require(object[name] as? [String: Any]).keys) }
    #expect(try keys("model").isSuperset(of: ["name", "parameters", "kv_bytes_per_token"]))
    #expect(
      try keys("workload").isSuperset(of: [
        "phase", "batch_size", "input_len", "output_len", "context_len", "dtype", "kv_cache_dtype",
      ]))
    #expect(
      try keys("memory").isSuperset(of: [
        "weights_bytes", "kv_cache_bytes", "activations_bytes", "total_bytes", "capacity_bytes", "fits",
      ]))
    #expect(
      try keys("totals").isSuperset(of: [
        "flops", "matmul_flops", "bytes", "seconds", "arithmetic_intensity", "bound",
      ]))
    let operators = try #require(object["operators"] as? [[String: Any]])
    let totals = try #require(object["totals"] as? [String: Any])
    for key in ["flops", "matmul_flops"] {
      let sum = operators.reduce(0.0) { $0 + (($1[key] as? Double) ?? .nan) }
      #expect(sum == totals[key] as? Double)
    }
    let bytes = try #require(totals["bytes"] as? [String: Double])
    for level in bytes.keys {
      let sum = operators.reduce(0.0) { $0 + ((($1["bytes"] as? [String: Double])?[level]) ?? .nan) }
      #expect(sum == bytes[level])
    }
    #expect(Set(operators.compactMap { $0["name"] as? String }).count == operators.count)
  }

  /// Copied alone to another folder the executable still carries its catalogue.
  @Test func catalogueTravels() throws {
    let scratch = try Scratch()
    let copy = scratch.url.appending(path: "elsewhere")
    try FileManager.default.copyItem(at: Tool.executable, to: copy)
    let process = Process()
    process.executableURL = copy
    process.arguments = ["models", "--format", "csv"]
    process.currentDirectoryURL = scratch.url
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && text.contains("llama-3-8b"))
  }

  @Test func speculativeFiguresAreMarkedEverywhere() throws {
    for line in [
      "show gpt-4", "analyze gpt-4 --on b200", "compare llama-3-8b gpt-4 --on b200", "models",
      "show gpt-4 --format json", "compare llama-3-8b gpt-4 --on b200 --format csv",
      "analyze gpt-4 --on b200 --format markdown",
    ] {
      #expect(try Tool.run(line).output.contains("speculative"), "\(line)")
    }
  }
}

/// `report`: the same answers as the commands that its files cite.
@Suite struct ReportCommandTests {
  @Test func planIsWhatItsCommandsPrint() throws {
    let scratch = try Scratch()
    let plan = try scratch.file(
      "plan.yaml",
      """
      models: [gpt-2, mixtral-8x7b]
      hardware: [h100-sxm]
      workloads: [{name: chat, phase: decode, batch-size: 8, context-len: 500, framework: vllm}]
      formats: [json, csv]
      reports: [{name: anatomy, command: show gpt-2, formats: [text]}]
      """)
    let folder = scratch.url.appending(path: "out").path
    let outcome = try Tool.run(["report", plan, "--output", folder])
    #expect(outcome.status == 0, "\(outcome.errors)")
    func file(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
    let words = "--on h100-sxm --phase decode --batch-size 8 --context-len 500 --framework vllm"
    #expect(
      try file("gpt-2-h100-sxm-chat.json")
        == Tool.run("analyze gpt-2 \(words) --format json").output)
    let both = words.replacingOccurrences(of: "--phase decode ", with: "")
    let line = "compare gpt-2 mixtral-8x7b \(both) --format csv"
    let cited = try Tool.run("--version").output
    #expect(
      try file("comparison-h100-sxm-chat.csv") == "# rooftree \(line)\n# \(cited)" + Tool.run(line).output)
    #expect(try file("anatomy.txt") == Tool.run("show gpt-2").output)
    #expect(
      try file("README.md").contains("| anatomy | `rooftree show gpt-2` | [anatomy.txt](anatomy.txt) |"))
  }

  @Test(arguments: ["report x.yaml --output y", "calibrate", "nothing", "show nope"])
  func whatIsNoReport(command: String) throws {
    let scratch = try Scratch()
    let plan = try scratch.file("plan.yaml", "reports: [{name: a, command: \(command)}]\n")
    let outcome = try Tool.run(["report", plan, "--output", scratch.url.appending(path: "out").path])
    #expect(outcome.status == (command == "show nope" ? 66 : 65), "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("rooftree: \(plan):1:11: report “a”: "), "\(outcome.errors)")
    // All commands are understood before anything is written.
    let isWritten = FileManager.default.fileExists(atPath: scratch.url.appending(path: "out").path)
    #expect(isWritten == (command == "show nope"))
  }

  @Test func streamsAndKindsOfErrorsCarryThePlansLine() throws {
    let scratch = try Scratch()
    let plan = try scratch.file(
      "plan.yaml", "models: [gpt-2, nope-5]\nhardware: [l4]\nworkloads:\n  - {name: a, phase: decode}\n")
    let outcome = try Tool.run(["report", plan, "--output", scratch.url.appending(path: "out").path])
    #expect(
      outcome.status == 66 && outcome.errors.hasPrefix("rooftree: \(plan):4:5: report “nope-5-l4-a”: "),
      "\(outcome.errors)")
  }
}
