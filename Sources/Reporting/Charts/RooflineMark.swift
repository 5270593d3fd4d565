import CostModel

/// Operators in one place under the roofs: one, or several that could not be told apart.
struct RooflineMark {
  /// Each with its own part of the time, the largest first.
  var members: [(name: String, share: Double)]
  /// What its colour and shape stand for.
  var series: Int
  /// FLOPs per byte of the level that binds, FLOP/s as expected and under that level's roof, part of the whole time.
  var intensity, rate, roof, share: Double
  /// FLOPs per byte of far memory.
  var farIntensity: Double
  var bound, level: String

  /// A logarithm can show it.
  var isDrawable: Bool { intensity > 0 && rate > 0 && intensity.isFinite && rate.isFinite }

  var names: [String] { members.map(\.name) }
  /// Of those that take a twentieth of the time or more, or else the largest.
  var mainNames: [String] { members.prefix(max(1, members.count { $0.share >= Self.named })).map(\.name) }
  var name: String { members[0].name }

  /// A mark of so large a part of the time is named.
  static let named = 0.05

  var radius: Double { max(3.5, 14 * share.squareRoot()) }

  /// Products' FLOPs where an operator has any, element-wise ones otherwise; the far level's bytes where no level binds.
  init(_ op: PricedOperator, _ evaluator: Evaluator, of whole: Double, series: Int) {
    let profile = evaluator.profile
    let flops = op.matmulFLOPs > 0 ? op.matmulFLOPs : op.work.vectorFLOPs * op.call.layers
    let times = evaluator.roofline.times(op.work, op.call.formats.unit)
    let slowest = profile.levels.indices.max { times.levels[$0] < times.levels[$1] } ?? 0
    let isBoundByMemory = times.levels[slowest] >= max(times.compute, times.vector)
    let lane =
      isBoundByMemory && times.levels[slowest] <= op.seconds / op.call.layers * 1.000_001 ? slowest : 0
    self.series = series
    intensity = flops / op.traffic.total[lane]
    rate = flops / op.seconds
    roof = flops / (max(times.compute, times.vector, times.levels[lane]) * op.call.layers)
    share = op.seconds / whole
    members = [(Describe.name(op, in: evaluator.model), op.seconds / whole)]
    farIntensity = flops / op.traffic.total[0]
    bound = op.bound.name(profile)
    level = profile.levels[lane].name
  }

  /// What it is called: who takes a twentieth of the time or more, and how many else; each as lines, the widest first.
  ///
  /// - Parameter end: stands behind.
  func label(_ end: String) -> [[String]] {
    let main = mainNames
    let others = members.count > main.count ? " +\(members.count - main.count)" : ""
    let text = Self.joined(main) + others + end
    // No name is cut.
    let least = text.split(separator: " ").map { Lettering.width(of: String($0)) + 1 }.max() ?? 0
    return [240, 150, 110].map { Lettering.lines(text, width: max($0, least)) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The first alone, where there is no place for all.
  func shortLabel(_ end: String) -> [String] {
    [(name.split(separator: " ").first ?? "") + (members.count > 1 ? " +\(members.count - 1)" : "") + end]
  }

  /// `q_projection, k_projection (local)`: a kind of layer that all share stands once.
  private static func joined(_ names: [String]) -> String {
    let words = names.map { $0.split(separator: " ", maxSplits: 1) }
    guard names.count > 1, let kind = words[0].dropFirst().first,
      words.allSatisfy({ $0.count == 2 && $0[1] == kind })
    else { return names.joined(separator: ", ") }
    return words.map { String($0[0]) }.joined(separator: ", ") + " \(kind)"
  }

  /// Marks whose places coincide as one, the largest share first.
  static func grouped(_ marks: [RooflineMark], x: Axis, y: Axis) -> [RooflineMark] {
    var groups: [(mark: RooflineMark, x: Double, y: Double)] = []
    for mark in marks.sorted(by: { ($1.share, $0.names[0]) < ($0.share, $1.names[0]) }) {
      guard let px = x.place(mark.intensity), let py = y.place(mark.rate) else { continue }
      if let same = groups.firstIndex(where: { abs($0.x - px) < 7 && abs($0.y - py) < 7 }) {
        groups[same].mark.members += mark.members
        groups[same].mark.share += mark.share
      } else {
        groups.append((mark, px, py))
      }
    }
    return groups.map(\.mark).sorted { ($1.share, $0.names[0]) < ($0.share, $1.names[0]) }
  }
}
