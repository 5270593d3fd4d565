import Basics
import CostModel
import Specs

/// Runs that could be used, and those that could not, each with its line and reason.
public struct RunFile: Sendable {
  public var runs: [Run]
  public var rejected: [InputError]

  public init(runs: [Run], rejected: [InputError]) {
    self.runs = runs
    self.rejected = rejected
  }
}

/// Reads measured runs from CSV with a heading: `kernel, framework, version, dtype, …, time_us`; unknown columns are
/// passed over.
public enum RunsReader {
  /// Accepted names of the time column, with seconds per unit.
  static let timeColumns = [("time_us", 1e-6), ("time_ms", 1e-3), ("time_s", 1.0), ("time_ns", 1e-9)]
  public static let largestBytes = 512 * 1024 * 1024

  public static func read(_ source: SourceFile) throws(InputError) -> RunFile {
    if NsightReader.isExport(source.text) { return NsightReader.read(source) }
    if LlamaBenchReader.isOutput(source.text) { return try LlamaBenchReader.read(source) }
    var scanner = CSVScanner(source.text)
    guard let heading = scanner.next() else {
      throw InputError(
        .data, at: SourceLocation(file: source.name), "the file is empty; a CSV heading is expected")
    }
    let columns = Dictionary(
      heading.fields.enumerated().map { ($0.element.trimmed, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    let times = timeColumns.filter { columns[$0.0] != nil }
    guard columns["kernel"] != nil, let time = times.first else {
      throw InputError(
        .data, at: SourceLocation(file: source.name),
        "the heading needs “kernel” and one of \(timeColumns.map(\.0).joined(separator: ", "))"
          + (columns["kernel"] == nil
            ? Suggestion.phrase(for: "kernel", among: Array(columns.keys)) : ""))
    }
    guard times.count == 1 else {
      throw InputError(
        .data, at: SourceLocation(file: source.name),
        "“\(times[0].0)” and “\(times[1].0)” are mixed units; accepted: one of them")
    }
    var result = RunFile(runs: [], rejected: [])
    var seen = Set<[String]>()
    while let row = scanner.next() {
      if row.fields.count == 1 && row.fields[0].isEmpty { continue }
      let at = SourceLocation(file: source.name, line: row.line, column: 1)
      guard seen.insert(row.fields).inserted else {
        result.rejected.append(InputError(.data, at: at, "the same row stands above"))
        continue
      }
      do {
        result.runs.append(try run(Row(columns: columns, fields: row.fields, at: at), time: time))
      } catch {
        result.rejected.append(error)
      }
    }
    return result
  }

  struct Row {
    let columns: [String: Int]
    let fields: [String]
    let at: SourceLocation

    func text(_ column: String) -> String {
      guard let index = columns[column], fields.indices.contains(index) else { return "" }
      return fields[index].trimmed
    }

    /// 0 for an empty cell.
    func number(_ column: String) throws(InputError) -> Double {
      let text = text(column)
      if text.isEmpty { return 0 }
      guard let value = Double(text), value.isFinite, value >= 0, value < 1e18 else {
        throw InputError(
          .data, at: at, "“\(column)” is “\(text.prefix(40))”; accepted: a number from 0 to 1e18")
      }
      return value
    }
  }

  static func run(_ row: Row, time: (name: String, seconds: Double)) throws(InputError) -> Run {
    let name = row.text("kernel")
    guard let kernel = Kernel(rawValue: name) else {
      let names = Kernel.allCases.map(\.rawValue)
      throw InputError(
        .data, at: row.at,
        "unknown kernel “\(name.prefix(40))”\(Suggestion.phrase(for: name, among: names)) (accepted: "
          + names.joined(separator: ", ") + ")")
    }
    let text = row.text(time.name)
    guard let measured = Double(text), measured.isFinite, measured > 0, measured * time.seconds < 1e5 else {
      throw InputError(
        .data, at: row.at, "“\(time.name)” is “\(text.prefix(40))”; accepted: a positive time below a day")
    }
    var shape = KernelShape()
    shape.m = try row.number("m")
    shape.n = try row.number("n")
    shape.k = try row.number("k")
    shape.batch = try row.number("batch")
    shape.queries = try row.number("seq_q")
    shape.keys = try row.number("seq_kv")
    shape.heads = try row.number("heads_q")
    shape.keyValueHeads = try row.number("heads_kv")
    shape.headDim = try row.number("head_dim")
    shape.window = try row.number("window")
    shape.experts = try row.number("experts")
    shape.topK = try row.number("topk")
    shape.hidden = try row.number("hidden")
    shape.intermediate = try row.number("intermediate")
    shape.tokens = try row.number("tokens")
    shape.expertTensorParallel = max(1, try row.number("moe_tp"))
    shape.expertParallel = max(1, try row.number("moe_ep"))
    shape.gated = row.text("gated") != "0"
    shape.ranks = try row.number("world_size")
    shape.messageBytes = try row.number("message_bytes")
    shape.weights = try row.number("weights")
    shape.weightBytes = try row.number("weight_bytes")
    if shape.keyValueHeads == 0 { shape.keyValueHeads = shape.heads }
    let distribution = row.text("distribution")
    shape.dealt = distribution == "balanced"
    if distribution.hasPrefix("power_law") {
      shape.skew = distribution.split(separator: "_").last.flatMap { Double($0) } ?? 0
    }
    for column in ["dtype", "kv_dtype"] {
      let format = row.text(column)
      guard format.isEmpty || NumberFormat(name: format) != nil else {
        throw InputError(
          .data, at: row.at,
          "“\(column)” is “\(format.prefix(40))”\(Suggestion.phrase(for: format, among: formats)); accepted: "
            + formats.joined(separator: ", "))
      }
    }
    if let lacking = missing(kernel, shape) {
      throw InputError(.data, at: row.at, "\(kernel.rawValue) needs a positive “\(lacking)”")
    }
    return Run(
      gpu: row.text("gpu"),
      group: RunGroup(
        kernel: kernel, framework: row.text("framework"), version: row.text("version"),
        dtype: row.text("dtype"),
        cacheDtype: row.text("kv_dtype")), shape: shape, seconds: exact(measured * time.seconds),
      file: row.at.file,
      line: row.at.line)
  }

  /// Formats that kernels of frameworks compute in.
  private static let formats: [String] = NumberFormat.spellings.compactMap { names, format -> String? in
    switch format {
    case .gguf, .mixed: nil
    default: names[0]
    }
  }

  /// Twelve digits, so that a time is the same number in whatever unit it was written.
  static func exact(_ seconds: Double) -> Double {
    // Shorter times are none, and too short to scale.
    guard seconds > 1e-15 else { return seconds }
    return Double(CalibrationFile.rounded(seconds, 12)) ?? seconds
  }

  /// The first dimension that the kernel cannot do without and the row lacks.
  private static func missing(_ kernel: Kernel, _ shape: KernelShape) -> String? {
    let needed: [(String, Double)] =
      switch kernel {
      case .gemm: [("m", shape.m), ("n", shape.n), ("k", shape.k)]
      case .attentionPrefill, .latentPrefill:
        [
          ("batch", shape.batch), ("seq_q", shape.queries), ("heads_q", shape.heads),
          ("head_dim", shape.headDim),
        ]
      case .attentionDecode, .latentDecode:
        [
          ("batch", shape.batch), ("seq_kv", shape.keys), ("heads_q", shape.heads),
          ("head_dim", shape.headDim),
        ]
      case .mixture:
        [
          ("experts", shape.experts), ("topk", shape.topK), ("hidden", shape.hidden),
          ("intermediate", shape.intermediate), ("tokens", shape.tokens),
        ]
      case .rmsNorm, .siluMul, .rope, .residualAdd, .quantiseFP8: [("m", shape.m), ("k", shape.k)]
      case .allReduce, .allGather, .reduceScatter, .allToAll:
        [("world_size", shape.ranks), ("message_bytes", shape.messageBytes)]
      case .forwardPass:
        [
          ("weights", shape.weights), ("weight_bytes", shape.weightBytes), ("batch", shape.batch),
          ("tokens", shape.tokens),
        ]
      }
    return needed.first { $0.1 <= 0 }?.0
  }
}

/// RFC 4180, line by line.
struct CSVScanner {
  private var rest: Substring.UTF8View
  private var line = 0

  init(_ text: String) { rest = Substring(text).utf8 }

  mutating func next() -> (fields: [String], line: Int)? {
    guard !rest.isEmpty else { return nil }
    line += 1
    let start = line
    var fields: [String] = []
    var field: [UInt8] = []
    var quoted = false
    var index = rest.startIndex
    scan: while index != rest.endIndex {
      let byte = rest[index]
      let after = rest.index(after: index)
      switch byte {
      case UInt8(ascii: "\""):
        if quoted, after != rest.endIndex, rest[after] == byte {
          field.append(byte)
          index = rest.index(after: after)
          continue scan
        }
        quoted.toggle()
      case UInt8(ascii: ",") where !quoted:
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
      case UInt8(ascii: "\n") where !quoted:
        index = after
        break scan
      case UInt8(ascii: "\r") where !quoted: break
      default:
        if byte == UInt8(ascii: "\n") { line += 1 }
        field.append(byte)
      }
      index = after
    }
    rest = rest[index...]
    fields.append(String(decoding: field, as: UTF8.self))
    return (fields, start)
  }
}
