import Specs

/// Reads the CSV export of Nsight Compute (`ncu --csv --page details` or `raw`): durations by kernel launch.
///
/// The export knows kernels by symbol, not by shape: rows whose symbol or NVTX range carries the shape
/// (`gemm m=… n=… k=… dtype=…`, the words of measured runs) become runs; the others are left out by line.
public enum NsightReader {
  public static func isExport(_ text: String) -> Bool {
    text.contains("\"Kernel Name\"")
      && (text.contains("gpu__time_duration") || text.contains("\"Metric Name\""))
  }

  public static func read(_ source: SourceFile, gpu: String) throws(InputError) -> RunSet {
    let body = source.text.split(separator: "\n", omittingEmptySubsequences: false)
    let start = body.firstIndex { $0.contains("\"Kernel Name\"") } ?? 0
    let text = body[start...].joined(separator: "\n")
    let table = try CSVTable(SourceFile(name: source.name, text: text))
    var set = RunSet()
    let wide = table.header.first { $0.hasPrefix("gpu__time_duration") }
    for row in table.rows {
      let place = "\(source.name):\(row.line + start)"
      let duration: (text: String, unit: String)
      if let wide {
        duration = (table.cell(row, wide), "ns")
        if duration.text == "ns" || duration.text == "nsecond" { continue }
      } else {
        guard ["Duration", "gpu__time_duration.sum"].contains(table.cell(row, "Metric Name")) else {
          continue
        }
        duration = (table.cell(row, "Metric Value"), table.cell(row, "Metric Unit"))
      }
      let labels =
        (table.header.filter { $0.contains("NVTX") || $0 == "Kernel Name" }.map { table.cell(row, $0) })
        .joined(separator: " ")
      guard
        let run = run(labels: labels, duration: duration, gpu: gpu, file: source.name, line: row.line + start)
      else {
        set.rejected.append(
          RejectedRun(
            location: place, reason: "no shape in the kernel's name or its NVTX range, or no duration"))
        continue
      }
      set.runs.append(run)
    }
    return set
  }

  private static let seconds: [String: Double] = [
    "ns": 1e-9, "nsecond": 1e-9, "us": 1e-6, "usecond": 1e-6, "ms": 1e-3, "msecond": 1e-3, "s": 1,
    "second": 1,
  ]

  private static func run(
    labels: String, duration: (text: String, unit: String), gpu: String, file: String, line: Int
  ) -> MeasuredRun? {
    let number = duration.text.filter { $0 != "," }
    guard let scale = seconds[duration.unit],
      let time = try? RunReader.seconds(number, ("duration", scale))
    else { return nil }
    var fields: [String: String] = [:]
    for word in labels.split(whereSeparator: { " :;|\"()".contains($0) }) {
      let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { fields[pair[0]] = pair[1] }
      if let kernel = Kernel(rawValue: String(word)) { fields["kernel"] = kernel.rawValue }
    }
    guard let kernel = fields["kernel"].flatMap(Kernel.init(rawValue:)),
      let format = KernelFormat(word: fields["dtype"] ?? "bfloat16"),
      let shape = try? RunShape(kernel: kernel, format: format, cell: { fields[$0] ?? "" }).shape()
    else { return nil }
    return MeasuredRun(
      key: GroupKey(
        gpu: gpu, kernel: kernel, framework: fields["framework"] ?? "ncu", version: fields["version"] ?? "",
        format: format, cacheFormat: fields["kv_dtype"] ?? ""),
      shape: shape, seconds: time, file: file, line: line)
  }
}
