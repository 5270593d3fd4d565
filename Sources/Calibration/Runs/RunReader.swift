import Specs

/// Reads measured runs from the contract's CSV.
public enum RunReader {
  /// Larger than any spec: runs come by the ten thousand.
  public static let largestBytes = 256 << 20

  public static func read(_ source: SourceFile) throws(InputError) -> RunSet {
    let table = try CSVTable(source)
    guard table.columns["kernel"] != nil else {
      throw InputError(
        .data, at: SourceLocation(file: source.name),
        "no column “kernel” in the header; measured runs have kernel, framework, version, dtype, the kernel's"
          + " dimensions and time_us" + Suggestion.phrase(for: "kernel", among: table.header))
    }
    let unit = try timeColumn(table)
    var set = RunSet()
    var seen: [String: Int] = [:]
    for row in table.rows {
      let location = "\(table.file):\(row.line)"
      if row.cells.count != table.header.count {
        set.rejected.append(
          RejectedRun(
            location: location,
            reason: "\(row.cells.count) cells where the header has \(table.header.count)"))
        continue
      }
      let text = row.cells.joined(separator: "\u{1F}")
      if seen[text] != nil {
        set.rejected.append(RejectedRun(location: location, reason: "duplicate of an earlier row"))
        continue
      }
      seen[text] = row.line
      switch run(row, table, unit) {
      case .success(let run): set.runs.append(run)
      case .failure(let why): set.rejected.append(RejectedRun(location: location, reason: why.reason))
      }
    }
    return set
  }

  struct Refusal: Error { var reason: String }

  static let timeUnits: [(suffix: String, seconds: Double)] = [
    ("us", 1e-6), ("ms", 1e-3), ("ns", 1e-9), ("s", 1),
  ]

  /// `time_us`, `time_ms`, `time_ns` or `time_s`: the name declares the unit; one of them only.
  private static func timeColumn(_ table: CSVTable) throws(InputError) -> (name: String, seconds: Double) {
    let found = timeUnits.filter { table.columns["time_\($0.suffix)"] != nil }
    guard let only = found.first, found.count == 1 else {
      throw InputError(
        .data, at: SourceLocation(file: table.file),
        found.isEmpty
          ? "no column of times; accepted: time_us, time_ms, time_ns or time_s"
          : "mixed units: \(found.map { "time_\($0.suffix)" }.joined(separator: " and ")) in one file")
    }
    return ("time_\(only.suffix)", only.seconds)
  }

  private static func run(
    _ row: (line: Int, cells: [String]), _ table: CSVTable, _ unit: (name: String, seconds: Double)
  ) -> Result<MeasuredRun, Refusal> {
    func cell(_ name: String) -> String { table.cell(row, name) }
    do {
      guard let kernel = Kernel(rawValue: cell("kernel")) else {
        throw Refusal(reason: "unknown kernel “\(cell("kernel"))”")
      }
      let time = try seconds(cell(unit.name), unit)
      if let declared = timeUnits.first(where: { $0.suffix == cell("time_unit") }),
        declared.seconds != unit.seconds
      {
        throw Refusal(reason: "mixed units: time_unit contradicts \(unit.name)")
      }
      guard let format = KernelFormat(word: cell("dtype")) else {
        throw Refusal(reason: "unknown dtype “\(cell("dtype"))”")
      }
      let shape = try RunShape(kernel: kernel, format: format, cell: cell).shape()
      let key = GroupKey(
        gpu: cell("gpu"), kernel: kernel, framework: cell("framework"), version: cell("version"),
        format: format, cacheFormat: cell("kv_dtype"))
      return .success(MeasuredRun(key: key, shape: shape, seconds: time, file: table.file, line: row.line))
    } catch let refusal as Refusal {
      return .failure(refusal)
    } catch {
      return .failure(Refusal(reason: "\(error)"))
    }
  }

  static func seconds(_ text: String, _ unit: (name: String, seconds: Double)) throws -> Double {
    guard !text.isEmpty else { throw Refusal(reason: "\(unit.name) is missing") }
    guard let value = Double(text) else { throw Refusal(reason: "\(unit.name) is no number") }
    guard value.isFinite else { throw Refusal(reason: "\(unit.name) is not finite") }
    guard value > 0 else { throw Refusal(reason: "\(unit.name) is \(value == 0 ? "zero" : "negative")") }
    let seconds = value * unit.seconds
    guard (1e-8...1e4).contains(seconds) else {
      throw Refusal(reason: "\(unit.name) lies outside 10 ns to 10,000 s")
    }
    // To twelve digits, so that a run is the same run in every unit.
    let exponent = logarithm(seconds) / 2.302585092994046
    let scale = power(10, 11 - exponent.rounded(.down))
    return (seconds * scale).rounded() / scale
  }
}
