import Basics
import Specs

/// Linux perf's counters of the memory controllers (`perf stat -x, -e uncore_imc/cas_count_read/,…,duration_time`), each
/// block behind a line that says what ran: `# gemm m=64 n=4096 k=4096 dtype=float32 launches=20`.
enum UncoreReader {
  private static let accepted = "`# gemm m=… n=… k=… dtype=… launches=…` before the counters of its command"

  /// Nil where the text has no such counters.
  static func read(_ source: SourceFile) -> RunFile? {
    var rows = RowScanner(source.text)
    var result = RunFile()
    var isFound = false
    var words: (cells: [String: String], at: SourceLocation)?
    var traffic = MeasuredTraffic()
    var seconds: Double?

    func finish() {
      guard let (cells, at) = words else { return }
      defer { (words, traffic, seconds) = (nil, MeasuredTraffic(), nil) }
      do throws(InputError) {
        let launches = cells["launches"].flatMap(Double.init) ?? 1
        guard launches >= 1, launches < 1e12 else {
          throw InputError(.data, at: at, "“launches” is “\(cells["launches"] ?? "")”; accepted: 1 or more")
        }
        guard let seconds else {
          throw InputError(.data, at: at, "Linux perf: no duration_time among the counters; add it to -e")
        }
        var one = MeasuredTraffic()
        for level in traffic.levels {
          if let bytes = level.read { one.add(bytes / launches, level.name, .read) }
          if let bytes = level.write { one.add(bytes / launches, level.name, .write) }
        }
        result.runs.append(
          try ShapeWords.run(cells, framework: "perf", seconds: seconds / launches, one, at: at))
      } catch {
        result.rejected.append(error)
      }
    }

    while let (fields, _) = rows.next() {
      let at = SourceLocation(file: source.name, line: rows.line)
      if fields[0].hasPrefix("#") {
        guard let cells = ShapeWords.cells(in: fields.joined(separator: " ")) else { continue }
        finish()
        words = (cells, at)
        continue
      }
      guard let event = fields.firstIndex(where: { isCounter($0) }), event >= 2,
        let value = Double(fields[event - 2])
      else { continue }
      isFound = isFound || fields[event] != "duration_time"
      if words == nil, fields[event] != "duration_time", result.rejected.last?.location?.line != at.line - 1 {
        result.rejected.append(
          InputError(.data, at: at, "Linux perf: nothing says what ran; accepted: \(accepted)"))
      }
      if fields[event] == "duration_time" {
        seconds = value * 1e-9
      } else {
        // A line of the cache where perf does not scale: 64 bytes.
        let size = CounterNames.units[fields[event - 1].trimmed] ?? 64
        let reads = ["rd", "read"].contains { fields[event].lowercased().contains($0) }
        traffic.add(value * size, "dram", reads ? .read : .write)
      }
    }
    finish()
    return isFound ? result : nil
  }

  /// Intel's and AMD's controllers, and perf's own clock.
  private static func isCounter(_ event: String) -> Bool {
    guard event.utf8.contains(UInt8(ascii: "_")) else { return false }
    let name = event.lowercased()
    return name == "duration_time"
      || ["cas_count", "data_read", "data_write", "umc_cas_cmd"].contains(where: name.contains)
  }
}
