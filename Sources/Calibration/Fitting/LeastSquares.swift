/// Robust non-linear least squares within bounds: Levenberg–Marquardt on the logarithms of the parameters,
/// soft-L1 loss on the logarithm of predicted over measured, a Gaussian prior on each parameter.
struct LeastSquares {
  var model: KernelModel
  var device: DeviceQuantities
  var shapes: [KernelShape]
  /// Logarithms of the measured seconds.
  var targets: [Double]
  /// Logarithms of the parameters before any run, and their standard deviations.
  var centre: [Double]
  var spread: [Double]

  /// Typical scatter of a good model, in logarithms: sets the weight of runs against the prior.
  static let scatter = 0.1
  /// Where the loss turns from quadratic to linear.
  static let turn = 0.1

  struct Solution: Sendable {
    var parameters: [Double]
    var cost: Double
  }

  func solve(starts: Int, iterations: Int = 40) -> Solution {
    var best: Solution?
    var generator = SplitMix(state: 0x5eed)
    for start in 0..<max(1, starts) {
      var u = centre
      if start > 0 {
        for index in u.indices { u[index] += spread[index] * (2 * generator.unit() - 1) }
      }
      let solution = descend(from: clamped(u), iterations: iterations)
      if solution.cost < best?.cost ?? .infinity { best = solution }
    }
    let found = best ?? Solution(parameters: centre, cost: .infinity)
    return Solution(parameters: found.parameters.map(exponential), cost: found.cost)
  }

  private func clamped(_ u: [Double]) -> [Double] {
    zip(u, model.parameters).map { min(max($0, logarithm($1.lower)), logarithm($1.upper)) }
  }

  private func residuals(_ u: [Double]) -> [Double] {
    let p = u.map(exponential)
    return zip(shapes, targets).map { shape, target in
      let value = model.seconds(shape, device, p)
      return value > 0 && value.isFinite ? logarithm(value) - target : 20
    }
  }

  private func cost(_ residuals: [Double], _ u: [Double]) -> Double {
    var sum = 0.0
    let scale = Self.turn * Self.turn / (Self.scatter * Self.scatter)
    for r in residuals {
      let z = r / Self.turn
      sum += scale * 2 * ((1 + z * z).squareRoot() - 1)
    }
    for index in u.indices {
      let d = (u[index] - centre[index]) / spread[index]
      sum += d * d
    }
    return sum
  }

  private func descend(from start: [Double], iterations: Int) -> Solution {
    let count = start.count
    var u = start
    var r = residuals(u)
    var current = cost(r, u)
    var damping = 0.01
    for _ in 0..<iterations {
      let columns = (0..<count).map { index -> [Double] in
        var moved = u
        let step = moved[index] + 1e-4 > logarithm(model.parameters[index].upper) ? -1e-4 : 1e-4
        moved[index] += step
        return zip(residuals(moved), r).map { ($0 - $1) / step }
      }
      let weights = r.map {
        1 / (1 + ($0 / Self.turn) * ($0 / Self.turn)).squareRoot() / (Self.scatter * Self.scatter)
      }
      var normal = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
      var gradient = [Double](repeating: 0, count: count)
      for i in 0..<count {
        for j in 0...i {
          var sum = 0.0
          for row in r.indices { sum += weights[row] * columns[i][row] * columns[j][row] }
          normal[i][j] = sum
          normal[j][i] = sum
        }
        for row in r.indices { gradient[i] += weights[row] * columns[i][row] * r[row] }
        let inverse = 1 / (spread[i] * spread[i])
        normal[i][i] += inverse
        gradient[i] += (u[i] - centre[i]) * inverse
      }
      // A parameter at its bound that wants to go farther stays there.
      for i in 0..<count {
        let low = u[i] <= logarithm(model.parameters[i].lower) + 1e-12 && gradient[i] > 0
        let high = u[i] >= logarithm(model.parameters[i].upper) - 1e-12 && gradient[i] < 0
        guard low || high else { continue }
        for j in 0..<count {
          normal[i][j] = 0
          normal[j][i] = 0
        }
        normal[i][i] = 1
        gradient[i] = 0
      }
      var improved = false
      for _ in 0..<8 {
        var damped = normal
        for i in 0..<count { damped[i][i] *= 1 + damping }
        guard let step = Self.solve(damped, gradient) else { break }
        let next = clamped(zip(u, step).map { $0 - min(1, max(-1, $1)) })
        let nextResiduals = residuals(next)
        let nextCost = cost(nextResiduals, next)
        if nextCost < current {
          improved = current - nextCost > 1e-7 * current
          (u, r, current) = (next, nextResiduals, nextCost)
          damping = max(1e-6, damping / 4)
          break
        }
        damping *= 5
      }
      if !improved { break }
    }
    return Solution(parameters: u, cost: current)
  }

  /// Cholesky; nil where the matrix is not positive definite.
  static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
    let n = right.count
    var l = matrix
    for i in 0..<n {
      for j in 0...i {
        var sum = matrix[i][j]
        for k in 0..<j { sum -= l[i][k] * l[j][k] }
        if i == j {
          guard sum > 0 else { return nil }
          l[i][i] = sum.squareRoot()
        } else {
          l[i][j] = sum / l[j][j]
        }
      }
    }
    var y = right
    for i in 0..<n {
      for k in 0..<i { y[i] -= l[i][k] * y[k] }
      y[i] /= l[i][i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      for k in (i + 1)..<max(n, i + 1) { y[i] -= l[k][i] * y[k] }
      y[i] /= l[i][i]
    }
    return y
  }
}

/// A small deterministic generator (SplitMix64).
struct SplitMix {
  var state: UInt64

  mutating func unit() -> Double {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
  }
}
