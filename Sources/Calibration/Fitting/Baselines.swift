/// What there is without a model per kernel: to be beaten, and the answer where nothing was measured.
public enum Baseline {
  /// FLOPs and far-memory bytes of a kernel.
  public static func work(_ group: RunGroup, _ shape: KernelShape) -> (
    flops: Double, bytes: Double, link: Double
  ) {
    let stored = storedBytes(group.dtype)
    let cache = storedBytes(group.cacheDtype)
    switch group.kernel {
    case .gemm:
      return (
        2 * shape.m * shape.n * shape.k, stored * shape.k * (shape.m + shape.n) + 2 * shape.m * shape.n, 0
      )
    case .attentionPrefill, .latentPrefill:
      let values = shape.headDim == 192 ? 128 : shape.headDim
      let window = shape.window > 0 ? min(shape.window, shape.queries) : shape.queries
      let pairs = window * (window + 1) / 2 + (shape.queries - window) * window
      let perHead = shape.batch * shape.heads
      return (
        2 * perHead * pairs * (shape.headDim + values),
        4 * shape.batch * shape.queries * shape.headDim * (shape.heads + shape.keyValueHeads), 0
      )
    case .attentionDecode:
      let keys = shape.window > 0 ? min(shape.window, shape.keys) : shape.keys
      return (
        4 * shape.batch * shape.heads * keys * shape.headDim,
        2 * shape.batch * shape.keyValueHeads * keys * shape.headDim * cache
          + 4 * shape.batch * shape.heads * shape.headDim, 0
      )
    case .latentDecode:
      return (
        2 * shape.batch * shape.heads * shape.keys * (576 + 512), shape.batch * shape.keys * 576 * cache, 0
      )
    case .mixture:
      let load = MixtureModel.load(
        .init(experts: shape.experts, topK: shape.topK, skew: shape.skew))
      let touched = MixtureModel.touched(shape, load)
      let weights =
        (shape.gated ? 3 : 2) * shape.hidden * shape.intermediate / shape.expertTensorParallel
        / shape.expertParallel
      return (
        2 * shape.tokens * shape.topK * weights,
        touched * weights * stored + 4 * shape.tokens * shape.hidden, 0
      )
    case .rmsNorm, .siluMul, .rope, .residualAdd, .quantiseFP8:
      return (0, shape.m * shape.k * RowwiseModel.bytesPerElement(group.kernel), 0)
    case .allReduce, .allGather, .reduceScatter, .allToAll:
      let ring = (shape.ranks - 1) / max(1, shape.ranks) * (group.kernel == .allReduce ? 2 : 1)
      return (0, 0, shape.messageBytes * ring)
    case .forwardPass:
      return (
        2 * shape.weights * shape.tokens * shape.batch, shape.weightBytes * shape.batch, 0
      )
    }
  }

  /// A run cannot be faster than the data sheet allows, caches allowed for: products at the peak, 10 % for clocks
  /// above the stated one; messages at the link's rate.
  ///
  /// Bytes are no witness: small operands stay in the shared level between repetitions.
  public static func isPossible(_ run: Run, on device: DeviceQuantities) -> Bool {
    let (flops, _, link) = work(run.group, run.shape)
    return run.seconds * 1.1 >= max(flops / device.peak(run.group.dtype), link / (2 * device.link))
      && run.seconds > 1e-7
  }

  /// The slowest of products at the data sheet's peak, far memory and the link: an upper bound on speed.
  public static func roofline(_ group: RunGroup, _ shape: KernelShape, on device: DeviceQuantities) -> Double
  {
    let (flops, bytes, link) = work(group, shape)
    return max(flops / device.peak(group.dtype), bytes / device.farBandwidth, link / device.link)
  }
}

/// One compute efficiency, one bandwidth efficiency and a fixed overhead a group.
public struct ThreeScalarModel: KernelModel {
  let group: RunGroup

  public init(group: RunGroup) { self.group = group }

  public var parameters: [Parameter] {
    [
      Parameter("launch_seconds", "fixed overhead", 5e-6, 1e-7, 1e-3),
      Parameter("compute_efficiency", "share of the dense peak", 0.7, 0.01, 1),
      Parameter("bandwidth_efficiency", "share of memory's or the link's bandwidth", 0.7, 0.01, 1),
    ]
  }

  public func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    shapes.map { shape in
      let (flops, bytes, link) = Baseline.work(group, shape)
      return p[0]
        + max(
          flops / (device.peak(group.dtype) * p[1]), bytes / (device.farBandwidth * p[2]),
          link / (device.link * p[2]))
    }
  }
}
