import Basics
import CostModel
import Specs

/// llama-bench's results: whole passes of a model, prompts and generation apart, as JSON (a list or lines), CSV or
/// markdown, from builds of 2023 (`f16_kv`, `cuda`, `metal`) to today's.
enum LlamaBench {
  static func runs(
    _ record: PassRecords.Record, _ log: PassRecords.Log, _ stated: ModelSpec?
  ) throws(InputError) -> [Run] {
    let record = record.values["t/s"] == nil ? record : try fromMarkdown(record)
    let prompt = try record.number("n_prompt", from: 0)
    let generated = try record.number("n_gen", from: 0)
    guard (prompt > 0) != (generated > 0) else {
      throw InputError(
        .data, at: record.at,
        "prompt and generation in one time (n_prompt \(Int(prompt)), n_gen \(Int(generated))); accepted: one of them"
      )
    }
    let parameters = try record.number("model_n_params", from: 1)
    let isRounded = record.values["t/s"] != nil
    let type = record.text("model_type")
    let (weights, model) = try weights(
      type, parameters, bytes: try record.number("model_size", from: 1), isRounded: isRounded, stated,
      record.at)
    let device = try device(record, log, model)

    let depth = try record.number("n_depth", from: 0, or: 0)
    var (passes, tokens) = (generated, 1.0)
    if prompt > 0 {
      let together = min(
        prompt, try record.number("n_ubatch", from: 1, or: 512),
        try record.number("n_batch", from: 1, or: 2048)
      )
      passes = (prompt / together).rounded(.up)
      tokens = prompt / passes
    }
    let cache = record.text("type_k").isEmpty && record.text("f16_kv") != "0" ? "f16" : record.text("type_k")
    let build = record.text("build_number")
    var run = PassRecords.run(
      weights.pass(passes, tokens: tokens, keys: depth + (prompt + generated) / 2),
      seconds: try seconds(record), .llamaCpp,
      version: build.isEmpty
        ? (log.build.isEmpty ? record.text("build_commit") : log.build) : "b\(build)",
      format: format(of: type), cache: cache == "f16" ? "float16" : cache, at: record.at)
    (run.gpu, run.isOnHost) = device
    return [run]
  }

  // MARK: - Where it ran

  /// - Throws: where it was not one device that did all of the work.
  private static func device(
    _ record: PassRecords.Record, _ log: PassRecords.Log, _ model: ModelSpec?
  ) throws(InputError) -> (name: String, isHost: Bool) {
    func leave(_ reason: String) -> InputError {
      InputError(.data, at: record.at, "\(reason): not a run of one device alone")
    }
    func isOn(_ key: String) -> Bool { !["", "0", "false", "none"].contains(record.text(key)) }
    let backends = record.text("backends").split { ",/+".contains($0) }.map(\.trimmed)
    let older = ["cuda", "opencl", "vulkan", "kompute", "metal", "sycl", "gpu_blas"].contains(where: isOn)
    let hasGPU = backends.isEmpty ? older : !Set(backends).subtracting(["CPU", "BLAS"]).isEmpty
    if !hasGPU && record.values["backends"] != nil || record.text("devices") == "none" {
      return (record.text("cpu_info"), true)
    }
    if !hasGPU && record.values["cuda"] != nil { return (record.text("cpu_info"), true) }
    if isOn("no_kv_offload") { throw leave("the cache is on the CPU (no_kv_offload)") }
    if isOn("n_cpu_moe") {
      throw leave("experts of \(record.text("n_cpu_moe")) layers are on the CPU (n_cpu_moe)")
    }
    if isOn("tensor_buft_overrides") {
      throw leave("tensors are placed by hand (\(record.text("tensor_buft_overrides").prefix(40)))")
    }
    // Words, such as auto, are all of them.
    let layers =
      Double(record.text("n_gpu_layers")) == nil ? -1 : try record.number("n_gpu_layers", from: -99)
    if !isAll(layers, of: model) {
      throw leave(
        layers == 0
          ? "no layers are on the GPU (n_gpu_layers 0)"
          : "\(Int(layers)) layers are on the GPU"
            + (model.map { ", of \($0.layerCount + 1) with the output" }
              ?? " (99 or --model would say of how many)"))
    }
    let names =
      record.text("gpu_info").isEmpty
      ? log.devices : record.text("gpu_info").split(separator: ", ").map(String.init)
    guard names.count > 1 else { return (names.first ?? "", false) }
    let chosen = record.text("devices").split(separator: "/")
    if chosen.count == 1, let digit = chosen[0].last?.wholeNumberValue, names.indices.contains(digit) {
      return (names[digit], false)
    }
    if record.text("split_mode") == "none" || record.text("sm") == "none" {
      let main = Int(record.text("main_gpu")) ?? Int(record.text("mg")) ?? 0
      return (names.indices.contains(main) ? names[main] : names[0], false)
    }
    throw leave("\(names.count) GPUs worked as one (\(names[0].prefix(40)), …)")
  }

  /// llama.cpp counts the output as a layer, and takes −1 and large numbers for all.
  static func isAll(_ layers: Double, of model: ModelSpec?) -> Bool {
    layers < 0 || layers >= model.map { Double($0.layerCount + 1) } ?? 99
  }

  // MARK: - What ran

  /// Names of llama.cpp's architectures that are mixtures, beside those that say so.
  private static let mixtures: Set<String> = [
    "gpt-oss", "llama4", "dots1", "deepseek", "deepseek2", "deepseek32", "grok", "dbrx", "arctic", "jamba",
    "minimax-m2", "smallthinker", "kimi-linear", "afmoe", "mimo2", "qwen3next", "glm-dsa", "bailingmoe2",
    "step35",
  ]

  /// `llama 8x7B Q4_0`, `llama4 17Bx16E (Scout) Q4_K - Medium`, `qwen3moe 30B.A3B Q4_K - Medium`, `gpt-oss ?B F16`.
  static func isMixture(_ type: String) -> Bool {
    let words = type.lowercased().split(separator: " ").map(String.init)
    return mixtures.contains(words.first ?? "")
      || words.contains { word in
        word.contains("moe") || word.contains(".a") && word.hasSuffix("b")
          || word.first?.isNumber == true && word.contains("x")
            && (word.hasSuffix("b") || word.hasSuffix("e"))
      }
  }

  /// Parameters that a token uses, as the name has them: `30B.A3B`, `A13B`, `17Bx16E`.
  static func active(_ type: String) -> Double? {
    for word in type.lowercased().split(separator: " ") {
      let rest: Substring
      if word.hasSuffix("e"), let end = word.firstRange(of: "bx") {
        rest = word[..<end.lowerBound]
      } else if word.hasSuffix("b"), let mark = word.lastIndex(of: "a"),
        mark == word.startIndex || word[word.index(before: mark)] == "."
      {
        rest = word[mark...].dropFirst().dropLast()
      } else {
        continue
      }
      if let billions = Double(rest), billions > 0 { return billions * 1e9 }
    }
    return nil
  }

  /// - Returns: also the model, where one is stated or the catalogue has one of this size.
  private static func weights(
    _ type: String, _ parameters: Double, bytes: Double, isRounded: Bool, _ stated: ModelSpec?,
    _ at: SourceLocation
  ) throws(InputError) -> (PassWeights, ModelSpec?) {
    if let stated {
      guard abs(stated.parameters.total / parameters - 1) < 0.05 else {
        throw InputError(
          .data, at: at,
          "“\(type.prefix(40))” has \(Int(parameters / 1e6)) million parameters, \(stated.name) of --model"
            + " \(Int(stated.parameters.total / 1e6)); accepted: the model that was run")
      }
      return (PassWeights(stated, bytes: bytes), stated)
    }
    let named = isMixture(type)
    // Those that do not say so are known by their exact number.
    if let mixture = SizedModels.nearest(
      parameters, within: named ? 0.01 : isRounded ? 0 : 5e-4, mixture: true, active: active(type))
    {
      return (PassWeights(mixture, bytes: bytes), mixture)
    }
    guard !named else {
      throw InputError(
        .data, at: at,
        "“\(type.prefix(40))” is a mixture of experts that the catalogue does not have: how many weights a token uses is"
          + " not in the file; state it with --model")
    }
    let dense = SizedModels.nearest(parameters, within: 0.01, mixture: false)
    return (PassWeights(dense: parameters, bytes: bytes), dense)
  }

  /// `llama 7B Q4_K - Medium` is q4_k_medium; `llama 1B all F32` is f32, `llama 7B mostly Q4_0` q4_0.
  private static func format(of type: String) -> String {
    let words = type.lowercased().split(separator: " ").map(String.init).filter { !$0.hasPrefix("(") }
    let size =
      words.lastIndex {
        $0.first.map { $0.isNumber || $0 == "?" } == true && ["b", "m", "e"].contains($0.last)
          || active($0) != nil
      } ?? 0
    return words.dropFirst(size + 1).filter { !["-", "all", "mostly", "moe"].contains($0) }
      .joined(separator: "_")
  }

  /// The median of the samples; their mean where there are none.
  private static func seconds(_ record: PassRecords.Record) throws(InputError) -> Double {
    guard !record.samples.isEmpty else { return try record.seconds("avg_ns", 1e-9) }
    let median = GroupFitting.quantile(record.samples, 0.5)
    guard record.samples[0] > 0, median < 1e14 else {
      throw InputError(
        .data, at: record.at,
        "“avg_ns” has a sample of \(record.samples[0]); accepted: positive times below a day")
    }
    return RunsReader.exact(median * 1e-9)
  }

  // MARK: - Markdown

  /// The columns of a printed table in the words of JSON: `| llama 8B Q4_0 | 4.34 GiB | 8.03 B | CUDA | 99 | tg128 |
  /// 142.20 ± 0.31 |`.
  private static func fromMarkdown(_ record: PassRecords.Record) throws(InputError) -> PassRecords.Record {
    var result = record
    func figure(_ column: String, _ units: [String: Double]) throws(InputError) -> Double {
      let words = record.text(column).split(separator: " ")
      guard words.count == 2, let value = Double(words[0]), let unit = units[String(words[1])] else {
        throw InputError(
          .data, at: record.at,
          "“\(column)” is “\(record.text(column).prefix(40))”; accepted: a number and one of"
            + " \(units.keys.sorted().joined(separator: ", "))")
      }
      return value * unit
    }
    let test = record.text("test").filter { $0 != " " }
    let (kind, rest) = (
      test.prefix(2), test.dropFirst(2).split(separator: "@d", omittingEmptySubsequences: false)
    )
    guard kind == "pp" || kind == "tg", rest.count <= 2, let count = rest.first.flatMap({ Double($0) }),
      count > 0,
      let depth = rest.count == 2 ? Double(rest[1]) : 0
    else {
      throw InputError(
        .data, at: record.at,
        "“test” is “\(record.text("test").prefix(40))”; accepted: pp or tg and a number, a depth behind it (pp512 @ d1024)"
      )
    }
    let rate = record.text("t/s").split(separator: " ").first.flatMap { Double($0) } ?? 0
    guard rate > 0, rate < 1e12 else {
      throw InputError(
        .data, at: record.at, "“t/s” is “\(record.text("t/s").prefix(40))”; accepted: a positive rate")
    }
    let gibi = 1_073_741_824.0
    result.values["model_type"] = record.text("model")
    result.values["model_size"] = "\(try figure("size", ["MiB": gibi / 1024, "GiB": gibi]))"
    result.values["model_n_params"] = "\(try figure("params", ["M": 1e6, "B": 1e9, "T": 1e12]))"
    result.values["n_prompt"] = kind == "pp" ? "\(count)" : "0"
    result.values["n_gen"] = kind == "tg" ? "\(count)" : "0"
    result.values["n_depth"] = "\(depth)"
    result.values["avg_ns"] = "\(count / rate * 1e9)"
    // Headings as printed, and their keys.
    for (heading, key) in [
      ("backend", "backends"), ("ngl", "n_gpu_layers"), ("sm", "split_mode"), ("mg", "main_gpu"),
      ("nkvo", "no_kv_offload"), ("ot", "tensor_buft_overrides"), ("dev", "devices"), ("ncmoe", "n_cpu_moe"),
    ] {
      if let value = record.values[heading] { result.values[key] = value }
    }
    return result
  }
}
