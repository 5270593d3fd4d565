import CostModel

extension RooflineChart {
  /// A kernel by its clock and its counted bytes, where there are any, and where it was expected.
  struct Measured {
    var name, category: String
    /// FLOPs per byte of the far memory, FLOP/s.
    var predicted, measured: (intensity: Double, rate: Double)
    var isCounted: Bool
  }

  /// At most so many of each kind: every so many-th of them.
  private static let most = (counted: 300, timed: 1500)

  private static func every(_ all: [Measured], _ most: Int) -> [Measured] {
    let step = (all.count + most - 1) / most
    return all.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }

  private static func plane(_ points: [Measured], _ profile: HardwareProfile, _ formats: Set<ComputeFormat>)
    -> (RoofPlane, kernels: [String])
  {
    let peaks = profile.peaks.filter { formats.contains($0.format) }
      .map { (name: $0.format.name, rate: $0.flopsPerSecond) }
    let plane = RoofPlane(
      "Measured under the roofs", profile.title, profile,
      peaks: peaks + [("vector", profile.vectorFLOPsPerSecond)],
      points: points.flatMap { [$0.predicted, $0.measured] })
    return (plane, points.reduce(into: []) { if !$0.contains($1.category) { $0.append($1.category) } })
  }

  /// Runs with counted bytes, each tied to where it was predicted.
  static func counted(_ all: [Measured], on profile: HardwareProfile, formats: Set<ComputeFormat>) -> Chart {
    let points = every(all, most.counted)
    var (plane, kernels) = plane(points, profile, formats)
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

  /// Runs with nothing but a time, at the bytes that the cost model charges.
  static func timed(_ all: [Measured], on profile: HardwareProfile, formats: Set<ComputeFormat>) -> Chart {
    let points = every(all, most.timed)
    var (plane, kernels) = plane(points, profile, formats)
    let isFew = points.count <= 200
    for (index, kernel) in kernels.enumerated() {
      let dots = points.filter { $0.category == kernel }.compactMap { point -> String? in
        guard let x = plane.x.place(point.measured.intensity), let y = plane.y.place(point.measured.rate)
        else { return nil }
        guard isFew else { return "M\(SVG.tenth(x)) \(SVG.tenth(y))h0" }
        return MarkShape.element(
          index, x: x, y: y, size: 7, "class=\"mark f\(ChartStyle.colour(index))\"",
          title:
            "\(point.name): \(Units.plain(point.measured.intensity)) FLOP/B, \(Units.flopRate(point.measured.rate))"
        )
      }
      plane.frame.svg.raw(
        isFew
          ? dots.joined() : "<path class=\"dots s\(ChartStyle.colour(index))\" d=\"\(dots.joined())\"/>")
    }
    plane.frame.legend(kernels.enumerated().map { ($0.offset, $0.element) })
    let shares = all.map { $0.measured.rate / $0.predicted.rate }.sorted()
    return plane.frame.chart(
      "roofline",
      caption:
        "\(points.count < all.count ? "\(Units.whole(Double(points.count))) of " : "")\(Units.whole(Double(all.count))) runs by their clock, at the bytes of"
        + " \(profile.levels[0].name) that the cost model charges; caches may hold what it charges.",
      finding:
        "Half of the runs reach at least \(Units.percent(shares[shares.count / 2])) of the rate expected.")
  }
}
