import Calibration
import CostModel

/// The pictures of `compare`, and of `analyze` with several values: what differs stands side by side.
enum ComparisonCharts {
  /// Models on each device under the same roofs; of one model, devices side by side.
  static func compare(_ cells: [PredictedPhases], morphs: [MorphReport] = []) -> [Chart] {
    let devices = cells.reduce(into: [HardwareProfile]()) {
      if !$0.contains($1.profile) { $0.append($1.profile) }
    }
    let isOneModel = cells.count == devices.count
    let rows = isOneModel ? [cells] : devices.map { device in cells.filter { $0.profile == device } }
    return rows.enumerated().flatMap { index, row -> [Chart] in
      let suffix = rows.count > 1 ? "-\(index + 1)" : ""
      func names(_ cells: [Prediction]) -> [String] {
        cells.map { isOneModel && cells.count > 1 ? $0.profile.name : $0.model.name }
      }
      let phases = [("decode", row.map(\.decode)), ("prefill", row.map(\.prefill))]
      let memory = memory(row.map(\.decode), names(row.map(\.decode)), name: "memory\(suffix)")
      let times = phases.map { time($1, names($1), name: "time-\($0)\(suffix)") }
      guard isOneModel, row.count > 1 else {
        let rooflines = phases.map { RooflineChart.chart($1, name: "roofline-\($0)\(suffix)") }
        return [rooflines[0], times[0], rooflines[1], times[1], memory]
      }
      return times + [memory]
        + phases.flatMap { phase, inputs in
          inputs.enumerated().map { RooflineChart.chart($1, name: "roofline-\(phase)-\($0 + 1)") }
        }
    } + morphs.enumerated().flatMap { $0.element.charts("\($0.offset + 1)") }
  }

  /// Passes of one model under several values.
  static func columns(_ passes: [Prediction], _ names: [String]) -> [Chart] {
    [time(passes, names, name: "time"), memory(passes, names, name: "memory")]
  }

  private static func time(_ passes: [Prediction], _ names: [String], name: String) -> Chart {
    let categories = ChartStyle.categories.indices.map { $0 } + [ChartStyle.categories.count]
    let amounts = passes.map { pass -> [Double] in
      pass.analysis.operators.reduce(into: categories.map { _ in 0 }) {
        $0[ChartStyle.index(of: $1.call.kind.category)] += $1.seconds
      }
    }
    let shown = categories.filter { category in
      zip(amounts, passes).contains { $0[category] >= 0.005 * $1.totals.seconds }
    }
    return Panels(
      name: name, title: "Time of \(passes[0].scenario.workload.phase.rawValue) by kind of operator",
      subtitle: shared(passes), rows: shown.map { ($0, ChartStyle.name($0)) },
      panels: zip(names, amounts).map { name, all in (name, shown.map { all[$0] }) }, shown: Units.seconds
    ).chart(
      caption: "One scale for all; kinds of less than half a percent everywhere are left out.",
      finding: zip(names, passes).map { name, pass in
        let stage =
          (pass.scenario.deployed?.split.pipeline ?? 1) > 1
          ? ", its slowest stage, drawn, \(Units.seconds(pass.totals.seconds))" : ""
        return "\(name) takes \(Units.seconds(pass.latency))\(stage)."
      }.joined(separator: " "))
  }

  private static func memory(_ passes: [Prediction], _ names: [String], name: String) -> Chart {
    StackedBars.memory(
      zip(names, passes).map { ($0, $1.memory) }, subtitle: shared(passes),
      caption: "Weights, cache and activations of a pass.", name: name)
  }

  /// What the passes have in common.
  private static func shared(_ passes: [Prediction]) -> String {
    func only(_ values: [String]) -> String? { Set(values).count == 1 ? values.first : nil }
    return [
      only(passes.map(\.model.title)), only(passes.map(\.profile.title)),
      only(passes.map { Describe.workload($0.scenario.workload) }),
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
