/// Labels beside marks that cover neither each other nor marks nor roofs.
struct Labels {
  /// Left, top, width and height.
  struct Box {
    var x, y, width, height: Double

    func touches(_ other: Box, gap: Double = 1) -> Bool {
      x < other.x + other.width + gap && other.x < x + width + gap && y < other.y + other.height + gap
        && other.y < y + height + gap
    }

    func isCentred(_ px: Double, _ py: Double) -> Bool {
      abs(x + width / 2 - px) < 0.01 && abs(y + height / 2 - py) < 0.01
    }

    /// A straight line goes through it (Liang and Barsky).
    func isCrossed(by line: Line, gap: Double = 1) -> Bool {
      var (from, to) = (0.0, 1.0)
      let (dx, dy) = (line.b.x - line.a.x, line.b.y - line.a.y)
      for (step, room) in [
        (-dx, line.a.x - x + gap), (dx, x + width + gap - line.a.x), (-dy, line.a.y - y + gap),
        (dy, y + height + gap - line.a.y),
      ] {
        if step == 0 {
          if room < 0 { return false }
        } else if step < 0 {
          from = max(from, room / step)
        } else {
          to = min(to, room / step)
        }
      }
      return from <= to
    }
  }

  struct Line {
    var a, b: SVG.Point

    func crosses(_ other: Line) -> Bool {
      func side(_ p: SVG.Point, _ line: Line) -> Double {
        (line.b.x - line.a.x) * (p.y - line.a.y) - (line.b.y - line.a.y) * (p.x - line.a.x)
      }
      return side(a, other) * side(b, other) < 0 && side(other.a, self) * side(other.b, self) < 0
    }
  }

  /// Where a label stands, by its first line.
  struct Place {
    var x, baseline: Double
    var anchor: SVG.Anchor
    /// From the text to the edge of its mark, where they are apart.
    var leader: Line?
  }

  private let bounds: Box
  /// Marks, which labels do not cover, and labels, which leaders do not cross either.
  private var marks: [Box] = []
  private var labels: [Box] = []
  /// Roofs, which no label touches, and thinner lines, which they avoid where they can, other labels' leaders most.
  private var roofs: [Line] = []
  private var gaps: [Line] = []
  private var leaders: [Line] = []

  init(left: Double, top: Double, right: Double, bottom: Double) {
    bounds = Box(x: left, y: top, width: right - left, height: bottom - top)
  }

  mutating func reserve(mark x: Double, _ y: Double, radius: Double) {
    marks.append(Box(x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius))
  }
  mutating func reserve(roof line: Line) { roofs.append(line) }
  mutating func reserve(gap line: Line) { gaps.append(line) }

  private static let height = 13.5
  /// From a line's baseline to the next one's.
  static let leading = 12.5

  /// How much a label is wanted: beside its mark, wherever it hides nothing, even with a leader through another, or even
  /// over thin lines.
  enum Effort: Int { case beside, clear, must, over }

  /// The nearest free place; nil where there is none.
  mutating func place(
    _ lines: [String], x: Double, y: Double, radius: Double, effort: Effort = .over
  ) -> Place? {
    let size = (
      width: lines.map { Lettering.width(of: $0) }.max() ?? 0,
      height: Self.height + Double(lines.count - 1) * Self.leading
    )
    let near = Self.around(x, y, radius, size)
    var far: [Box]?
    for least in [Effort.beside, .clear, .must, .over] where least.rawValue <= effort.rawValue {
      func free(_ box: Box) -> Bool { fits(box, x, y, radius, least) }
      var found = near.first(where: free)
      if found == nil, effort != .beside {
        let all = far ?? everywhere(x, y, size)
        far = all
        found = all.first(where: free)
      }
      guard let box = found else { continue }
      labels.append(box)
      let leader = leader(box, x, y, radius)
      if let leader { leaders.append(leader) }
      let anchor: SVG.Anchor = box.x > x ? .start : box.x + box.width < x ? .end : .middle
      return Place(
        x: anchor == .start ? box.x : anchor == .end ? box.x + box.width : box.x + box.width / 2,
        baseline: box.y + 10.5, anchor: anchor, leader: leader)
    }
    return nil
  }

  private func fits(_ box: Box, _ x: Double, _ y: Double, _ radius: Double, _ effort: Effort) -> Bool {
    guard box.x >= bounds.x, box.y >= bounds.y, box.x + box.width <= bounds.x + bounds.width,
      box.y + box.height <= bounds.y + bounds.height,
      !labels.contains(where: { $0.touches(box) }), !marks.contains(where: { $0.touches(box) }),
      !roofs.contains(where: { box.isCrossed(by: $0, gap: 1.5) })
    else { return false }
    guard effort != .over else { return true }
    if (leaders + gaps).contains(where: { box.isCrossed(by: $0) }) { return false }
    guard effort != .must else { return true }
    let isStrict = effort == .beside
    guard let leader = leader(box, x, y, radius) else { return true }
    // A leader that runs through another mark seems to mean that one.
    return !labels.contains { $0.isCrossed(by: leader, gap: 0) }
      && !marks.contains { !$0.isCentred(x, y) && $0.isCrossed(by: leader, gap: 1) }
      && !(isStrict && (leaders + gaps).contains { $0.crosses(leader) })
  }

  private func leader(_ box: Box, _ x: Double, _ y: Double, _ radius: Double) -> Line? {
    // Where text begins or ends, or below its middle.
    let from =
      box.x > x
      ? box.x - 1.5
      : box.x + box.width < x
        ? box.x + box.width + 1.5 : min(max(x, box.x + box.width * 0.3), box.x + box.width * 0.7)
    let height = box.y > y ? box.y : box.y + box.height < y ? box.y + box.height : y
    let beside = box.x > x || box.x + box.width < x
    let start = (x: from, y: beside ? box.y + box.height / 2 : height)
    let distance = ((start.x - x) * (start.x - x) + (start.y - y) * (start.y - y)).squareRoot()
    guard distance > radius + 9 else { return nil }
    let share = radius / distance
    return Line(a: start, b: (x + (start.x - x) * share, y + (start.y - y) * share))
  }

  private static func around(
    _ x: Double, _ y: Double, _ radius: Double, _ size: (width: Double, height: Double)
  ) -> [Box] {
    [3.0, 6, 12, 20, 30].flatMap { distance -> [Box] in
      let reach = radius + distance
      return [
        (reach, -size.height / 2), (-reach - size.width, -size.height / 2),
        (-size.width / 2, -reach - size.height),
        (-size.width / 2, reach), (reach * 0.75, -reach * 0.75 - size.height), (reach * 0.75, reach * 0.75),
        (-reach * 0.75 - size.width, -reach * 0.75 - size.height), (-reach * 0.75 - size.width, reach * 0.75),
      ].map { Box(x: x + $0.0, y: y + $0.1, width: size.width, height: size.height) }
    }
  }

  /// All over the plot, the nearest first.
  private func everywhere(_ x: Double, _ y: Double, _ size: (width: Double, height: Double)) -> [Box] {
    stride(from: bounds.y, through: bounds.y + bounds.height - size.height, by: 7).flatMap { top in
      stride(from: bounds.x, through: bounds.x + bounds.width - size.width, by: 10).map { left in
        Box(x: left, y: top, width: size.width, height: size.height)
      }
    }.map { box -> (box: Box, distance: Double) in
      let dx = max(0, box.x - x, x - box.x - box.width)
      let dy = max(0, box.y - y, y - box.y - box.height)
      return (box, dx * dx + dy * dy)
    }.sorted { $0.distance < $1.distance }.map(\.box)
  }
}
