import CostModel

/// Intensity against rate with a device's roofs, each named at the frame's edge, and what labels keep clear of.
struct RoofPlane {
  typealias Peak = (name: String, rate: Double)

  var frame: Frame
  let x, y: Axis
  var labels: Labels

  private static let plot = 256.0
  private static let leading = 12.5

  /// - Parameter points: what has to be on it.
  init(
    _ title: String, _ subtitle: String, _ profile: HardwareProfile, peaks: [Peak],
    points: [(intensity: Double, rate: Double)]
  ) {
    let peaks = Self.merged(peaks)
    frame = Frame(title, subtitle, plot: Self.plot, margin: 84, above: 58)
    let ridges = peaks.map { $0.rate / profile.levels[0].bytesPerSecond }
    x = Axis.logarithmic(
      points.map(\.intensity) + ridges.map { $0 * 3 }, start: frame.left, end: frame.right, tight: true)
    y = Axis.logarithmic(
      points.map { $0.rate / 1.5 } + peaks.map { $0.rate * 1.5 }, start: frame.bottom, end: frame.top,
      tight: true)
    frame.vertical(y, title: "FLOP/s") { Units.flopRate($0).replacing("FLOP/s", with: "") }
    frame.horizontal(x, title: "FLOP per byte of the level that binds", shown: Units.plain)
    labels = Labels(
      left: frame.left + 2, top: frame.top + 2, right: frame.right - 2, bottom: frame.bottom - 2)
    draw(profile, peaks)
  }

  /// Formats of one rate are one roof.
  private static func merged(_ peaks: [Peak]) -> [Peak] {
    peaks.reduce(into: [Peak]()) { peaks, peak in
      if let same = peaks.firstIndex(where: { $0.rate == peak.rate }) {
        peaks[same].name += ", \(peak.name)"
      } else {
        peaks.append(peak)
      }
    }
  }

  private mutating func draw(_ profile: HardwareProfile, _ peaks: [Peak]) {
    let top = peaks.map(\.rate).max() ?? 1
    var slopes: [(x: Double, lines: [String])] = []
    for (index, level) in profile.levels.enumerated() {
      // From the left or lower edge up to the highest peak.
      let from = max(x.low, y.low / level.bytesPerSecond)
      let to = min(x.high, top / level.bytesPerSecond)
      guard to > from, let x1 = x.place(from), let y1 = y.place(from * level.bytesPerSecond),
        let x2 = x.place(to),
        let y2 = y.place(to * level.bytesPerSecond)
      else { continue }
      roof((x1, y1), (x2, y2), index == 0 ? "roof" : "roof near")
      let edge = x2 + (y2 - frame.top) * (x2 - x1) / max(1, y1 - y2)
      frame.svg.line(x2, y2, edge, frame.top, class: "tie")
      slopes.append((edge, [level.name, Units.bandwidth(level.bytesPerSecond)]))
    }
    nameSlopes(slopes.sorted { $0.x < $1.x })
    for peak in peaks {
      let fastest = profile.levels.map(\.bytesPerSecond).max() ?? 1
      guard let at = y.place(peak.rate), let from = x.place(max(x.low, min(x.high, peak.rate / fastest)))
      else { continue }
      roof((from, at), (frame.right, at), peak.rate == peaks[0].rate ? "roof" : "roof peak")
    }
    namePeaks(
      peaks.compactMap { peak in y.place(peak.rate).map { ($0, [peak.name, Units.flopRate(peak.rate)]) } }
        .sorted { $0.0 < $1.0 })
  }

  private mutating func roof(_ a: SVG.Point, _ b: SVG.Point, _ name: String) {
    frame.svg.polyline([a, b], class: name)
    labels.reserve(roof: .init(a: a, b: b))
  }

  /// Above the frame, side by side in the order of the roofs.
  private mutating func nameSlopes(_ slopes: [(x: Double, lines: [String])]) {
    let widths = slopes.map { ($0.lines.map { Lettering.width(of: $0) }.max() ?? 0) + 6 }
    let starts = Self.spread(zip(slopes, widths).map { $0.x - $1 / 2 }, widths, from: 8, to: Frame.width - 4)
    for (slope, (start, width)) in zip(slopes, zip(starts, widths)) {
      let middle = start + width / 2
      frame.svg.line(slope.x, frame.top, middle, frame.top - 8, class: "tie")
      for (row, line) in slope.lines.enumerated() {
        frame.svg.text(middle, frame.top - 24 + Double(row) * Self.leading, line, anchor: .middle)
      }
    }
  }

  /// At its right, below one another in the order of the roofs.
  private mutating func namePeaks(_ peaks: [(y: Double, lines: [String])]) {
    let height = 2 * Self.leading + 4
    let starts = Self.spread(
      peaks.map { $0.y - height / 2 }, peaks.map { _ in height }, from: frame.top - 6, to: frame.bottom)
    for (peak, start) in zip(peaks, starts) {
      frame.svg.line(frame.right, peak.y, frame.right + 6, start + height / 2, class: "tie")
      for (row, line) in peak.lines.enumerated() {
        frame.svg.text(frame.right + 8, start + 11 + Double(row) * Self.leading, line)
      }
    }
  }

  /// Starts near those wanted, in order and one behind the other.
  private static func spread(
    _ wanted: [Double], _ sizes: [Double], from: Double, to: Double
  ) -> [Double] {
    var starts: [Double] = []
    var free = from
    for (start, size) in zip(wanted, sizes) {
      starts.append(max(start, free))
      free = starts[starts.count - 1] + size
    }
    var limit = to
    for index in starts.indices.reversed() {
      starts[index] = min(starts[index], limit - sizes[index])
      limit = starts[index]
    }
    return starts
  }
}
