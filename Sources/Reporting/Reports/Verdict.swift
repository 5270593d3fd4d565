import Calibration
import CostModel
import Kernels

/// What a check came to, in its first lines.
enum Verdict {
  /// How far predictions lie from measured runs, and where farthest.
  static func lines(_ groups: [ValidatedGroup]) -> [String] {
    let errors = groups.flatMap(\.errors).sorted()
    guard !errors.isEmpty else { return [] }
    func percent(_ value: Double) -> String { "\(Units.fixed(value, 1)) %" }
    var (held, judged) = (0.0, 0.0)
    for group in groups {
      guard let coverage = group.coverage else { continue }
      held += coverage * Double(group.rows.count)
      judged += Double(group.rows.count)
    }
    held = judged > 0 ? held / judged : 1
    let beaten = groups.flatMap { group in group.rows.filter { $0.verdict == .beaten }.map { (group, $0) } }
    var lines =
      beaten.isEmpty
      ? []
      : [
        "failed: \(Units.whole(Double(beaten.count))) of \(Units.whole(Double(errors.count))) runs beat the bound, "
          + beaten.prefix(2).map { group, row in
            "\(group.group.kernel.rawValue) \(ValidationReport.describe(row.run))"
          }.joined(separator: "; ") + (beaten.count > 2 ? "; …" : "")
      ]
    lines += [
      "half of the predictions are within \(percent(GroupFitting.quantile(errors, 0.5))), nine in ten within"
        + " \(percent(GroupFitting.quantile(errors, 0.9)))",
      "\(Units.percent(held)) of the runs lie in their 80 % interval"
        + (held < 0.7 ? ": intervals are too narrow here" : ""),
    ]
    let worst = groups.filter { $0.mape > 20 }.sorted { $0.mape > $1.mape }.prefix(3)
    if !worst.isEmpty {
      lines.append(
        "farthest off: "
          + worst.map {
            "\($0.group.kernel.rawValue) (\($0.group.framework.name)) by \(percent($0.mape))"
          }.joined(separator: ", "))
    }
    return lines
  }

  /// What disagrees, by kernel.
  static func lines(_ traffic: [Crosscheck.Traffic], _ times: [Crosscheck.Time]) -> [String] {
    let failed = traffic.filter(\.disagrees).map(\.kernel) + times.filter(\.disagrees).map(\.kernel)
    let counts = Dictionary(failed.map { ($0, 1) }, uniquingKeysWith: +)
    guard !counts.isEmpty else {
      return ["\(traffic.count) levels of traffic and \(times.count) times agree"]
    }
    return [
      "failed: " + counts.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    ]
  }
}
