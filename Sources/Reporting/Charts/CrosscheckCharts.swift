import Basics
import Kernels

/// Pictures of a cross-check: bytes of the other witnesses over those predicted, and measured over predicted seconds.
enum CrosscheckCharts {
  static func charts(_ traffic: [Crosscheck.Traffic], _ times: [Crosscheck.Time]) -> [Chart] {
    var systems: [String] = []
    for row in traffic where !systems.contains(row.system) { systems.append(row.system) }
    let bytes = systems.map { system in Self.bytes(traffic.filter { $0.system == system }, system: system) }
    return bytes + (times.isEmpty ? [] : [seconds(times)])
  }

  /// More rows than can be read are cut to those that differ most.
  static let mostRows = 60

  private static func bytes(_ all: [Crosscheck.Traffic], system: String) -> Chart {
    let rows = all.map { row in
      (
        name: "\(row.kernel), \(row.level)", detail: row.shape,
        marks: [(0, row.counted), (1, row.simulated)].compactMap { series, bytes -> RatioRows.Mark? in
          guard let bytes, bytes > 0, row.predicted > 0 else { return nil }
          return .init(series: series, ratio: bytes / row.predicted, isFaint: row.inTransition)
        }
      )
    }
    let judged = all.filter { !$0.inTransition && ($0.simulated ?? 0) > 0 }
    let largest = judged.map { abs($0.predicted / ($0.simulated ?? 1) - 1) }.max() ?? 0
    return chart(
      rows, name: "crosscheck-" + system.replacing(" ", with: "-"), title: "Bytes below each cache",
      subtitle: system,
      axisTitle: "bytes over those predicted", series: ["counted ÷ predicted", "simulated ÷ predicted"],
      caption:
        "Each kernel and cache level: the kernel's own counters and simulated caches over the formula. Faint: in transition,"
        + " where the formula is a bound.",
      finding:
        "\(judged.count) of \(all.count) levels are outside transitions; there predicted and simulated bytes differ by at most"
        + " \(Units.percent(largest)), \(all.count { $0.disagrees }) beyond the bound.")
  }

  private static func seconds(_ times: [Crosscheck.Time]) -> Chart {
    let ratios = times.filter(\.judged).map(\.ratio)
    return chart(
      times.map {
        (name: $0.kernel, detail: $0.shape, marks: [.init(series: 0, ratio: $0.ratio, isFaint: !$0.judged)])
      },
      name: "crosscheck-seconds", title: "Seconds, measured over predicted", subtitle: "nothing fitted",
      axisTitle: "measured over predicted", series: ["measured ÷ predicted"],
      caption: "Every kernel at its shape, from the probed profile. Faint: not judged.",
      finding:
        "Measured over predicted lies within \(Units.plain(ratios.min() ?? 0)) to \(Units.plain(ratios.max() ?? 0)) for the"
        + " \(ratios.count) judged kernels.")
  }

  private static func chart(
    _ all: [RatioRows.Row], name: String, title: String,
    subtitle: String,
    axisTitle: String, series: [String], caption: String, finding: String
  ) -> Chart {
    func distance(_ row: Int) -> Double { all[row].marks.map { abs(logarithm($0.ratio)) }.max() ?? 0 }
    let off = all.indices.filter { row in
      all[row].marks.contains { abs($0.ratio - 1) > RatioRows.tolerance }
    }
    let kept =
      off.count <= mostRows ? off : off.sorted { distance($0) > distance($1) }.prefix(mostRows).sorted()
    return RatioRows(
      name: name, title: title, subtitle: subtitle, axisTitle: axisTitle, rows: kept.map { all[$0] },
      close: all.count - off.count, series: series
    ).chart(
      caption: caption
        + (kept.count < off.count ? " The \(kept.count) of \(off.count) that differ most." : ""),
      finding: finding)
  }
}
