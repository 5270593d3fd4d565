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
    let roofs = peaks + [("vector", profile.vectorFLOPsPerSecond)]
    let ends = points.flatMap { [$0.predicted, $0.measured] }
    var frame = Frame(
      width: 760, height: 500, title: "Measured on \(profile.title), under its roofs", legend: 140)
    let ridges = roofs.map { $0.rate / profile.levels[0].bytesPerSecond }
    let x = Axis.logarithmic(
      ends.map(\.intensity) + ridges + ridges.map { $0 * 4 }, start: frame.left, end: frame.right)
    let y = Axis.logarithmic(
      ends.map(\.rate) + roofs.map { $0.rate * 2 }, start: frame.bottom, end: frame.top)
    frame.horizontal(x, title: "arithmetic intensity, FLOP per byte of \(profile.levels[0].name)") {
      Units.plain($0)
    }
    frame.vertical(y, title: "FLOP/s") { Units.flopRate($0).replacing("FLOP/s", with: "") }
    var labels = Labels(left: frame.left, top: frame.top, right: frame.right, bottom: frame.bottom)
    drawRoofs(profile, peaks: roofs, x: x, y: y, into: &frame, labels: &labels)
    let kernels = points.reduce(into: [String]()) { if !$0.contains($1.category) { $0.append($1.category) } }
    for point in points {
      guard let x1 = x.place(point.predicted.intensity), let y1 = y.place(point.predicted.rate),
        let x2 = x.place(point.measured.intensity), let y2 = y.place(point.measured.rate)
      else { continue }
      let index = kernels.firstIndex(of: point.category) ?? 0
      func mark(_ x: Double, _ y: Double, _ kind: String, _ at: (intensity: Double, rate: Double)) {
        let colour = ChartStyle.colour(index)
        frame.svg.raw(
          ChartStyle.shape(index, x: x, y: y, size: 8)
            + " class=\"mark \(kind)\" stroke=\"\(colour)\" fill=\"\(kind == "measured" ? colour : "none")\""
            + " data-intensity=\"\(JSONValue.text(of: at.intensity))\" data-rate=\"\(JSONValue.text(of: at.rate))\">"
            + "<title>\(point.name.markup), \(kind): \(Units.plain(at.intensity)) FLOP/B,"
            + " \(Units.flopRate(at.rate))</title></\(ChartStyle.tag(index))>")
      }
      frame.svg.line(x1, y1, x2, y2, class: "leader")
      mark(x1, y1, "predicted", point.predicted)
      mark(x2, y2, "measured", point.measured)
    }
    frame.legend(kernels.prefix(20).enumerated().map { ($0.offset, $0.element) })
    let ratios = all.map { $0.predicted.intensity / $0.measured.intensity }.sorted()
    return frame.chart(
      "roofline",
      caption:
        "\(Units.whole(Double(all.count))) runs with counted bytes; filled: measured, hollow: predicted, a line ties the"
        + " two. Solid: the far memory's roof, dashed: nearer levels' and peaks.",
      finding:
        "Half of the runs move at most \(Units.plain(ratios[ratios.count / 2])) times the bytes that were predicted."
    )
  }
}
