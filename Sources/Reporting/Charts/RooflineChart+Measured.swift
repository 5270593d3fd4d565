import CostModel

extension RooflineChart {
  /// A kernel by its counted bytes and its clock, and where it was expected.
  struct Measured {
    var name, category: String
    /// FLOPs per byte of the far memory, FLOP/s.
    var predicted, measured: (intensity: Double, rate: Double)
  }

  /// At most so many: every so many-th of them.
  private static let mostPoints = 300

  /// The roofs of a device with measured kernels under them, each tied to where it was predicted.
  static func chart(_ all: [Measured], on profile: HardwareProfile, formats: Set<ComputeFormat>) -> Chart {
    let step = max(1, all.count / mostPoints)
    let points = all.enumerated().filter { $0.offset % step == 0 }.map(\.element)
    let peaks = profile.peaks.filter { formats.contains($0.format) }
      .map { (name: $0.format.name, rate: $0.flopsPerSecond) }
    var plane = RoofPlane(
      "Measured under the roofs", profile.title, profile,
      peaks: peaks + [("vector", profile.vectorFLOPsPerSecond)],
      points: points.flatMap { [$0.predicted, $0.measured] })
    let kernels = points.reduce(into: [String]()) { if !$0.contains($1.category) { $0.append($1.category) } }
    for point in points {
      guard let x1 = plane.x.place(point.predicted.intensity), let y1 = plane.y.place(point.predicted.rate),
        let x2 = plane.x.place(point.measured.intensity), let y2 = plane.y.place(point.measured.rate)
      else { continue }
      let index = kernels.firstIndex(of: point.category) ?? 0
      func mark(_ x: Double, _ y: Double, _ kind: String, _ at: (intensity: Double, rate: Double)) {
        let colour = ChartStyle.colour(index)
        plane.frame.svg.raw(
          MarkShape.element(
            index, x: x, y: y, size: 7,
            "class=\"mark \(kind) f\(colour)\(kind == "measured" ? "" : " hollow s\(colour)")\""
              + " data-intensity=\"\(JSONValue.text(of: at.intensity))\" data-rate=\"\(JSONValue.text(of: at.rate))\"",
            title: "\(point.name), \(kind): \(Units.plain(at.intensity)) FLOP/B, \(Units.flopRate(at.rate))"))
      }
      plane.frame.svg.line(x1, y1, x2, y2, class: "tie")
      mark(x1, y1, "predicted", point.predicted)
      mark(x2, y2, "measured", point.measured)
    }
    plane.frame.legend(kernels.enumerated().map { ($0.offset, $0.element) })
    let ratios = all.map { $0.predicted.intensity / $0.measured.intensity }.sorted()
    return plane.frame.chart(
      "roofline",
      caption:
        "\(Units.whole(Double(all.count))) runs with counted bytes of \(profile.levels[0].name); full: measured, hollow:"
        + " predicted, a line ties the two.",
      finding:
        "Half of the runs move at most \(Units.plain(ratios[ratios.count / 2])) times the bytes that were predicted."
    )
  }
}
