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
  public init(runs: [Run] = [], rejected: [InputError] = []) {
    self.runs = runs
    self.rejected = rejected
  }
}

/// Reads measured runs: CSV with a heading (`kernel, framework, version, dtype, …, time_us`; unknown columns are passed
/// over), and what other tools write (`Foreign/`).
public enum RunsReader {
  /// Accepted names of the time column, with seconds per unit.
  static let timeColumns = [("time_us", 1e-6), ("time_ms", 1e-3), ("time_s", 1.0), ("time_ns", 1e-9)]
  /// Of a file that is read at all.
  public static let largestBytes = 512 * 1024 * 1024

  /// - Parameter model: of whose passes the file is, where it does not say so.
  /// - Throws: `InputError` where the file as a whole cannot be read.
  public static func read(_ source: SourceFile, of model: ModelSpec? = nil) throws(InputError) -> RunFile {
    let isOwn = { (cells: [String]) in
      cells.contains("kernel") && timeColumns.contains { cells.contains($0.0) }
    }
    if let table = RunTable(in: source.text, where: isOwn) { return try read(table, source.name) }
    if let file = try PassRecords.read(source, of: model) { return file }
    if let file = try KernelTable.read(source) { return file }
    if let file = UncoreReader.read(source) { return file }
    try UnreadFormat.refuse(source)
    guard let first = source.text.split(whereSeparator: \.isNewline).first(where: { !$0.trimmed.isEmpty })
    else {
      throw InputError(
        .data, at: SourceLocation(file: source.name), "the file is empty; a CSV heading is expected")
    }
    let cells = RowScanner("").split(Substring(first).utf8).fields.map(\.trimmed)
    throw InputError(
      .data, at: SourceLocation(file: source.name),
      "the heading needs “kernel” and one of \(timeColumns.map(\.0).joined(separator: ", "))"
        + (cells.contains("kernel") ? "" : Suggestion.phrase(for: "kernel", among: cells)))
  }

  private static func read(_ found: RunTable, _ file: String) throws(InputError) -> RunFile {
    var table = found.keeping { Block.runs.key($0) != nil || !MeasuredTraffic.columns(of: [$0]).isEmpty }
    let heading = SourceLocation(file: file, line: table.rows.line)
    let times = timeColumns.filter { table.columns[$0.0] != nil }
    guard times.count == 1, let time = times.first else {
      throw InputError(
        .data, at: heading, "“\(times[0].0)” and “\(times[1].0)” are mixed units; accepted: one of them")
    }
    var named = Set<String>()
    if let twice = table.heading.first(where: { !$0.isEmpty && !named.insert($0).inserted }) {
      throw InputError(.data, at: heading, "the column “\(twice)” stands there twice; accepted: once")
    }
    let style = NumberStyle(of: table, file)
    let levels = MeasuredTraffic.columns(of: table.heading)
    var result = RunFile()
    // Hashes instead of rows: a file may have a million.
    var seen = Set<Int>()
    var groups: [String: RunGroup] = [:]
    while let (row, isOpen) = table.next(file: file) {
      do throws(InputError) {
        if isOpen {
          throw InputError(.data, at: row.at, "a quote opens here that does not close in its line")
        }
        guard seen.insert(row.fields.hashValue).inserted else {
          throw InputError(.data, at: row.at, "the same row stands above")
        }
        let words = words(of: row)
        let key = words.joined(separator: "\u{1}")
        let group = if let known = groups[key] { known } else { try group(words, row.at) }
        if groups.count < 10_000 { groups[key] = group }
        result.runs.append(try run(row, of: group, time: time, style, levels))
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
    func number(
      _ column: String, in range: ClosedRange<Double> = 0...1e18, _ style: NumberStyle
    ) throws(InputError) -> Double {
      let text = text(column)
      if text.isEmpty { return 0 }
      guard let value = style.number(text), value == 0 || range.contains(value) else {
        throw InputError(
          .data, at: at,
          "“\(column)” is “\(text.prefix(40))”; accepted: a number from \(Int(range.lowerBound)) to"
            + " \(CalibrationFile.rounded(range.upperBound, 2))")
      }
      return value
    }
  }

  /// A run as a row has it, in the columns of measured runs.
  static func run(
    _ row: Row, of group: RunGroup? = nil, time: (name: String, seconds: Double),
    _ style: NumberStyle = .plain,
    _ levels: [MeasuredTraffic.Column] = []
  ) throws(InputError) -> Run {
    let group = if let group { group } else { try Self.group(words(of: row), row.at) }
    let text = row.text(time.name)
    guard let measured = style.number(text), measured > 0, measured * time.seconds < 1e5,
      measured * time.seconds > 1e-15
    else {
      throw InputError(
        .data, at: row.at, "“\(time.name)” is “\(text.prefix(40))”; accepted: a positive time below a day")
    }
    var run = Run(
      gpu: row.text("gpu"), group: group, shape: try shape(of: group.kernel, row, style),
      seconds: exact(measured * time.seconds), file: row.at.file, line: row.at.line)
    for column in levels {
      let bytes = try row.number(column.name, style)
      if !row.text(column.name).isEmpty { run.traffic.add(bytes, of: column) }
    }
    return run
  }

  private static func words(of row: Row) -> [String] {
    ["kernel", "framework", "version", "dtype", "kv_dtype"].map(row.text)
  }

  private static func group(_ words: [String], _ at: SourceLocation) throws(InputError) -> RunGroup {
    guard let kernel = KernelClass(rawValue: words[0]) else {
      let names = KernelClass.allCases.map(\.rawValue)
      throw InputError(
        .data, at: at,
        "unknown kernel “\(words[0].prefix(40))”\(Suggestion.phrase(for: words[0], among: names)) (accepted: "
          + names.joined(separator: ", ") + ")")
    }
    for (column, format) in [("dtype", words[3]), ("kv_dtype", words[4])] {
      guard format.isEmpty || NumberFormat(name: format) != nil else {
        throw InputError(
          .data, at: at,
          "“\(column)” is “\(format.prefix(40))”\(Suggestion.phrase(for: format, among: formats)); accepted: "
            + formats.joined(separator: ", "))
      }
    }
    return RunGroup(
      kernel, Framework(words[1]), version: words[2], format: RunFormat(spelled: words[3]),
      cache: RunFormat(spelled: words[4]))
  }

  /// - Throws: `InputError` for what is no number, and for a dimension that the kernel cannot do without.
  private static func shape(
    of kernel: KernelClass, _ row: Row, _ style: NumberStyle
  ) throws(InputError) -> RunShape {
    let own = Dimension.all(of: kernel)
    var shape = kernel.emptyShape
    var lacking = Set(own.filter(\.isNeeded).map(\.column))
    for column in Dimension.Column.allCases where column.isNumber {
      let value = try row.number(column.rawValue, in: column.accepted, style)
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
      guard shape.experts.topK <= shape.experts.experts else {
        throw InputError(
          .data, at: row.at,
          "“topk” is \(row.text("topk")) of \(row.text("experts")) experts; accepted: no more than there are")
      }
      shape.experts.gate = row.text("gated") == "0" ? 0 : 1
      shape.experts.rows = shape.experts.tokens * shape.experts.topK
      let distribution = row.text("distribution")
      shape.dealt = distribution == "balanced"
      if distribution.hasPrefix("power_law") {
        let exponent = distribution.split(separator: "_").last.flatMap { Double($0) } ?? 0
        shape.skew = (0...10).contains(exponent) ? exponent : 0
      }
    case .elementwise:
      // What an operator reads, where it names one.
      shape.rows.readWidth = shape.rows.writeWidth * (unary.contains(row.text("op")) ? 1 : 2)
      shape.raises = raising.contains(row.text("op"))
    default: break
    }
    return shape
  }

  /// Operators of one tensor; the last letter tells those that a scalar stands in for the other from those of two.
  private static let unary: Set = ["addu", "mulu", "divu", "powu", "relu", "gelu", "tanh"]
  /// Those that raise to a power.
  private static let raising: Set = ["pow", "powu"]

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
