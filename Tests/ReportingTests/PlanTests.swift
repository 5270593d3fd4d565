import CostModel
import Specs
import Testing

@testable import Reporting

@Suite struct PlanTests {
  static func read(_ text: String) throws -> ReportPlan {
    try ReportPlan.read(SourceFile(name: "plan.yaml", text: text))
  }

  /// Every model on every device is a request, and models side by side several.
  @Test func crossesBecomeRequests() throws {
    let plan = try Self.read(
      """
      models: [gpt-2, mistral-7b]
      hardware: [h100-sxm]
      workloads:
        - {name: chat, phase: decode, batch-size: 8, ctx: 4096, dtype: fp8, framework: vllm, router: "zipf:1"}
      formats: [text, html]
      """)
    #expect(
      plan.entries.map(\.name) == [
        "gpt-2-h100-sxm-chat", "mistral-7b-h100-sxm-chat", "comparison-h100-sxm-chat",
      ])
    var wanted = ScenarioRequest(
      model: "gpt-2", device: "h100-sxm", phase: .decode, batch: 8, contextLength: 4096)
    wanted.precision.dtype = .fp8
    wanted.pricing.engine = .vllm
    wanted.router = .zipf(exponent: 1)
    guard case .analysis(let first) = plan.entries[0].content,
      case .comparison(let both) = plan.entries[2].content
    else { throw InputError(.data, "other entries") }
    #expect(first == wanted && both.map(\.model) == ["gpt-2", "mistral-7b"] && both[0] == wanted)
    #expect(plan.entries[0].formats == [.text, .html])
    #expect(
      plan.entries[0].cited(.html)
        == "rooftree analyze gpt-2 --on h100-sxm --phase decode --batch-size 8 --ctx 4096 --dtype fp8"
        + " --framework vllm --router zipf:1 --format html")
    #expect(plan.entries[2].cited(.text).hasPrefix("rooftree compare gpt-2 mistral-7b --on h100-sxm --batch"))
    #expect(plan.index.contains("[gpt-2-h100-sxm-chat.txt](gpt-2-h100-sxm-chat.txt)"))
  }

  @Test(arguments: [
    ("batchsize: 8", "batchsize", "batch-size"), ("phase: prefil", "prefil", "prefill"),
    ("dtype: bf17", "bf17", "bf16"), ("tp: 0", "tensor-parallel-size", "from 1"), ("batch-size: 0", "0", "1"),
  ])
  func brokenWorkloads(line: String, found: String, accepted: String) {
    let error = #expect(throws: InputError.self) {
      try Self.read("models: [gpt-2]\nhardware: [l4]\nworkloads:\n  - {name: a, \(line)}\n")
    }
    #expect(error?.kind == .data && error?.location?.line == 4)
    #expect(error?.message.contains(found) == true && error?.message.contains(accepted) == true)
  }

  @Test(arguments: [
    ("formats: []\nreports:\n  - {name: a, command: show x}\n", 1, "“formats” is empty"),
    ("formats: [md, markdown]\nreports: []\n", 1, "each format once"),
    ("reports:\n  - {name: a, command: show x, formats: []}\n", 2, "“reports.0.formats” is empty"),
    ("reports:\n  - {name: README, command: show x}\n", 2, "can't be called “README”"),
    ("reports:\n  - {name: Rooftree-Files, command: show x}\n", 2, "can't be called"),
    (
      "reports:\n  - {name: a, command: show x}\n  - {name: A, command: show y}\n", 3,
      "two reports would be called “A”"
    ),
    ("reports:\n  - {name: ../a, command: show x}\n", 2, "a file name"),
    ("reports:\n  - {name: .a, command: show x}\n", 2, "a file name"),
    ("reports:\n  - {name: a, command: show x --output /tmp/b}\n", 2, "“--output” is not for plans"),
    ("reports:\n  - {name: a, command: models --export=../b}\n", 2, "“--export=../b” is not for plans"),
    ("reports:\n  - {name: a, command: probe --profile b.yaml}\n", 2, "“--profile” is not for plans"),
    ("reports:\n  - {name: a, command: show x --charts /tmp}\n", 2, "“--charts” is not for plans"),
    ("reports:\n  - {name: a, command: show x --help}\n", 2, "“--help” is not for plans"),
    ("models: [--output=x]\nhardware: [l4]\n", 1, "“--output=x” begins with a hyphen"),
    ("reports:\n  - {name: a, command: show x}\nothers: [../b.md]\n", 1, "“others”"),
    ("reports:\n  - {name: a, command: show x}\nothers: [\"javascript:x\"]\n", 1, "“others”"),
  ])
  func whatAPlanCannotAsk(text: String, line: Int, words: String) {
    let error = #expect(throws: InputError.self) { try Self.read(text) }
    #expect(error?.kind == .data && error?.location?.line == line, "\(String(describing: error))")
    #expect(error?.message.contains(words) == true, "\(String(describing: error))")
  }

  @Test func theIndexIsInert() throws {
    let plan = try Self.read(
      "title: <img src=x onerror=alert(1)> | [a](b)\nreports: [{name: a, command: \"show <b>|`\\u0301x\"}]\nothers: [b.md]\n"
    )
    #expect(plan.index.hasPrefix("# \\<img src=x onerror=alert(1)\\> \\| \\[a\\](b)\n"))
    #expect(plan.index.contains("| a | `rooftree show <b>\\|'\u{301}x` | [a.md](a.md) |"))
    #expect(plan.index.hasSuffix("\n\n\(ReportFormat.mark)\n"))
  }

  @Test func aFormatIsOneOfThem() {
    let error = #expect(throws: InputError.self) { try Self.read("formats: [pdf]\nreports: []\n") }
    for format in ReportFormat.allCases { #expect(error?.message.contains(format.rawValue) == true) }
  }

  /// Each workload has a table of models and devices whose figures link their reports, and pictures stand below.
  @Test func theIndexIsAMatrix() throws {
    let plan = try ReportPlan.read(
      SourceFile(
        name: "p.yaml",
        text: "models: [gpt-2, mistral-7b]\nhardware: [l4, h100-sxm]\nworkloads: [{name: a, phase: decode}]\n"
      ))
    var results: [String: ReportPlan.Result] = [:]
    for (name, figure) in [
      ("gpt-2-l4-a", "3 ms"), ("mistral-7b-l4-a", "9 ms"), ("mistral-7b-h100-sxm-a", "2 ms"),
    ] {
      results[name, default: .init()].figure = figure
    }
    results["gpt-2-l4-a"]?.picture = ("charts/gpt-2-l4-a-roofline.svg", "gemm | takes it all.")
    let index = plan.index(results)
    #expect(
      index.contains(
        "`--phase decode`\n\n| | l4 | h100-sxm |\n|---|--:|--:|\n| gpt-2 | [3 ms](gpt-2-l4-a.md) | |\n"
          + "| mistral-7b | [9 ms](mistral-7b-l4-a.md) | [2 ms](mistral-7b-h100-sxm-a.md) |\n"), "\(index)")
    #expect(
      index.contains("[![gemm \\| takes it all.](charts/gpt-2-l4-a-roofline.svg)](gpt-2-l4-a.md)"), "\(index)"
    )
  }
}
