import CostModel

/// Operators in one place under the roofs: one, or several that could not be told apart.
struct RooflineMark {
  var names: [String]
  /// What its colour and shape stand for.
  var series: Int
  /// FLOPs per byte of the level that binds, FLOP/s as expected and under that level's roof, part of the whole time.
  var intensity, rate, roof, share: Double
  /// FLOPs per byte of far memory.
  var farIntensity: Double
  var bound, level: String

  /// A logarithm can show it.
  var isDrawable: Bool { intensity > 0 && rate > 0 && intensity.isFinite && rate.isFinite }

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
    names = [Describe.name(op, in: evaluator.model)]
    self.series = series
    intensity = flops / op.traffic.total[lane]
    rate = flops / op.seconds
    roof = flops / (max(times.compute, times.vector, times.levels[lane]) * op.call.layers)
    share = op.seconds / whole
    farIntensity = flops / op.traffic.total[0]
    bound = op.bound.name(profile)
    level = profile.levels[lane].name
  }

  /// `q_projection, k_projection (local)`; of many the first.
  var name: String {
    guard names.count == 2 else {
      return names.count == 1 ? names[0] : "\(names[0]) and \(names.count - 1) more"
    }
    let words = names.map { $0.split(separator: " ", maxSplits: 1) }
    let isShared = words.allSatisfy { $0.count == 2 } && words[0][1] == words[1][1]
    return isShared ? "\(words[0][0]), \(words[1][0]) \(words[1][1])" : names.joined(separator: ", ")
  }

  /// What it may be called, the longest first.
  var labels: [String] {
    let others = names.count > 1 ? " +\(names.count - 1)" : ""
    return [name, names[0] + others, (names[0].split(separator: " ").first ?? "") + others]
  }

  /// Marks whose places coincide as one, the largest share first.
  static func grouped(_ marks: [RooflineMark], x: Axis, y: Axis) -> [RooflineMark] {
    var groups: [(mark: RooflineMark, x: Double, y: Double)] = []
    for mark in marks.sorted(by: { ($1.share, $0.names[0]) < ($0.share, $1.names[0]) }) {
      guard let px = x.place(mark.intensity), let py = y.place(mark.rate) else { continue }
      if let same = groups.firstIndex(where: { abs($0.x - px) < 7 && abs($0.y - py) < 7 }) {
        groups[same].mark.names += mark.names
        groups[same].mark.share += mark.share
      } else {
        groups.append((mark, px, py))
      }
    }
    return groups.map(\.mark).sorted { ($1.share, $0.names[0]) < ($0.share, $1.names[0]) }
  }
}
