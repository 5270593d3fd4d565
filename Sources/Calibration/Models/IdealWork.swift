/// The least a kernel has to do: what the datasheet's roofs are drawn over.
public struct IdealWork: Hashable, Sendable {
  public var flops: Double
  public var operandBytes: Double
  public var bytes: Double
  /// Bytes each rank sends.
  public var linkBytes: Double

  public init(_ kernel: Kernel, _ shape: KernelShape) {
    flops = 0
    operandBytes = 2
    bytes = 0
    linkBytes = 0
    switch shape {
    case .product(let m, let n, let k, let format):
      flops = 2 * m * n * k
      operandBytes = format.operandBytes
      bytes =
        format.weightBytes * n * k + (format.quantisesInput ? 2 : format.operandBytes) * m * k + 2 * m * n
    case .attention(let a):
      let span = a.window > 0 ? min(a.window, a.keys) : a.keys
      let pairs = PrefillAttentionModel.causalPairs(queries: a.queries, keys: a.keys, span: span)
      flops = 2 * a.batch * a.queryHeads * pairs * (a.headDim + a.valueDim)
      operandBytes = a.operandBytes
      let latent = kernel == .mlaDecode
      let read = a.queries > 1 ? a.keys : span
      bytes =
        a.batch
        * (a.queries * a.queryHeads * (a.headDim + a.valueDim) * 2
          + read * a.kvHeads * (latent ? a.headDim : a.headDim + a.valueDim) * a.cacheBytes)
    case .experts(let e):
      let matrices = e.gated ? 3.0 : 2.0
      let pairs = e.tokens * e.topK * e.localExperts / e.experts
      flops = 2 * pairs * matrices * e.hidden * e.intermediate
      operandBytes = e.format.operandBytes
      bytes = e.active * matrices * e.hidden * e.intermediate * e.format.weightBytes + 4 * e.tokens * e.hidden
    case .collective(let ranks, let message):
      linkBytes = message * (ranks - 1) / ranks * (kernel == .allReduce ? 2 : 1)
    case .rows(let rows, let read, let written):
      bytes = rows * (read + written)
    }
  }

  /// The slowest of products, memory and link at the given shares of the datasheet's rates.
  public func seconds(on device: DeviceQuantities, compute: Double = 1, memory: Double = 1) -> Double {
    max(
      flops / (compute * device.peak(operandBytes: operandBytes)),
      max(bytes / (memory * device.memoryBytesPerSecond), linkBytes / (memory * device.linkBytesPerSecond)))
  }

  /// Below this no run is believed: a tenth over the peaks, what fits in L2 for nothing, reductions in the switch.
  public func floor(on device: DeviceQuantities) -> Double {
    max(
      flops / (1.1 * device.peak(operandBytes: operandBytes)),
      max(
        (bytes - 1.5 * device.l2Bytes) / (1.1 * device.memoryBytesPerSecond),
        linkBytes / (2.2 * device.linkBytesPerSecond)))
  }
}

extension KernelModel {
  /// One compute efficiency, one bandwidth efficiency, one fixed overhead: what the physical models are held against.
  public static func threeScalars(_ kernel: Kernel) -> KernelModel {
    KernelModel(
      "three_scalars",
      [
        .microseconds("launch_us", "fixed overhead", typical: 4),
        .efficiency("compute_efficiency", "share of the matrix peak"),
        .efficiency("memory_efficiency", "share of memory or link bandwidth"),
      ]
    ) { shape, device, p in
      p[0] * 1e-6 + IdealWork(kernel, shape).seconds(on: device, compute: p[1], memory: p[2])
    }
  }
}
