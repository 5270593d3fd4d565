import Foundation
import Testing

/// Every option × command × kind of model: it changes what is printed, or is refused by name with the reason (64); it is
/// never dropped.
@Suite struct OptionTests {
  /// Models by what they have: (name, experts, latent attention, softmax attention).
  static let models = ["gpt-2", "mixtral-8x7b", "deepseek-v3", "mamba-2.8b"]

  static let commands = [
    "analyze MODEL --on h100-sxm -b 16 --phase prefill", "analyze MODEL --on h100-sxm -b 16 --phase decode",
    "compare MODEL --on h100-sxm -b 16", "show MODEL",
  ]

  /// Options with a value that no default has.
  static let options = [
    "-b 3", "--isl 77", "--ctx 99", "--osl 5", "--attention naive", "--attention-flops full",
    "--latent naive",
    "--latent absorbed", "--logits all", "--router zipf:1", "--router balanced", "--dtype fp8",
    "--quantization int4",
    "--act-dtype fp8", "--kv-cache-dtype fp8", "--framework trtllm", "--calibration none", "--explain",
    "--ignore-key x", "--format json",
  ]

  /// What a command does not have at all is refused by the parser of command lines.
  @Test(arguments: commands)
  func optionsAreUsedOrRefused(_ command: String) throws {
    for model in Self.models {
      let line = command.replacingOccurrences(of: "MODEL", with: model)
      let plain = try Tool.run(line)
      #expect(plain.status == 0, "\(line): \(plain.errors)")
      for option in Self.options {
        let outcome = try Tool.run("\(line) \(option)")
        let name = option.split(separator: " ")[0]
        let long = ["--isl": "--input-len", "--osl": "--output-len", "--ctx": "--context-len"][String(name)]
        if outcome.status == 64 {
          #expect(
            outcome.errors.contains(name) || outcome.errors.contains(long ?? "?"),
            "\(line) \(option): \(outcome.errors)")
          #expect(outcome.output.isEmpty)
        } else {
          #expect(outcome.status == 0, "\(line) \(option): \(outcome.errors)")
          // A choice that the tool makes by itself is used though it changes nothing.
          if Self.usual.contains("\(command.split(separator: " ").last ?? "") \(option)")
            || option == "--router balanced"
          {
            continue
          }
          #expect(outcome.output != plain.output, "\(line): \(option) was dropped")
        }
      }
    }
  }

  /// Defaults of a phase, and what is the same by definition.
  static let usual: Set = [
    "decode --latent absorbed", "prefill --latent naive", "decode --logits all",
    "decode --attention-flops full",
  ]

  @Test(arguments: [
    ("analyze gpt-2 --on l4 --router zipf:1", "no layer has experts"),
    ("analyze gpt-2 --on l4 --router balanced", "no layer has experts"),
    ("analyze gpt-2 --on l4 --latent naive", "no layer has latent attention"),
    ("analyze mamba-2.8b --on l4 --attention naive", "no layer has softmax attention"),
    ("analyze mamba-2.8b --on l4 --kv-cache-dtype fp8", "no layer keeps keys"),
    ("analyze gpt-2 --on l4 --phase decode --osl 9", "--output-len"),
    ("analyze gpt-2 --on l4 --phase decode --isl 9 --ctx 9", "--context-len says"),
    ("compare gpt-2 mistral-7b --on l4 --router zipf:1", "no layer has experts"),
    ("calibrate --measurements x --on l4 --study y.md --prior none", "--prior"),
  ])
  func refusalsSayWhy(_ line: String, _ words: String) throws {
    let outcome = try Tool.run(line)
    #expect(outcome.status == 64 && outcome.errors.contains(words) && outcome.output.isEmpty, "\(outcome)")
  }

  /// Side by side an option counts where one of the models has a use for it.
  @Test func comparedModelsShareOptions() throws {
    let plain = try Tool.run("compare gpt-2 mixtral-8x7b --on h100-sxm --format json")
    let skewed = try Tool.run("compare gpt-2 mixtral-8x7b --on h100-sxm --format json --router zipf:2")
    #expect(skewed.status == 0 && skewed.output != plain.output, "\(skewed.errors)")
  }

  /// A prefix alone: a prompt of the usual length behind it.
  @Test func contextWithoutInputInPrefill() throws {
    let both = try Tool.run("analyze llama-3-8b --on l4 --isl 2048 --ctx 512 --format csv")
    let alone = try Tool.run("analyze llama-3-8b --on l4 --ctx 512 --format csv")
    #expect(both.status == 0 && both.output == alone.output)
  }
}
