import CostModel

/// What there is without a model per kernel: to be beaten, and the answer where nothing was measured.
public enum Baseline {
  /// Products' FLOPs, far-memory bytes and bytes over a link.
  struct Work {
    var flops = 0.0, bytes = 0.0, link = 0.0
  }

  /// Costs of the call that was measured; of a message, what a ring sends; of passes, their weights.
  ///
  /// - Parameter loads: of mixtures, where they are known already.
  static func work(
    _ group: RunGroup, _ shape: RunShape, on device: DeviceQuantities, loads: ExpertLoads = ExpertLoads()
  ) -> Work {
    switch shape.measured {
    case .call:
      let work = costs(group, shape, on: device, loads: loads)
      return Work(flops: work?.matmulFLOPs ?? 0, bytes: work?.traffic.total[0] ?? 0)
    case .message(let bytes):
      let ring = (shape.ranks - 1) / max(1, shape.ranks) * (group.kernel == .allReduce ? 2 : 1)
      return Work(link: bytes * ring)
    case .pass(let pass):
      return Work(
        flops: 2 * pass.weights * pass.tokens * pass.passes, bytes: pass.weightBytes * pass.passes)
    }
  }

  /// What the cost model charges the call that was measured; nil for messages and passes.
  static func costs(
    _ group: RunGroup, _ shape: RunShape, on device: DeviceQuantities, loads: ExpertLoads = ExpertLoads()
  ) -> CostModel.Work? {
    guard case .call(var call) = shape.measured else { return nil }
    if case .experts(var experts) = call, experts.distinct == 0 {
      experts.distinct = loads.touched(shape, skew: shape.skew)
      experts.rows /= shape.expertParallel
      experts.distinct /= shape.expertParallel
      experts.inner /= shape.expertTensorParallel
      call = .experts(experts)
    }
    return Costs.work(
      of: Call(group.kernel.operation, at: .outer, layers: 1, formats: group.formats, shape: call),
      on: device.machine)
  }

  /// A run cannot be faster than the data sheet allows, caches allowed for: products at the peak, 10 % for clocks
  /// above the stated one; messages at the link's rate.
  ///
  /// Bytes are no witness: small operands stay in the shared level between repetitions.
  public static func isPossible(_ run: Run, on device: DeviceQuantities) -> Bool {
    let work = work(run.group, run.shape, on: device)
    return run.seconds * 1.1
      >= max(work.flops / peak(of: run.group, on: device), work.link / (2 * device.link))
      && run.seconds > 1e-7
  }

  /// The slowest of products at the data sheet's peak, far memory and the link: an upper bound on speed.
  public static func roofline(_ group: RunGroup, _ shape: RunShape, on device: DeviceQuantities) -> Double {
    let work = work(group, shape, on: device)
    return max(
      work.flops / peak(of: group, on: device), work.bytes / device.farBandwidth, work.link / device.link
    )
  }

  /// Of the fastest unit that does it: engines multiply a whole pass's quantised weights in 8-bit integers.
  private static func peak(of group: RunGroup, on device: DeviceQuantities) -> Double {
    let own = device.peak(group.format.number)
    return group.kernel == .forwardPass && group.format.bytes < 2 ? max(own, device.peakInt8) : own
  }
}

/// One compute efficiency, one bandwidth efficiency and a fixed overhead a group.
struct ThreeScalarModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 5e-6
    var computeEfficiency = 0.7
    var bandwidthEfficiency = 0.7

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "fixed overhead", 1e-7...1e-3),
        .init(\.computeEfficiency, "compute_efficiency", "share of the dense peak", 0.01...1),
        .init(
          \.bandwidthEfficiency, "bandwidth_efficiency", "share of memory's or the link's bandwidth", 0.01...1
        ),
      ]
  }

  private let p: Parameters
  private let group: RunGroup
  private let device: DeviceQuantities
  private var loads = ExpertLoads()

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.group = group
    self.device = device
  }

  mutating func prepare(for shapes: [RunShape]) {
    if group.kernel == .mixture { for shape in shapes { loads.add(shape, skew: shape.skew) } }
  }

  func seconds(_ shape: RunShape) -> Double {
    let work = Baseline.work(group, shape, on: device, loads: loads)
    return p.launchSeconds
      + max(
        work.flops / (device.peak(group.format.number) * p.computeEfficiency),
        work.bytes / (device.farBandwidth * p.bandwidthEfficiency),
        work.link / (device.link * p.bandwidthEfficiency))
  }
}

extension RunGroup {
  /// Of the group's call: products and experts between 16-bit rows, attention over its cache.
  var formats: CallFormats {
    let own = format.number ?? .bf16
    // Kernels in single precision keep everything in it.
    if own == .fp32 { return CallFormats(uniform: .fp32) }
    var (stored, input, output) = (NumberFormat.bf16, NumberFormat.bf16, NumberFormat.bf16)
    switch kernel {
    case .gemm where own == .fp32: (stored, input, output) = (own, own, own)
    case .gemm, .mixture: (stored, input) = (own, own)
    case .attentionDecode, .latentDecode: stored = cache.number ?? .bf16
    case .quantizeFP8: output = .fp8
    case .batchedProduct, .softmax, .layerNorm, .elementwise: (stored, input, output) = (own, own, own)
    default: break
    }
    return CallFormats(
      stored: stored, input: input, output: output, small: .bf16, unit: .linear, compute: .bf16)
  }
}
