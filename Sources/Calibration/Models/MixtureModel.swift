import Basics
import CostModel

/// The fused expert layer: the weights of the experts that a skewed batch touches, the products of its rows, and the
/// traffic of gathering and scattering them.
struct MixtureModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 2.5e-5
    var computeEfficiency = 0.55
    var bandwidthEfficiency = 0.85
    var permutationEfficiency = 0.6
    var overlap = 1.7
    var skewShare = 0.7
    var paddingRows = 10.0

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "routing, sorting and launching", 1e-6...1e-4),
        .init(\.computeEfficiency, "compute_efficiency", "share of the dense peak", 0.02...1),
        .init(
          \.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth on weights",
          0.05...1),
        .init(
          \.permutationEfficiency, "permutation_efficiency", "share of it on rows gathered and scattered",
          0.02...1),
        .init(
          \.overlap, "overlap", "1: compute and memory one after the other; large: the longer alone", 1...8),
        .init(\.skewShare, "skew_share", "the measured skew over the stated one", 0.05...3),
        .init(\.paddingRows, "padding_rows", "rows that an expert's last tile computes in vain", 1...256),
      ]
  }

  private let p: Parameters
  private let stored, peak, farBandwidth: Double
  private var loads = ExpertLoads()

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    stored = group.format.bytes
    peak = device.peak(group.format.number) * p.computeEfficiency
    farBandwidth = device.farBandwidth
  }

  mutating func prepare(for shapes: [RunShape]) {
    for shape in shapes { loads.add(shape, skew: shape.skew * p.skewShare) }
  }

  func seconds(_ shape: RunShape) -> Double {
    var call = shape.experts
    call.distinct = loads.touched(shape, skew: shape.skew * p.skewShare)
    return seconds(
      call, tensorParallel: shape.expertTensorParallel, expertParallel: shape.expertParallel)
  }

  /// - Parameters:
  ///   - tensorParallel: devices that each expert's width is spread over.
  ///   - expertParallel: devices that the experts are spread over.
  ///   - weightBytes: of a stored weight that kernels expand, where they are narrower than what is multiplied.
  func seconds(
    _ call: ExpertsCall, tensorParallel: Double = 1, expertParallel: Double = 1, weightBytes: Double? = nil
  ) -> Double {
    let touched = call.distinct / expertParallel
    let matrices = call.expert.gated ? 3.0 : 2
    let inner = Double(call.expert.intermediate) / tensorParallel
    let weights = matrices * call.hidden * inner
    let rows = call.rows / expertParallel
    let compute = 2 * (rows + touched * p.paddingRows) * weights / peak
    let memory = touched * weights * (weightBytes ?? stored) / (farBandwidth * p.bandwidthEfficiency)
    let moved = rows * (4 * call.hidden + 2 * matrices * inner) + 4 * call.tokens * call.hidden
    return p.launchSeconds + overlapped(compute, memory, p.overlap)
      + moved / (farBandwidth * p.permutationEfficiency)
  }

  static func sharedStrength(of kernel: KernelClass) -> Double { 4 }

  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    [
      Effect("skew of the router", [(\.skewShare, 0.05)]),
      Effect("permutation", [(\.permutationEfficiency, 1)]),
    ]
  }
}

/// How tokens spread over the experts of several runs, each load worked out once.
struct ExpertLoads {
  private struct Key: Hashable {
    let experts, topK, skew: Double

    init(_ shape: RunShape, skew: Double) {
      (experts, topK) = (shape.experts.experts, shape.experts.topK)
      self.skew = skew
    }
  }

  private var known: [Key: ExpertShares] = [:]

  mutating func add(_ shape: RunShape, skew: Double) {
    let key = Key(shape, skew: skew)
    if !shape.dealt, known[key] == nil { known[key] = ExpertShares(shape.experts, skew: skew) }
  }

  /// Experts that at least one token needs, on all devices.
  func touched(_ shape: RunShape, skew: Double) -> Double {
    let call = shape.experts
    if shape.dealt { return min(call.experts, call.tokens * call.topK) }
    return (known[Key(shape, skew: skew)] ?? ExpertShares(call, skew: skew)).touched(call.tokens)
  }
}

/// Shares of tokens that experts receive, in runs of similar ones.
private struct ExpertShares {
  private var runs: [(share: Double, count: Double)] = []

  init(_ call: ExpertsCall, skew: Double) {
    let shares = RouterLoad.zipf(exponent: skew).shares(experts: Int(call.experts), topK: Int(call.topK))
    var start = 0
    while start < shares.count {
      let length = shares.count > 32 ? max(1, start / 8) : 1
      let part = shares[start..<min(shares.count, start + length)]
      runs.append((min(1, part.reduce(0, +) / Double(part.count)), Double(part.count)))
      start = part.endIndex
    }
  }

  /// Experts that at least one of `tokens` needs.
  func touched(_ tokens: Double) -> Double {
    runs.reduce(0) { $0 + $1.count * (1 - power(1 - $1.share, tokens)) }
  }
}
