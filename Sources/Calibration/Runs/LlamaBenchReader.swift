import Import
import Specs

/// llama-bench's JSON (`-o json`) and JSON lines (`-o jsonl`): whole passes of a model, prompts and generation apart.
enum LlamaBenchReader {
  static func isOutput(_ text: String) -> Bool {
    text.contains("\"avg_ns\"") && text.contains("\"n_prompt\"")
  }

  static func read(_ source: SourceFile) throws(InputError) -> RunFile {
    var entries: [JSONNode] = []
    if source.text.drop(while: \.isWhitespace).first == "{" {
      for (index, line) in source.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      where !line.allSatisfy(\.isWhitespace) {
        var node = try JSONNode.read(SourceFile(name: source.name, text: String(line)))
        node.line = index + 1
        entries.append(node)
      }
    } else {
      let node = try JSONNode.read(source)
      guard let list = node.array else {
        throw InputError(
          .data, at: SourceLocation(file: source.name, line: node.line, column: node.column),
          "\(node.shown); accepted: llama-bench's list of results")
      }
      entries = list
    }
    var result = RunFile(runs: [], rejected: [])
    var seen = Set<Run>()
    for entry in entries {
      let at = SourceLocation(file: source.name, line: entry.line, column: entry.column)
      do throws(InputError) {
        var run = try run(entry, at)
        let line = run.line
        run.line = 0
        guard seen.insert(run).inserted else {
          throw InputError(.data, at: at, "the same result stands above")
        }
        run.line = line
        result.runs.append(run)
      } catch {
        result.rejected.append(error)
      }
    }
    return result
  }

  private static func run(_ entry: JSONNode, _ at: SourceLocation) throws(InputError) -> Run {
    func number(_ key: String, from low: Double, or fallback: Double? = nil) throws(InputError) -> Double {
      if let fallback, entry[key]?.isNull ?? true { return fallback }
      guard let value = entry[key]?.number, value >= low, value < 1e18 else {
        throw InputError(
          .data, at: at,
          "“\(key)” is \(entry[key]?.shown ?? "missing"); accepted: a number from \(Int(low)) to 1e18")
      }
      return value
    }
    func text(_ key: String) -> String { entry[key]?.string ?? "" }
    let prompt = try number("n_prompt", from: 0)
    let generated = try number("n_gen", from: 0)
    guard (prompt > 0) != (generated > 0) else {
      throw InputError(
        .data, at: at,
        "prompt and generation in one time (n_prompt \(Int(prompt)), n_gen \(Int(generated))); accepted: one of them"
      )
    }
    let type = text("model_type")
    guard !isMixture(type) else {
      throw InputError(
        .data, at: at, "“\(type)” is a mixture of experts: how many weights a token uses is not in it")
    }
    var pass = WholePass(
      passes: generated, tokens: 1, weights: try number("model_n_params", from: 1),
      weightBytes: try number("model_size", from: 1))
    pass.keys = try number("n_depth", from: 0, or: 0) + (prompt + generated) / 2
    if prompt > 0 {
      let together = min(
        prompt, try number("n_ubatch", from: 1, or: 512), try number("n_batch", from: 1, or: 2048))
      pass.passes = (prompt / together).rounded(.up)
      pass.tokens = prompt / pass.passes
    }
    let cache = text("type_k") == "f16" ? "float16" : text("type_k")
    let onGPU = text("backends").split(separator: ",").contains { $0 != "CPU" && $0 != "BLAS" }
    return Run(
      gpu: onGPU ? text("gpu_info") : text("cpu_info"),
      group: RunGroup(
        .forwardPass, .llamaCpp, version: entry["build_number"]?.int.map { "b\($0)" } ?? text("build_commit"),
        format: RunFormat(spelled: format(of: type)), cache: RunFormat(spelled: cache)),
      shape: RunShape(.pass(pass)), seconds: try seconds(entry, at), file: at.file, line: at.line)
  }

  /// The median of the samples; their mean where there are none.
  private static func seconds(_ entry: JSONNode, _ at: SourceLocation) throws(InputError) -> Double {
    let samples = (entry["samples_ns"]?.array ?? []).map { $0.number ?? 0 }.sorted()
    let nanoseconds =
      samples.isEmpty ? entry["avg_ns"]?.number ?? 0 : GroupFitting.quantile(samples, 0.5)
    guard nanoseconds > 0, samples.allSatisfy({ $0 > 0 }), nanoseconds < 1e14 else {
      throw InputError(
        .data, at: at,
        "“avg_ns” is \(entry["avg_ns"]?.shown ?? "missing"); accepted: a positive time below a day")
    }
    return RunsReader.exact(nanoseconds * 1e-9)
  }

  /// `llama 8x7B Q4_0`, `qwen3moe 30B.A3B Q4_K - Medium`.
  private static func isMixture(_ type: String) -> Bool {
    type.lowercased().split(separator: " ").contains { word in
      word.contains("moe") || word.contains(".a") && word.hasSuffix("b")
        || word.first?.isNumber == true && word.contains("x") && word.hasSuffix("b")
    }
  }

  /// `llama 7B Q4_K - Medium` is q4_k_medium; `llama 1B all F32` is f32.
  private static func format(of type: String) -> String {
    let words = type.lowercased().split(separator: " ").map(String.init)
    let size = words.lastIndex { $0.first?.isNumber == true && ($0.hasSuffix("b") || $0.hasSuffix("m")) } ?? 0
    return words.dropFirst(size + 1).filter { $0 != "-" && $0 != "all" }.joined(separator: "_")
  }
}
