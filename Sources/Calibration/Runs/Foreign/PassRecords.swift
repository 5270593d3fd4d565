import Basics
import CostModel
import Import
import Specs

/// Results of benchmarks of whole passes: objects of JSON wherever they stand, or rows of CSV and markdown, whose keys say
/// whose they are.
struct PassRecords {
  /// A result: its plain values by key.
  struct Record {
    var values: [String: String]
    /// Single measurements, where they are given.
    var samples: [Double] = []
    var at: SourceLocation

    func text(_ key: String) -> String { values[key] ?? "" }
    private func shown(_ key: String) -> String { values[key].map { String($0.prefix(40)) } ?? "missing" }

    func number(_ key: String, from low: Double, or fallback: Double? = nil) throws(InputError) -> Double {
      if let fallback, text(key).isEmpty { return fallback }
      guard let value = Double(text(key)), value >= low, value < 1e18 else {
        throw InputError(
          .data, at: at,
          "“\(key)” is \(shown(key)); accepted: a number from \(Int(low)) to 1e18"
        )
      }
      return value
    }

    func seconds(_ key: String, _ unit: Double = 1) throws(InputError) -> Double {
      guard let value = Double(text(key)), value > 0, value * unit < 1e5, value * unit > 1e-12 else {
        throw InputError(
          .data, at: at,
          "“\(key)” is \(shown(key)); accepted: a positive time below a day"
        )
      }
      return RunsReader.exact(value * unit)
    }
  }

  /// Any of these sets of keys is the tool's.
  private let keys: [[String]]
  private let runs: @Sendable (Record, Log, ModelSpec?) throws(InputError) -> [Run]

  private static let tools = [
    PassRecords(
      keys: [["avg_ns", "n_prompt", "n_gen"], ["model", "params", "test", "t/s"]], runs: LlamaBench.runs),
    PassRecords(
      keys: [["pp", "tg", "pl", "t_pp", "t_tg"], ["PP", "TG", "B", "T_PP s", "T_TG s"]],
      runs: BatchedBench.runs),
    PassRecords(
      keys: [["batch_size", "input_len", "output_len", "prefill_latency"]], runs: OneBatchBench.runs),
  ]

  /// What a tool prints around its results.
  struct Log {
    /// Devices as llama.cpp finds them: `Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9`.
    var devices: [String] = []
    /// `build: aa11bb22 (7001)`.
    var build = ""
    /// llama-batched-bench's `main: n_kv_max = 2048, …, is_pp_shared = 0, n_gpu_layers = 99`.
    var settings: [String: String] = [:]

    init(_ text: String) {
      for line in String(decoding: text.utf8.prefix(1 << 16), as: UTF8.self).split(
        whereSeparator: \.isNewline)
      {
        let line = line.trimmed
        if line.hasPrefix("Device "), let name = line.split(separator: ":").dropFirst().first {
          devices.append((name.split(separator: ",").first ?? "").trimmed)
        }
        if line.contains("n_kv_max = ") {
          for part in line.dropFirst(line.hasPrefix("main: ") ? 6 : 0).split(separator: ",") {
            let pair = part.split(separator: "=").map(\.trimmed)
            if pair.count == 2 { settings[pair[0]] = pair[1] }
          }
        }
      }
      // Below the table.
      if let line = text.split(whereSeparator: \.isNewline).last(where: { $0.hasPrefix("build: ") }) {
        build = line.split(separator: "(").last.map { "b" + $0.prefix { $0.isNumber } } ?? ""
      }
    }
  }

  /// Nil where the text holds no results of these tools.
  static func read(_ source: SourceFile, of model: ModelSpec?) throws(InputError) -> RunFile? {
    for tool in tools {
      guard let (records, failures) = tool.records(source) else { continue }
      var result = RunFile(rejected: failures)
      let log = Log(source.text)
      var seen = Set<Run>()
      for record in records {
        do throws(InputError) {
          for run in try tool.runs(record, log, model) {
            guard seen.insert(run.withoutPlace).inserted else {
              throw InputError(.data, at: record.at, "the same result stands above")
            }
            result.runs.append(run)
          }
        } catch {
          result.rejected.append(error)
        }
      }
      return result
    }
    return nil
  }

  private func records(_ source: SourceFile) -> (records: [Record], failures: [InputError])? {
    let start = String(decoding: source.text.utf8.prefix(1 << 20), as: UTF8.self)
    if keys[0].allSatisfy({ start.contains("\"\($0)\":") || start.contains("\"\($0)\" :") }) {
      let (nodes, failures) = JSONNode.fragments(of: source)
      let objects = nodes.flatMap { $0.objects(with: keys[0]) }
      if !objects.isEmpty { return (objects.map { Self.record($0, source.name) }, failures) }
    }
    guard
      var table = RunTable(
        in: source.text, where: { cells in keys.contains { $0.allSatisfy(cells.contains) } })
    else { return nil }
    var records: [Record] = []
    var failures: [InputError] = []
    let width = table.heading.count
    while let (row, isOpen) = table.next(file: source.name) {
      // The log goes on behind a markdown table; every build writes its heading again.
      if row.fields.count != width || row.fields.map(\.trimmed) == table.heading {
        if table.rows.separator != nil, row.fields.count > 1 {
          failures.append(
            InputError(
              .data, at: row.at,
              isOpen
                ? "a quote opens here that does not close in its line"
                : "\(row.fields.count) cells under \(width) headings"))
        }
        continue
      }
      records.append(
        Record(
          values: Dictionary(
            zip(table.heading, row.fields.map(\.trimmed)), uniquingKeysWith: { first, _ in first }),
          at: row.at))
    }
    return (records, failures)
  }

  private static func record(_ node: JSONNode, _ file: String) -> Record {
    var record = Record(values: [:], at: node.location(in: file))
    for member in node.members ?? [] {
      switch member.value.value {
      case .array(let items) where member.key == "samples_ns":
        record.samples = items.map { $0.number ?? 0 }.sorted()
      case .array, .object, .null: break
      case .string(let text): record.values[member.key] = text
      case .number(let text), .nonFinite(let text): record.values[member.key] = text
      case .bool(let flag): record.values[member.key] = flag ? "1" : "0"
      }
    }
    return record
  }

  /// A forward pass as a run.
  static func run(
    _ pass: WholePass, seconds: Double, _ framework: Framework, version: String = "", format: String,
    cache: String = "", at: SourceLocation
  ) -> Run {
    Run(
      gpu: "",
      group: RunGroup(
        .forwardPass, framework, version: version, format: RunFormat(spelled: format),
        cache: RunFormat(spelled: cache)),
      shape: RunShape(.pass(pass)), seconds: seconds, file: at.file, line: at.line)
  }

  /// The model that a tool's results do not name.
  static func stated(_ model: ModelSpec?, _ tool: String, _ at: SourceLocation) throws(InputError)
    -> ModelSpec
  {
    guard let model else {
      throw InputError(.data, at: at, "\(tool) names no model; state it with --model")
    }
    return model
  }
}

/// llama-batched-bench: prompts of `pl` sequences at once, then their generation.
enum BatchedBench {
  static func runs(
    _ record: PassRecords.Record, _ log: PassRecords.Log, _ model: ModelSpec?
  ) throws(InputError) -> [Run] {
    var record = record
    record.values.merge(log.settings) { own, _ in own }
    func number(_ key: String, _ shown: String, from low: Double) throws(InputError) -> Double {
      try record.number(record.values[key] == nil ? shown : key, from: low)
    }
    let model = try PassRecords.stated(model, "llama-batched-bench", record.at)
    guard record.values["n_gpu_layers"].flatMap(Double.init).map({ LlamaBench.isAll($0, of: model) }) ?? true
    else {
      throw InputError(
        .data, at: record.at, "\(record.text("n_gpu_layers")) layers on the GPU: not a run of that device")
    }
    let weights = PassWeights(model)
    let (prompt, generated) = (try number("pp", "PP", from: 0), try number("tg", "TG", from: 0))
    let sequences = try number("pl", "B", from: 1)
    let format = (model.checkpointFormat ?? .bf16).name
    func run(_ pass: WholePass, _ key: String, _ shown: String) throws(InputError) -> Run {
      PassRecords.run(
        pass, seconds: try record.seconds(record.values[key] == nil ? shown : key), .llamaCpp,
        format: format, at: record.at)
    }
    // A shared prompt is read once.
    let copies = ["1", "true"].contains(record.text("is_pp_shared")) ? 1 : sequences
    var runs: [Run] = []
    if prompt > 0 {
      let together = min(prompt * copies, try record.number("n_ubatch", from: 1, or: 512))
      let passes = (prompt * copies / together).rounded(.up)
      runs.append(
        try run(
          weights.pass(passes, tokens: prompt * copies / passes, keys: prompt / 2), "t_pp", "T_PP s"))
    }
    if generated > 0 {
      let keys = sequences * (prompt + generated / 2)
      runs.append(try run(weights.pass(generated, tokens: sequences, keys: keys), "t_tg", "T_TG s"))
    }
    return runs
  }
}

/// SGLang's `bench_one_batch`: one prefill of a batch, and the median of its decode steps.
enum OneBatchBench {
  static func runs(
    _ record: PassRecords.Record, _ log: PassRecords.Log, _ model: ModelSpec?
  ) throws(InputError) -> [Run] {
    let model = try PassRecords.stated(model, "SGLang's bench_one_batch", record.at)
    let weights = PassWeights(model)
    let batch = try record.number("batch_size", from: 1)
    let (prompt, generated) = (
      try record.number("input_len", from: 1), try record.number("output_len", from: 0)
    )
    let format = (model.checkpointFormat ?? .bf16).name
    func run(tokens: Double, keys: Double, _ key: String) throws(InputError) -> Run {
      PassRecords.run(
        weights.pass(1, tokens: tokens, keys: keys), seconds: try record.seconds(key), .sglang,
        format: format, at: record.at)
    }
    let prefill = try run(tokens: batch * prompt, keys: batch * prompt / 2, "prefill_latency")
    guard !record.text("median_decode_latency").isEmpty else { return [prefill] }
    return [
      prefill,
      try run(tokens: batch, keys: batch * (prompt + generated / 2), "median_decode_latency"),
    ]
  }
}
