import Basics
import CostModel
import Specs

/// Runs that could be used, and those that could not, each with its line and reason.
public struct RunFile: Sendable {
  /// In the order of the file.
  public var runs: [Run]
  /// What was left out, and why.
  public var rejected: [InputError]

  /// Runs and what was left out.
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
  /// Of a file that is read at all.
  public static let largestBytes = 512 * 1024 * 1024

  /// - Throws: `InputError` where the file as a whole cannot be read.
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
    guard let kernel = KernelClass(rawValue: name) else {
      let names = KernelClass.allCases.map(\.rawValue)
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
    let shape = try shape(of: kernel, row)
    for column in ["dtype", "kv_dtype"] {
      let format = row.text(column)
      guard format.isEmpty || NumberFormat(name: format) != nil else {
        throw InputError(
          .data, at: row.at,
          "“\(column)” is “\(format.prefix(40))”\(Suggestion.phrase(for: format, among: formats)); accepted: "
            + formats.joined(separator: ", "))
      }
    }
    return Run(
      gpu: row.text("gpu"),
      group: RunGroup(
        kernel, Framework(row.text("framework")), version: row.text("version"),
        format: RunFormat(spelled: row.text("dtype")), cache: RunFormat(spelled: row.text("kv_dtype"))),
      shape: shape, seconds: exact(measured * time.seconds), file: row.at.file, line: row.at.line)
  }

  /// - Throws: `InputError` for what is no number, and for a dimension that the kernel cannot do without.
  private static func shape(of kernel: KernelClass, _ row: Row) throws(InputError) -> RunShape {
    let own = Dimension.all(of: kernel)
    var shape = kernel.emptyShape
    var lacking = Set(own.filter(\.isNeeded).map(\.column))
    for column in Dimension.Column.allCases where column.isNumber {
      let value = try row.number(column.rawValue)
      if value > 0 { lacking.remove(column) }
      if let dimension = (own + Dimension.spread).first(where: { $0.column == column }) {
        shape[keyPath: dimension.path] = value
      }
    }
    if let first = own.first(where: { lacking.contains($0.column) }) {
      throw InputError(.data, at: row.at, "\(kernel.rawValue) needs a positive “\(first.column.rawValue)”")
    }
    shape.expertTensorParallel = max(1, shape.expertTensorParallel)
    shape.expertParallel = max(1, shape.expertParallel)
    switch kernel {
    case .attentionPrefill, .attentionDecode, .latentPrefill, .latentDecode:
      complete(&shape.attention, of: kernel)
    case .mixture:
      shape.experts.gate = row.text("gated") == "0" ? 0 : 1
      shape.experts.rows = shape.experts.tokens * shape.experts.topK
      let distribution = row.text("distribution")
      shape.dealt = distribution == "balanced"
      if distribution.hasPrefix("power_law") {
        shape.skew = distribution.split(separator: "_").last.flatMap { Double($0) } ?? 0
      }
    default: break
    }
    return shape
  }

  /// What rows leave out of attention: stored heads where each has its own, the one query of a decode step, and
  /// widths. Latent attention is measured as DeepSeek's: keys of 128 + 64 rotary beside values of 128 where they are
  /// expanded, a latent of 512 beside 64 rotary where they are not.
  private static func complete(_ call: inout AttentionCall, of kernel: KernelClass) {
    if call.storedHeads == 0 { call.storedHeads = call.heads }
    if kernel == .attentionDecode || kernel == .latentDecode, call.queries < 1 {
      let keys = call.keys
      call.queries = 1
      call.keys = keys
    }
    let rotary = 64.0
    switch kernel {
    case .latentPrefill where call.keyWidth == 128 + rotary: call.valueWidth = 128
    case .latentDecode: call.valueWidth = max(rotary, call.keyWidth - rotary)
    default: call.valueWidth = call.keyWidth
    }
    call.storedWidth = kernel == .latentDecode ? call.keyWidth : call.keyWidth + call.valueWidth
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
}
