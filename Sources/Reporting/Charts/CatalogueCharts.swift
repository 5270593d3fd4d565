import CostModel

/// The pictures of `models` and `hardware`: all of them by the two figures that decide most.
enum CatalogueCharts {
  private static let meaning = " Named where there is room."

  static func models(_ models: [ModelSpec]) -> [Chart] {
    func chart(
      _ name: String, _ title: String, _ vertical: String, _ shown: @escaping (Double) -> String,
      _ figure: (ModelSpec) -> Double, _ caption: String, _ finding: (ModelSpec, ModelSpec) -> String
    ) -> Chart? {
      let known = models.filter { figure($0) > 0 }
      guard let least = known.min(by: { figure($0) < figure($1) }),
        let most = known.max(by: { figure($0) < figure($1) })
      else { return nil }
      return MapChart(
        name: name, title: title, horizontalTitle: "parameters", verticalTitle: vertical,
        series: ["dense", "mixture of experts"],
        points: known.map { ($0.name, $0.mixtures.isEmpty ? 0 : 1, $0.parameters.total, figure($0)) },
        shownX: Units.count, shownY: shown
      ).chart(caption: caption + meaning, finding: finding(least, most))
    }
    return [
      chart(
        "models-cache", "Parameters against cache", "bytes of cache per token, bf16", Units.traffic,
        { $0.cacheBytesPerToken(.bf16) }, "Models by what their weights and each token of context take."
      ) { "The least cache per token has \($0.name), the most \($1.name)." },
      chart(
        "models-context", "Parameters against context", "tokens, as their authors state", Units.whole,
        { Double($0.maxPositions ?? 0) }, "Models by their size and the longest text that they were made for."
      ) { "The longest context has \($1.name), the shortest \($0.name)." },
    ].compactMap { $0 }
  }

  static func hardware(_ profiles: [HardwareProfile]) -> [Chart] {
    let vendors = profiles.map(\.vendor).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let known = profiles.filter { !$0.levels.isEmpty }
    guard let fastest = known.max(by: { $0.levels[0].bytesPerSecond < $1.levels[0].bytesPerSecond }),
      let largest = known.max(by: { $0.levels[0].capacityBytes < $1.levels[0].capacityBytes })
    else { return [] }
    func chart(
      _ name: String, _ title: String, _ vertical: String, _ shown: @escaping (Double) -> String,
      _ figure: (HardwareProfile) -> Double, _ caption: String, _ finding: String
    ) -> Chart {
      MapChart(
        name: name, title: title, horizontalTitle: "far memory, bytes a second", verticalTitle: vertical,
        series: vendors,
        points: known.filter { figure($0) > 0 }.map {
          ($0.name, vendors.firstIndex(of: $0.vendor) ?? 0, $0.levels[0].bytesPerSecond, figure($0))
        }, shownX: Units.bandwidth, shownY: shown
      ).chart(caption: caption + meaning, finding: finding)
    }
    return [
      chart(
        "hardware-peak", "Bandwidth against bf16 peak", "dense bf16, or of the unit that computes it",
        Units.flopRate,
        { $0.unit(for: .bf16)?.flopsPerSecond ?? 0 },
        "Devices by what bounds decode and what bounds prefill.",
        "The most bandwidth has \(fastest.name), \(Units.bandwidth(fastest.levels[0].bytesPerSecond))."),
      chart(
        "hardware-memory", "Bandwidth against capacity", "far memory", Units.traffic,
        { $0.levels[0].capacityBytes }, "Devices by how much they hold and how fast they read it.",
        "The largest memory has \(largest.name), \(Units.memory(largest.levels[0].capacityBytes))."),
    ]
  }
}
