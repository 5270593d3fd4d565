import Basics
import CostModel

/// The fused expert layer: the weights of the experts that a skewed batch touches, the products of its rows, and the
/// traffic of gathering and scattering them.
struct MixtureModel: KernelModel {
  let dtype: String

  let parameters = [
    Parameter("launch_seconds", "routing, sorting and launching", 2.5e-5, 1e-6, 1e-4),
    Parameter("compute_efficiency", "share of the dense peak", 0.55, 0.02, 1),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth on weights", 0.85, 0.05, 1),
    Parameter("permutation_efficiency", "share of it on rows gathered and scattered", 0.6, 0.02, 1),
    Parameter("overlap", "1: compute and memory one after the other; large: the longer alone", 1.7, 1, 8),
    Parameter("skew_share", "the measured skew over the stated one", 0.7, 0.05, 3),
    Parameter("padding_rows", "rows that an expert's last tile computes in vain", 10, 1, 256),
  ]

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    let stored = storedBytes(dtype)
    let peak = device.peak(dtype) * p[1]
    var loads: [LoadKey: [(share: Double, count: Double)]] = [:]
    return shapes.map { shape in
      let key = LoadKey(experts: shape.experts, topK: shape.topK, skew: shape.skew * p[5])
      let load = loads[key] ?? Self.load(key)
      loads[key] = load
      let touched = Self.touched(shape, load) / shape.expertParallel
      let matrices = shape.gated ? 3.0 : 2
      let inner = shape.intermediate / shape.expertTensorParallel
      let weights = matrices * shape.hidden * inner
      let rows = shape.tokens * shape.topK / shape.expertParallel
      let compute = 2 * (rows + touched * p[6]) * weights / peak
      let memory = touched * weights * stored / (device.farBandwidth * p[2])
      let moved = rows * (4 * shape.hidden + 2 * matrices * inner) + 4 * shape.tokens * shape.hidden
      return p[0] + overlapped(compute, memory, p[4]) + moved / (device.farBandwidth * p[3])
    }
  }

  /// Experts that at least one token needs, on all devices.
  static func touched(_ shape: KernelShape, _ load: [(share: Double, count: Double)]) -> Double {
    if shape.dealt { return min(shape.experts, shape.tokens * shape.topK) }
    return load.reduce(0) { $0 + $1.count * (1 - power(1 - $1.share, shape.tokens)) }
  }

  struct LoadKey: Hashable {
    var experts, topK, skew: Double
  }

  /// Shares of tokens, the experts in runs of similar ones.
  static func load(_ key: LoadKey) -> [(share: Double, count: Double)] {
    let shares = RouterLoad.zipf(exponent: key.skew).shares(experts: Int(key.experts), topK: Int(key.topK))
    guard shares.count > 32 else { return shares.map { (min(1, $0), 1) } }
    var runs: [(share: Double, count: Double)] = []
    var start = 0
    while start < shares.count {
      let end = min(shares.count, start + max(1, start / 8))
      let part = shares[start..<end]
      runs.append((min(1, part.reduce(0, +) / Double(part.count)), Double(part.count)))
      start = end
    }
    return runs
  }
}
