import CostModel
import Kernels

/// The picture of `probe`: bandwidth over size, and the levels that were read off it.
enum ProbeCharts {
  static func chart(_ result: Probe.Result) -> Chart {
    let operations = result.sweep.map(\.operation).reduce(into: [StreamKernel.Operation]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let levels = result.profile.levels
    return LineChart(
      name: "bandwidth", title: "Bandwidth over size", subtitle: result.profile.title,
      horizontalTitle: "bytes a thread", verticalTitle: "bytes a second, \(result.threads) threads",
      lines: operations.map { operation in
        (
          operation.rawValue,
          result.sweep.filter { $0.operation == operation }.map { ($0.bytes, $0.bytesPerSecond) }
            .sorted { $0.0 < $1.0 }
        )
      }, horizontal: .binary,
      limits: levels.map { ("\($0.name) \(Units.bandwidth($0.bytesPerSecond))", $0.bytesPerSecond) },
      shownX: Units.memory, shownY: Units.bandwidth
    ).chart(
      caption: "A sweep of streaming loops; dashed: the plateau of each level as the profile has it.",
      finding: levels.map {
        "\($0.name): \(Units.memory($0.capacityBytes)) at \(Units.bandwidth($0.bytesPerSecond))."
      }.joined(separator: " "))
  }
}
