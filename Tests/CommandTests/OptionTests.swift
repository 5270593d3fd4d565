import ArgumentParser
import Foundation
import Reporting
import Specs
import Testing

@testable import rooftree

/// Every option × command × kind of model: it changes what is printed, or is refused by name with the reason (64); it is
/// never dropped.
@Suite struct OptionTests {
  /// One command line, here in this process, its report in all formats of text and data.
  private static func run(_ line: String) -> (status: Int32, output: String, errors: String) {
    do {
      let words = line.replacingOccurrences(of: "ROOT", with: Tool.root.path).split(separator: " ")
      let parsed = try Rooftree.parseAsRoot(words.map(String.init))
      guard let command = parsed as? any ReportingCommand else { return (-1, "", "\(line) is no report") }
      let scratch = try Scratch()
      let target = try command.output.target()
      let outputs = [ReportFormat.text, .json, .csv].map { format in
        var output = target
        (output.format, output.path) = (format, scratch.url.appending(path: "\(format)").path)
        return output
      }
      var status: Int32 = 0
      do { try command.report(to: outputs) } catch let code as ExitCode { status = code.rawValue }
      let texts = try outputs.map { try String(contentsOfFile: $0.path ?? "", encoding: .utf8) }
      return (status, texts.joined(), "")
    } catch let error as InputError {
      return (error.kind.rawValue, "", error.description)
    } catch {
      return (Rooftree.exitCode(for: error).rawValue, "", Rooftree.fullMessage(for: error))
    }
  }

  /// Options, each with a value that no default has.
  private static func list(_ text: String) -> [String] {
    text.split(whereSeparator: { $0 == "|" || $0 == "\n" }).map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static let precision = list(
    "--dtype fp8|--quantization int4|--act-dtype fp8|--kv-cache-dtype fp8|--attention-dtype fp8")
  private static let workload: [String] =
    list(
      """
      -b 3|--isl 77|--ctx 99|--attention naive|--attention-flops full|--latent naive|--latent absorbed|--logits all
      --router zipf:1|--images 1|--image-size 640x480|--audio-seconds 3|--decoder-len 7|--mtp
      --tp 2|--pp 2|--ep 2|--dp 2|--cp 2|--attention-dp 2|--devices 2|--cp-form ring|--overlap 0.5
      --clock 1.0GHz|--power 300W|--bandwidth-efficiency 0.5
      --calibration none|--framework trtllm|--set vocab_size=999|--ignore-key x
      """) + precision
  private static let analysis: [String] =
    workload
    + list(
      """
      --osl 5|--host xeon-8480|--explain|--all|--verbose|--require fits,batch<1|--max batch|--max context
      --concurrency 4|--request-rate 3|--range-ratio 0.5|--max-num-seqs 3|--max-num-batched-tokens 99
      --prefix-hit-rate 0.5|--engine-config sglang
      """)
  private static let layer = list("--model gpt-2|--ignore-key x|--set vocab_size=999|--tokens 16|--ctx 64")
  private static let bench: [String] =
    layer + list("--threads 1|--budget 0.01|--seed 7|--on l4|--datasheet l4|--calibrate")

  /// Options that mean something to models of some kinds alone.
  private static let ofKinds: [String] =
    list(
      """
      --ctx 99|--attention naive|--attention-flops full|--latent naive|--latent absorbed|--logits all
      --router zipf:1|--images 1|--audio-seconds 3|--decoder-len 7|--mtp|--ep 2
      """) + list("--act-dtype fp8|--kv-cache-dtype fp8|--attention-dtype fp8")

  /// Models by what they have: experts, latent attention, a state, a tower, an encoder, only an encoder.
  static let table: [(line: String, options: [String])] = {
    var table: [(line: String, options: [String])] = []
    for model in list("gpt-2|mixtral-8x7b|deepseek-v2-lite|mamba-2.8b|qwen2.5-vl-7b|t5-xxl|bert-large") {
      let all = model == "mixtral-8x7b"
      table.append(("analyze \(model) --on h200-sxm --phase prefill", all ? analysis : ofKinds))
      table.append(("show \(model)", precision + list("--set vocab_size=999|--ignore-key x")))
      if model == "bert-large" { continue }
      table.append(("analyze \(model) --on h200-sxm -b 16 --phase decode", ofKinds))
      if all || model == "mamba-2.8b" {
        table.append(("compare \(model) --on h200-sxm -b 16", (all ? workload : ofKinds) + list("--explain")))
      }
    }
    let asked: Set = ["--isl 77", "--osl 5", "--concurrency 4", "--tp 2", "--devices 2"]
    let rest = analysis.filter { !asked.contains($0) } + list("--chart|--gpu-layers 2|--bus 63GB/s")
    let runs = "ROOT/Tests/CommandTests/Goldens/runs.csv"
    let more: [(String, [String])] = [
      ("analyze mixtral-8x7b --on h200-sxm --isl 60 --osl 6", rest),
      ("analyze mixtral-8x7b --on h200-sxm:2 --tp 2 --phase serve --isl 900 --osl 90 --concurrency 20", rest),
      (
        "compare mixtral-8x7b gpt-2 --on h200-sxm --phase serve --isl 900 --osl 90 --concurrency 20",
        workload.filter { !asked.contains($0) }
          + list(
            "--explain|--sort bytes|--own-precision|--require tpot<1us|--range-ratio 0.5|--max-num-seqs 3")
      ),
      (
        "analyze mixtral-8x7b --on l4 --phase decode --gpu-layers 3",
        list(
          """
          -b 3|--ctx 99|--explain|--all|--verbose|--chart|--require fits|--host xeon-8480|--max batch
          --max gpu-layers|--experts-on-host 1|--kv-on-host|--osl 5
          """)
      ),
      ("compare mixtral-8x7b gpt-2 --on h200-sxm", list("--explain|--sort bytes|--osl 5|--own-precision")),
      ("models", list("--filter moe|--sort active|--descending|--charts y|--cite")),
      ("hardware", list("--vendor amd|--filter fp8|--sort memory|--descending|--charts y")),
      (
        "attention --on l4",
        list(
          """
          -b 2|--heads 3|--length 77|--head-dim 64|--dtype fp32|--mask|--dropout|--backward|--causal
          --clock 1.0GHz|--power 50W|--bandwidth-efficiency 0.5
          """)
      ),
      (
        "validate --measurements \(runs) --on h100-sxm",
        list("--calibration none|--model gpt-2|--shapes llm|--clock 1.0GHz|--bandwidth-efficiency 0.5")
      ),
      (
        "import ROOT/Tests/ImportTests/Configs/llama-3-8b.json",
        list("--name zz|--set vocab_size=999|--charts y|--report")
      ),
      (
        "crosscheck --claims",
        bench + list("--no-timing|--random 3|--engine x|--kernel rmsnorm:rows=3,width=80|--gemm 8,8,8")
      ),
      ("crosscheck --no-timing --kernel gemm:m=8,n=8,k=8", bench + list("--random 1|--gemm 9,9,9")),
      ("crosscheck --no-timing --kernel gemm:m=8,n=8,k=8 --random 2", list("--seed 7")),
      (
        "bench --budget 0.001 --threads 1 --kernel rmsnorm:rows=2,width=64",
        list("gemm|--grid|--claims|--bytes") + layer
      ),
    ]
    return table + more
  }()

  /// A new option joins the table; where output goes is OutputTests' matter.
  @Test func everyOptionIsAsked() {
    let elsewhere: Set = [
      "--format", "--output", "--export", "--force", "--catalogue", "--profile", "--save", "--version",
      "--help",
    ]
    let lines: [String] = Self.table.flatMap(\.options) + Self.table.map(\.line)
    let asked = Set(lines.flatMap { $0.split(separator: " ").map(String.init) })
    for command in Rooftree.listed where command is any ReportingCommand.Type {
      let help = Rooftree.helpMessage(for: command, columns: 200).split(separator: "\n")
      for line in help where line.hasPrefix("  -") {
        let names = line.dropFirst(2).prefix { $0 != "<" }.split(separator: "  ")[0].split(separator: ", ")
        #expect(
          !asked.union(elsewhere).isDisjoint(with: names.map { $0.trimmingCharacters(in: .whitespaces) }),
          "\(command): \(line)")
      }
    }
  }

  /// Defaults of a phase.
  private static let usual: Set = ["decode --latent absorbed", "prefill --latent naive"]

  /// All of the table with `ROOFTREE_THOROUGH=1`; else every third option of a line, others in the next one.
  private static let asked: [(line: String, options: [String])] =
    ProcessInfo.processInfo.environment["ROOFTREE_THOROUGH"] == "1"
    ? table
    : table.enumerated().map { row in
      let options = row.element.options
      return (row.element.line, stride(from: row.offset % 3, to: options.count, by: 3).map { options[$0] })
    }

  @Test(arguments: asked)
  func optionsAreUsedOrRefused(_ line: String, _ options: [String]) throws {
    let plain = Self.run(line)
    #expect(plain.status <= 1, "\(line): \(plain.errors)")
    for option in options where !Self.usual.contains("\(line.split(separator: " ").last ?? "") \(option)") {
      let outcome = Self.run("\(line) \(option)")
      let name = String(option.split(separator: " ")[0])
      let long = [
        "--isl": "--input-len", "--osl": "--output-len", "--ctx": "--context-len", "-b": "--batch-size",
      ]
      if outcome.status == 64 {
        // What no split holds is no fault of the option.
        #expect(
          [name, long[name] ?? name, "no split of"].contains { outcome.errors.contains($0) },
          "\(line) \(option): \(outcome.errors)")
        #expect(outcome.output.isEmpty)
      } else {
        #expect(outcome.status <= 1, "\(line) \(option): \(outcome.errors)")
        #expect(
          outcome.output != plain.output || outcome.status != plain.status, "\(line): \(option) was dropped")
      }
    }
  }

  @Test(arguments: [
    ("analyze gpt-2 --on l4 --router zipf:1", "no layer has experts"),
    ("analyze gpt-2 --on l4 --router balanced", "no layer has experts"),
    ("analyze gpt-2 --on l4 --latent naive", "no layer has latent attention"),
    ("analyze mamba-2.8b --on l4 --attention naive", "no layer has softmax attention"),
    ("analyze mamba-2.8b --on l4 --kv-cache-dtype fp8", "no layer keeps keys"),
    ("analyze gpt-2 --on l4 --phase decode --osl 9", "--output-len"),
    ("analyze gpt-2 --on l4 --phase decode --logits all", "one position"),
    ("analyze gpt-2 --on l4 --phase decode --isl 9 --ctx 9", "--context-len says"),
    ("analyze gpt-2 --on l4 --explain --format json", "text, markdown or html"),
    ("analyze gpt-2 --on l4 --all --format csv", "--all"),
    ("analyze gpt-2 --on l4 --host xeon-8480", "--host"),
    ("compare gpt-2 mistral-7b --on l4 --explain --format csv", "--explain"),
    ("compare gpt-2 mistral-7b --on l4 --router zipf:1", "no layer has experts"),
    ("show gpt-2 --dtype fp8 --format csv", "--dtype"), ("models --force", "--force"),
    ("calibrate --measurements x --on l4 --study y.md --prior none", "--prior"),
    ("calibrate --measurements x --on l4,l4 --across --model gpt-2", "--model"),
  ])
  func refusalsSayWhy(_ line: String, _ words: String) throws {
    let outcome = try Tool.run(line)
    #expect(outcome.status == 64 && outcome.errors.contains(words) && outcome.output.isEmpty, "\(outcome)")
  }

  /// Side by side an option counts where one of the models has a use for it.
  @Test func comparedModelsShareOptions() throws {
    let plain = Self.run("compare gpt-2 mixtral-8x7b --on h100-sxm")
    let skewed = Self.run("compare gpt-2 mixtral-8x7b --on h100-sxm --router zipf:2")
    #expect(skewed.status == 0 && skewed.output != plain.output, "\(skewed.errors)")
  }

  /// A prefix alone: a prompt of the usual length behind it.
  @Test func contextWithoutInputInPrefill() throws {
    let both = try Tool.run("analyze llama-3-8b --on l4 --isl 2048 --ctx 512 --format csv")
    let alone = try Tool.run("analyze llama-3-8b --on l4 --ctx 512 --format csv")
    #expect(both.status == 0 && both.output == alone.output)
  }
}
