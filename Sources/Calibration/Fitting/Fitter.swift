import Basics

/// Fits a kernel model's parameters: least squares of log(predicted ÷ measured) with a soft-L1 loss, parameters in
/// log space between their bounds, from several fixed starting points. The same rows in any order give the same bits.
struct Fitter: Sendable {
  /// Known parameters to stay near, and how strongly (a new device with few runs).
  var prior: [Double]?
  var priorStrength = 0.2
  /// The pull towards usual values where nothing else is known: some directions the runs cannot tell.
  var usualStrength = 0.05
  /// Where to begin, if not at the anchor.
  var start: [Double]?
  var starts = 8
  var iterations = 120

  init(prior: [Double]? = nil) { self.prior = prior }

  /// Residuals beyond this (in log units) count linearly.
  static let softness = 0.1

  /// - Parameter bounds: where other than the model's own.
  /// - Returns: parameters in the order of the model's table.
  func fit<Model: KernelModel>(
    _ model: Model.Type, _ runs: [Run], for group: RunGroup, on device: DeviceQuantities,
    within bounds: [Parameter]? = nil
  ) -> [Double] {
    // Sums depend on the order of their terms: fix it.
    let sorted = runs.inOrder
    let shapes = sorted.map(\.shape)
    let logs = sorted.map { logarithm($0.seconds) }
    let table = Model.Parameters.table
    let parameters = bounds ?? table.map(\.parameter)
    return fit(parameters, to: logs) {
      Model.seconds(Model.Parameters($0, table), shapes, for: group, on: device)
    }
  }

  /// - Parameters:
  ///   - logs: of the measured seconds.
  ///   - weights: of each run; nil where all weigh alike.
  ///   - seconds: predicted, of values in the order of `parameters`.
  func fit(
    _ parameters: [Parameter], to logs: [Double], weights: [Double]? = nil,
    _ seconds: ([Double]) -> [Double]
  ) -> [Double] {
    let space = ParameterSpace(parameters)
    let weights = (weights ?? logs.map { _ in 1 }) + parameters.map { _ in 1 }
    var best: (cost: Double, point: [Double])?
    let usual = space.point(parameters.map(\.initial))
    let start = (start ?? prior).map(space.point) ?? usual
    var points = [start]
    if prior != nil { points.append(usual) }
    // From a fixed seed: starting points are part of the method, not of chance.
    var generator = SplitMix64(seed: 0x5EED)
    for _ in 0..<starts { points.append(start.map { $0 + 4 * generator.unit() - 2 }) }
    for point in points {
      let result = descend(
        from: point, logs, weights, space, prior: prior.map(space.point), usual: usual, seconds)
      if best.map({ result.cost < $0.cost }) ?? true { best = result }
    }
    return space.values(best?.point ?? start)
  }

  /// Levenberg–Marquardt with weights of the robust loss renewed at each step.
  private func descend(
    from start: [Double], _ logs: [Double], _ rowWeights: [Double], _ space: ParameterSpace, prior: [Double]?,
    usual: [Double], _ seconds: ([Double]) -> [Double]
  ) -> (cost: Double, point: [Double]) {
    func residuals(_ point: [Double]) -> [Double] {
      var list = zip(seconds(space.values(point)), logs).map { predicted, measured in
        predicted > 0 && predicted.isFinite ? logarithm(predicted) - measured : 50
      }
      // Keeps what the runs do not tell near the prior, or near what is usual.
      let anchor = prior ?? usual
      let strength = prior == nil ? usualStrength : priorStrength
      list += zip(point, anchor).map { strength * ($0 - $1) }
      return list
    }
    func cost(_ residuals: [Double]) -> Double {
      zip(residuals, rowWeights).reduce(0) { sum, row in
        let scaled = row.0 / Self.softness
        return sum + row.1 * ((1 + scaled * scaled).squareRoot() - 1)
      }
    }
    let count = start.count
    var point = start
    var current = residuals(point)
    var currentCost = cost(current)
    var damping = 1e-2
    for _ in 0..<iterations {
      var gradient = [Double](repeating: 0, count: count)
      var normal = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
      let weights = zip(current, rowWeights).map {
        $1 / (1 + ($0 / Self.softness) * ($0 / Self.softness)).squareRoot()
      }
      let columns = (0..<count).map { index -> [Double] in
        var moved = point
        let step = 1e-4
        moved[index] += step
        return zip(residuals(moved), current).map { ($0 - $1) / step }
      }
      for a in 0..<count {
        for index in current.indices { gradient[a] += weights[index] * columns[a][index] * current[index] }
        for b in a..<count {
          var sum = 0.0
          for index in current.indices { sum += weights[index] * columns[a][index] * columns[b][index] }
          normal[a][b] = sum
          normal[b][a] = sum
        }
      }
      var improved = false
      for _ in 0..<8 {
        var damped = normal
        for a in 0..<count { damped[a][a] += damping * (normal[a][a] + 1e-9) }
        guard let step = solve(damped, gradient) else {
          damping *= 10
          continue
        }
        let next = zip(point, step).map { min(12, max(-12, $0 - min(2, max(-2, $1)))) }
        let nextResiduals = residuals(next)
        let nextCost = cost(nextResiduals)
        if nextCost < currentCost {
          improved = currentCost - nextCost > 1e-5 * currentCost
          (point, current, currentCost) = (next, nextResiduals, nextCost)
          damping = max(1e-9, damping / 4)
          break
        }
        damping *= 6
      }
      if !improved { break }
    }
    return (currentCost, point)
  }

  /// Gaussian elimination with pivots; nil when singular.
  private func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
    var a = matrix
    var b = right
    let n = b.count
    for column in 0..<n {
      guard let pivot = (column..<n).max(by: { abs(a[$0][column]) < abs(a[$1][column]) }),
        abs(a[pivot][column]) > 1e-30
      else { return nil }
      a.swapAt(column, pivot)
      b.swapAt(column, pivot)
      for row in (column + 1)..<max(n, column + 1) {
        let factor = a[row][column] / a[column][column]
        if factor == 0 { continue }
        for index in column..<n { a[row][index] -= factor * a[column][index] }
        b[row] -= factor * b[column]
      }
    }
    for row in stride(from: n - 1, through: 0, by: -1) {
      for index in (row + 1)..<max(n, row + 1) { b[row] -= a[row][index] * b[index] }
      b[row] /= a[row][row]
    }
    return b
  }
}

/// Values between bounds, as points of the whole line: logit of their place between the bounds' logarithms.
struct ParameterSpace {
  let low, high: [Double]

  init(_ parameters: [Parameter]) {
    low = parameters.map { logarithm($0.low) }
    high = parameters.map { logarithm($0.high) }
  }

  func values(_ point: [Double]) -> [Double] {
    point.indices.map { exponential(low[$0] + (high[$0] - low[$0]) / (1 + exponential(-point[$0]))) }
  }

  func point(_ values: [Double]) -> [Double] {
    values.indices.map {
      let share = min(0.999, max(0.001, (logarithm(values[$0]) - low[$0]) / (high[$0] - low[$0])))
      return logarithm(share / (1 - share))
    }
  }
}

extension [Run] {
  /// By all that tells runs apart, in whatever order they came.
  var inOrder: [Run] {
    map { (key: $0.orderKey, run: $0) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.run)
  }
}
