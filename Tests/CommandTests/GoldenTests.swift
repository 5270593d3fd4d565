import Foundation
import Testing

/// Whole reports as they were looked at and accepted. After a wanted change:
/// `ROOFTREE_REWRITE_GOLDENS=1 swift test --filter GoldenTests`, then read the difference.
@Suite struct GoldenTests {
  static let goldens: [(name: String, line: String)] = [
    (
      "analyze-llama-3-8b.txt",
      "analyze llama-3-8b --on h100-sxm --phase decode --batch-size 8 --context-len 4096"
    ),
    (
      "analyze-mixtral.txt",
      "analyze mixtral-8x7b --on h100-sxm --phase decode --batch-size 32 --router zipf:1"
    ),
    ("analyze-prefill.md", "analyze gpt-2 --on a100-sxm-40gb --format markdown"),
    ("analyze-explain.txt", "analyze mistral-7b --on l4 --phase prefill --input-len 8192 --explain"),
    ("analyze-mixtral.csv", "analyze mixtral-8x7b --on h100-sxm --phase decode --format csv"),
    ("analyze-gpt-2.json", "analyze gpt-2 --on epyc-9654 --dtype fp32 --format json"),
    ("show-mistral.txt", "show mistral-7b"),
    ("compare.txt", "compare gpt-3-175b llama-3-70b mixtral-8x7b --on h100-sxm,mi300x --explain"),
    ("validate.txt", "validate --measurements runs.csv --on h100-sxm --calibration ./calibration.yaml"),
  ]

  /// What people ask most, each by one command.
  static let questions: [(name: String, line: String)] = [
    ("question-fits.txt", "analyze llama-3-70b --on h200-sxm --phase decode"),
    ("question-largest.txt", "analyze llama-3-8b --on l4 --phase decode --max context"),
    ("question-saturates.txt", "analyze llama-3-8b --on h100-sxm --phase decode --max batch"),
    ("question-32k.txt", "analyze llama-3.1-8b --on h100-sxm --isl 32k"),
    ("question-request.txt", "analyze llama-3-8b --on h100-sxm --isl 1,000 --osl 250"),
    ("question-precision.txt", "analyze llama-3-70b --on h200-sxm --phase decode --dtype bf16,fp8,int4"),
    (
      "question-cheapest.txt",
      "compare llama-3-8b mistral-7b gemma-2-9b qwen3-8b mixtral-8x7b --on h100-sxm --sort bytes"
    ),
    ("question-change.txt", "compare llama-3-8b --set attention.num_key_value_heads=2 --on h100-sxm"),
    ("question-my-model.txt", "analyze ./mine.yaml --on l4 --phase decode"),
    ("question-my-gpu.txt", "analyze llama-3-8b --on ./my-gpu.yaml --phase decode"),
  ]

  /// Narrow, usual, wide, and without any characters but ASCII's.
  static let terminals: [(name: String, environment: [String: String])] = [
    ("first-lines-60.txt", ["COLUMNS": "60"]), ("first-lines-80.txt", ["COLUMNS": "80"]),
    ("first-lines-200.txt", ["COLUMNS": "200"]),
    ("first-lines-ascii.txt", ["COLUMNS": "80", "LC_ALL": "C"]),
  ]

  /// The first lines hold the answer, however wide the terminal.
  @Test(arguments: 0..<terminals.count)
  func firstLinesAnswer(index: Int) throws {
    let (name, environment) = Self.terminals[index]
    var text = ""
    for (_, line) in Self.questions {
      let outcome = try Self.run(line, environment)
      text +=
        "$ \(line)\n"
        + outcome.output.split(separator: "\n", omittingEmptySubsequences: false).prefix(8).joined(
          separator: "\n") + "\n"
      let longest = outcome.output.split(separator: "\n").map(\.count).max() ?? 0
      #expect(
        longest <= Int(environment["COLUMNS"] ?? "") ?? 0 || line.contains("compare"), "\(line): \(longest)")
      if environment["LC_ALL"] == "C" { #expect(outcome.output.utf8.allSatisfy { $0 < 128 }, "\(line)") }
    }
    try Self.compare(text, with: name)
  }

  @Test(arguments: 0..<questions.count)
  func questionIsAnswered(index: Int) throws {
    let (name, line) = Self.questions[index]
    try Self.compare(try Self.run(line).output, with: name)
  }

  @Test(arguments: 0..<goldens.count)
  func reportIsAsAccepted(index: Int) throws {
    let (name, line) = Self.goldens[index]
    try Self.compare(try Self.run(line).output, with: name)
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens")

  private static func run(_ line: String, _ environment: [String: String] = [:]) throws -> Tool.Outcome {
    let outcome = try Tool.run(
      line.split(separator: " ").map(String.init),
      environment: ["COLUMNS": "100", "LC_ALL": "C.UTF-8"].merging(environment) { $1 }, in: folder)
    // One of the runs beats the bound.
    #expect(outcome.status == (line.hasPrefix("validate") ? 1 : 0), "\(outcome.errors)")
    return outcome
  }

  private static func compare(_ output: String, with name: String) throws {
    let output = Tool.withoutCommit(output)
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["ROOFTREE_REWRITE_GOLDENS"] == "1" {
      try output.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let accepted = try String(contentsOf: file, encoding: .utf8)
    let found = output.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = accepted.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, (a, b)) in zip(found, wanted).enumerated() where a != b {
      Issue.record("\(name):\(number + 1)\n  found    \(a)\n  accepted \(b)")
      return
    }
    #expect(found.count == wanted.count, "\(name) has another number of lines")
  }
}
