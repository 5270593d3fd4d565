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

  @Test(arguments: 0..<goldens.count)
  func reportIsAsAccepted(index: Int) throws {
    let (name, line) = Self.goldens[index]
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens")
    let outcome = try Tool.run(line.split(separator: " ").map(String.init), in: folder)
    // One of the runs beats the bound.
    #expect(outcome.status == (name == "validate.txt" ? 1 : 0), "\(outcome.errors)")
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["ROOFTREE_REWRITE_GOLDENS"] == "1" {
      try outcome.output.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let accepted = try String(contentsOf: file, encoding: .utf8)
    let found = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = accepted.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, (a, b)) in zip(found, wanted).enumerated() where a != b {
      Issue.record("\(name):\(number + 1)\n  found    \(a)\n  accepted \(b)")
      return
    }
    #expect(found.count == wanted.count, "\(name) has another number of lines")
  }
}
