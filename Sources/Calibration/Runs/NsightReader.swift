import Specs

/// The CSV export of Nsight Compute (`ncu --csv`): durations by launch.
///
/// The export knows kernels by symbol, not by shape. Launches whose name or NVTX range carries it in the words of
/// measured runs (`gemm m=16 n=4096 k=4096 dtype=bfloat16`) become runs, the others are left out by line.
enum NsightReader {
  static func isExport(_ text: String) -> Bool {
    text.contains("\"Kernel Name\"")
      && (text.contains("gpu__time_duration") || text.contains("\"Metric Name\""))
  }

  private static let units = [
    "ns": 1e-9, "nsecond": 1e-9, "us": 1e-6, "usecond": 1e-6, "ms": 1e-3, "msecond": 1e-3, "s": 1,
    "second": 1,
  ]

  static func read(_ source: SourceFile) -> RunFile {
    var scanner = CSVScanner(source.text)
    var heading: [String] = []
    while let row = scanner.next() {
      if row.fields.contains("Kernel Name") {
        heading = row.fields
        break
      }
    }
    let wide = heading.firstIndex { $0.hasPrefix("gpu__time_duration") }
    func index(_ name: String) -> Int? { heading.firstIndex(of: name) }
    var result = RunFile(runs: [], rejected: [])
    while let row = scanner.next() {
      func cell(_ column: Int?) -> String {
        column.flatMap { row.fields.indices.contains($0) ? row.fields[$0] : nil } ?? ""
      }
      var duration = (text: cell(wide), unit: "ns")
      if wide == nil {
        guard ["Duration", "gpu__time_duration.sum"].contains(cell(index("Metric Name"))) else { continue }
        duration = (cell(index("Metric Value")), cell(index("Metric Unit")))
      } else if units.keys.contains(duration.text) {
        // The line of units below the heading.
        continue
      }
      let at = SourceLocation(file: source.name, line: row.line, column: 1)
      let labels = heading.indices.filter { heading[$0].contains("NVTX") || heading[$0] == "Kernel Name" }
        .map { cell($0) }.joined(separator: " ")
      do {
        result.runs.append(try run(labels, duration, at))
      } catch {
        result.rejected.append(error)
      }
    }
    return result
  }

  private static func run(
    _ labels: String, _ duration: (text: String, unit: String), _ at: SourceLocation
  ) throws(InputError) -> Run {
    guard let scale = units[duration.unit] else {
      throw InputError(.data, at: at, "the duration's unit is “\(duration.unit)”; accepted: ns, us, ms, s")
    }
    var cells = ["framework": "ncu", "time_s": ""]
    for word in labels.split(whereSeparator: { " :;|\"()".contains($0) }) {
      let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { cells[pair[0]] = pair[1] }
      if KernelClass(rawValue: String(word)) != nil { cells["kernel"] = String(word) }
    }
    guard cells["kernel"] != nil else {
      throw InputError(
        .data, at: at, "no shape in the kernel's name or its NVTX range (kernel m=… n=… k=… dtype=…)")
    }
    cells["time_s"] = Double(duration.text.filter { $0 != "," }).map { "\($0 * scale)" } ?? duration.text
    let names = cells.keys.sorted()
    return try RunsReader.run(
      RunsReader.Row(
        columns: Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) }),
        fields: names.map { cells[$0] ?? "" }, at: at), time: ("time_s", 1))
  }
}
