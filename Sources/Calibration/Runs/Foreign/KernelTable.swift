import Basics
import Specs

/// Tables of kernels as profilers write them: Nsight Compute (`ncu --csv`: long, `--page raw`, `--print-summary`, copied
/// from its window), Nsight Systems' sums, rocprof's traces and counters.
///
/// They know kernels by symbol, not by shape. Launches whose name or NVTX range carries it in the words of measured runs
/// (`gemm m=16 n=4096 k=4096 dtype=bfloat16`) become runs, the others are left out by line.
struct KernelTable {
  private struct Tool {
    var name, framework: String
    /// Any of these headings is its.
    var headings: [String]
    /// How its kernels get names that say their shape.
    var instead: String
  }

  private static let tools = [
    Tool(
      name: "rocprof", framework: "rocprof",
      headings: ["Kernel_Name", "KernelName", "AverageNs", "TotalDurationNs"],
      instead: "`rocprofv3 --kernel-rename` with ROCTx ranges"),
    Tool(
      name: "Nsight Systems", framework: "nsys",
      headings: ["Time (%)", "Time(%)", "Total Time (ns)", "Duration (ns)", "Start (ns)"],
      instead: "`nsys stats --report nvtx_kern_sum --format csv`"),
    Tool(
      name: "Nsight Compute", framework: "ncu", headings: [],
      instead: "`ncu --csv --nvtx --print-nvtx-rename kernel`"),
  ]

  private static let names = [
    "Kernel Name", "Function Name", "Demangled Name", "Kernel_Name", "KernelName", "Name", "Range",
  ]
  private static let launches = ["ID", "Dispatch_Id", "Correlation_Id", "CorrId", "Index"]
  private static let processes = ["Process ID", "Process_Id", "Agent_Id", "pid", "Device"]
  private static let metrics = ["Metric Name", "Counter_Name"]
  private static let values = ["Metric Value", "Counter_Value", "Average"]
  private static let clocks = [("Start_Timestamp", "End_Timestamp"), ("BeginNs", "EndNs")]

  private let table: RunTable
  private let tool: Tool
  private let metric, value: Int?
  /// Columns of figures, with the unit in their heading.
  private let figures: [(column: Int, meaning: CounterNames.Meaning, unit: String?)]
  private let clock: (start: Int, end: Int)?
  private let style: NumberStyle

  /// Nil where the text has no such table.
  static func read(_ source: SourceFile) throws(InputError) -> RunFile? {
    let table = RunTable(in: source.text) { cells in
      guard cells.contains(where: isName) else { return false }
      return cells.contains(where: metrics.contains)
        || cells.contains { CounterNames.meanings[CounterNames.parts($0).name] != nil }
        || clocks.contains { cells.contains($0.0) && cells.contains($0.1) }
    }
    return table.map { KernelTable($0, source.name).runs(source.name) }
  }

  private static func isName(_ heading: String) -> Bool {
    names.contains(heading) || heading.contains("NVTX")
  }

  private init(_ table: RunTable, _ file: String) {
    self.table = table
    let heading = table.heading
    tool =
      Self.tools.first { $0.headings.contains(where: heading.contains) } ?? Self.tools[Self.tools.count - 1]
    metric = Self.metrics.lazy.compactMap { table.columns[$0] }.first
    value = Self.values.lazy.compactMap { table.columns[$0] }.first
    figures =
      metric == nil
      ? heading.indices.compactMap { index in
        let (name, unit) = CounterNames.parts(heading[index])
        return CounterNames.meanings[name].map { (index, $0, unit) }
      } : []
    clock =
      Self.clocks.lazy.compactMap { start, end in
        table.columns[start].flatMap { start in table.columns[end].map { (start, $0) } }
      }.first
    style = NumberStyle(
      of: table, file, in: (metric == nil ? figures.map(\.column) : value.map { [$0] } ?? []))
  }

  /// What is known of one launch.
  private struct Launch {
    var labels: String
    var at: SourceLocation
    var duration: (rank: Int, seconds: Double)?
    var traffic = MeasuredTraffic()
    /// What could not be read of it.
    var failure: InputError?
  }

  private func runs(_ file: String) -> RunFile {
    let id = Self.launches.first { table.columns[$0] != nil }
    let process = Self.processes.filter { table.columns[$0] != nil }
    let labels = table.heading.indices.filter { Self.isName(table.heading[$0]) }
    var launches: [Launch] = []
    var place: [String: Int] = [:]
    var units: [Int: String] = [:]
    var rows = table
    while let (row, _) = rows.next(file: file) {
      func cell(_ column: Int) -> String {
        row.fields.indices.contains(column) ? row.fields[column].trimmed : ""
      }
      let said = figures.map { cell($0.column) }
      if !said.isEmpty, said.contains(where: { CounterNames.units[$0] != nil }) {
        // The line of units below the heading.
        for figure in figures { units[figure.column] = cell(figure.column) }
        continue
      }
      let label = labels.map(cell).joined(separator: " ")
      let key =
        id.map { ([$0] + process).map(row.text).joined(separator: "\u{1}") }
        ?? (metric == nil
          ? "\(row.at.line)"
          : ([label] + ["Block Size", "Grid Size"].map(row.text)).joined(separator: "\u{1}"))
      let index = place[key] ?? launches.endIndex
      if index == launches.endIndex {
        place[key] = index
        launches.append(Launch(labels: label, at: row.at))
      }
      if let metric, let value {
        guard let meaning = CounterNames.meanings[cell(metric)] else { continue }
        note(cell(value), meaning, unit: row.text("Metric Unit"), row.at, in: &launches[index])
      }
      for figure in figures {
        note(
          cell(figure.column), figure.meaning, unit: figure.unit ?? units[figure.column] ?? "", row.at,
          in: &launches[index])
      }
      if let clock, let start = Double(cell(clock.start)), let end = Double(cell(clock.end)) {
        launches[index].duration = launches[index].duration ?? (Int.max, (end - start) * 1e-9)
      }
    }
    var result = RunFile()
    for launch in launches {
      do throws(InputError) {
        result.runs.append(try run(launch))
      } catch {
        result.rejected.append(error)
      }
    }
    return result
  }

  private func note(
    _ text: String, _ meaning: CounterNames.Meaning, unit: String, _ at: SourceLocation,
    in launch: inout Launch
  ) {
    guard !text.isEmpty else { return }
    let needsUnit = meaning == CounterNames.meanings[CounterNames.scaled]
    let size = unit.isEmpty && !needsUnit ? 1 : CounterNames.units[unit]
    guard let size, let number = style.number(text) else {
      if launch.failure == nil {
        launch.failure = InputError(
          .data, at: at,
          size == nil
            ? (unit.isEmpty
              ? "the duration has no unit, in its heading or a line below"
              : "the unit is “\(unit.prefix(20))”")
              + "; accepted: ns, us, ms, s; byte, Kbyte, Mbyte, Gbyte, sector"
            : "the figure is “\(text.prefix(40))”; accepted: a number")
      }
      return
    }
    switch meaning {
    case .duration(let rank):
      if rank < launch.duration?.rank ?? .max {
        launch.duration = (rank, number * (unit.isEmpty ? 1e-9 : size))
      }
    case .bytes(let level, let direction, let own):
      launch.traffic.note(number * (unit.isEmpty ? own : size), level, direction)
    }
  }

  private func run(_ launch: Launch) throws(InputError) -> Run {
    guard let cells = ShapeWords.cells(in: launch.labels) else {
      throw InputError(
        .data, at: launch.at,
        "\(tool.name): no shape in the kernel's name or its range; accepted: gemm m=… n=… k=… dtype=… in either,"
          + " as \(tool.instead) writes it")
    }
    if let failure = launch.failure { throw failure }
    guard let (_, seconds) = launch.duration else {
      throw InputError(
        .data, at: launch.at, "\(tool.name): the launch has no duration (gpu__time_duration.sum)")
    }
    return try ShapeWords.run(
      cells, framework: tool.framework, seconds: seconds, launch.traffic, at: launch.at)
  }
}

/// A shape said in words: `gemm m=16 n=4096 k=4096 dtype=bfloat16`.
enum ShapeWords {
  /// Columns of measured runs; nil without a kernel.
  static func cells(in text: String) -> [String: String]? {
    var cells: [String: String] = [:]
    for word in text.split(whereSeparator: { " :;|\"()#,".contains($0) }) {
      let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { cells[pair[0]] = pair[1] }
      if KernelClass(rawValue: String(word)) != nil { cells["kernel"] = String(word) }
    }
    return cells["kernel"] == nil ? nil : cells
  }

  static func run(
    _ said: [String: String], framework: String, seconds: Double, _ traffic: MeasuredTraffic,
    at: SourceLocation
  ) throws(InputError) -> Run {
    var cells = said
    cells["framework"] = cells["framework"] ?? framework
    cells["time_s"] = "\(seconds)"
    let names = cells.keys.sorted()
    var run = try RunsReader.run(
      RunsReader.Row(
        columns: Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) }),
        fields: names.map { cells[$0] ?? "" }, at: at), time: ("time_s", 1))
    run.traffic = traffic
    return run
  }
}
