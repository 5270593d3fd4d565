import Basics
import Calibration
import CostModel

/// A small roofline for terminals: `o` and letters are operators, lines the roofs.
public enum TextChart {
  /// - Parameters:
  ///   - width: columns, at least 40.
  ///   - ascii: only ASCII characters, for terminals and fonts without others.
  public static func roofline(_ prediction: Prediction, width: Int, ascii: Bool) -> String {
    let evaluator = prediction.scenario.evaluator
    let marks = RooflineChart.marks(prediction)
      .filter(\.isDrawable)
      .sorted { ($1.share, $0.name) < ($0.share, $1.name) }
    guard let far = evaluator.profile.levels.first,
      let unit = evaluator.profile.unit(for: evaluator.precision.computeFormat(of: .linear))
    else { return "" }
    let columns = max(40, width) - 12
    let rows = 16
    let ridge = unit.flopsPerSecond / far.bytesPerSecond
    let x = Axis.logarithmic(
      marks.map(\.farIntensity) + [ridge / 2, ridge * 4], start: 0, end: Double(columns - 1))
    let y = Axis.logarithmic(marks.map(\.rate) + [unit.flopsPerSecond], start: Double(rows - 1), end: 0)
    var grid = [[Character]](repeating: [Character](repeating: " ", count: columns), count: rows)
    func put(_ column: Double?, _ row: Double?, _ character: Character) {
      guard let column, let row else { return }
      let c = Int(column.rounded()), r = Int(row.rounded())
      if grid.indices.contains(r), grid[r].indices.contains(c) { grid[r][c] = character }
    }
    for column in 0..<columns {
      let share = Double(column) / Double(columns - 1)
      let decades = log10(x.high) - log10(x.low)
      let intensity = power(10, log10(x.low) + decades * share)
      let roof = min(unit.flopsPerSecond, intensity * far.bytesPerSecond)
      put(
        Double(column), y.place(roof),
        roof < unit.flopsPerSecond ? (ascii ? "/" : "╱") : (ascii ? "-" : "─"))
    }
    // The larger share stands in front; the legend says what is behind it.
    var legend: [String] = []
    for (letter, mark) in zip("abcdefghijklmnopqrst", marks) {
      guard let column = x.place(mark.farIntensity), let row = y.place(mark.rate) else { continue }
      let (c, r) = (Int(column.rounded()), Int(row.rounded()))
      guard grid.indices.contains(r), grid[r].indices.contains(c) else { continue }
      var entry = "\(letter) \(mark.name) \(Units.percent(mark.share))"
      if grid[r][c].isLetter { entry += " (behind \(grid[r][c]))" } else { grid[r][c] = letter }
      legend.append(entry)
    }
    var lines: [String] = []
    for (row, cells) in grid.enumerated() {
      let tick = y.ticks.first { Int((y.place($0) ?? -1).rounded()) == row }
      let label = tick.map { Units.flopRate($0).replacing("FLOP/s", with: "") } ?? ""
      lines.append((label.padded(to: 9) + (ascii ? " |" : " │") + String(cells)).trimmedEnd)
    }
    let floor = String(repeating: ascii ? "-" : "─", count: columns)
    lines.append("FLOP/s    " + (ascii ? "+" : "└") + floor)
    var axis = [Character](repeating: " ", count: columns + 12)
    for tick in x.ticks {
      let text = Array(Units.plain(tick))
      let at = min(11 + Int((x.place(tick) ?? 0).rounded()) - text.count / 2, axis.count - text.count)
      for (offset, character) in text.enumerated() where axis.indices.contains(at + offset) {
        axis[at + offset] = character
      }
    }
    lines.append(String(axis).trimmedEnd)
    lines.append(
      "           FLOP per byte of \(far.name); roofs \(Units.bandwidth(far.bytesPerSecond)), \(unit.format.name) \(Units.flopRate(unit.flopsPerSecond)), ridge \(Units.plain(ridge))"
    )
    lines += TextRenderer.breakLines(legend.joined(separator: ", "), width: max(40, width) - 11)
      .map { "           " + $0 }
    return lines.map(\.inert).joined(separator: "\n") + "\n"
  }
}
