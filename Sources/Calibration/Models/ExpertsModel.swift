/// The fused expert layer: permutation, two grouped products over the experts that have tokens, un-permutation.
enum ExpertsModel {
  static let parameters: [Parameter] = [
    .microseconds("launch_us", "all launches of the layer", typical: 20),
    .efficiency("compute_efficiency", "matrix rate reached over the datasheet's", typical: 0.6),
    .efficiency("memory_efficiency", "memory bandwidth reached by the experts' weights", typical: 0.7),
    .efficiency("permute_efficiency", "memory bandwidth of permutation and un-permutation", typical: 0.4),
    Parameter("overlap", "sharpness of the overlap of arithmetic and memory", 1...8, typical: 3, spread: 0.5),
    Parameter(
      "row_tile", "rows of a tile that an expert's tokens are padded to", 1...256, typical: 32, spread: 0.7),
    Parameter(
      "expert_us", "fixed cost per active expert over the cores", 0.001...5, typical: 0.05, spread: 1),
    Parameter(
      "core_pull", "most that one core can pull, in multiples of its share of memory bandwidth", 0.5...8,
      typical: 2, spread: 0.5),
  ]

  static let plain = KernelModel("experts", parameters) { shape, device, p in
    guard case .experts(let e) = shape else { return .nan }
    return layer(e, device, p)
  }

  static let quantised = KernelModel(
    "experts_quantised",
    parameters + [
      .efficiency("quantise_efficiency", "memory bandwidth of narrowing the activations", typical: 0.4)
    ]
  ) { shape, device, p in
    guard case .experts(let e) = shape else { return .nan }
    let pairs = e.tokens * e.topK * e.localExperts / e.experts
    let bytes = (e.tokens * e.hidden + pairs * e.intermediate) * (2 + e.format.operandBytes)
    return layer(e, device, p) + bytes / (p[8] * device.memoryBytesPerSecond)
  }

  @inline(__always)
  static func layer(_ e: ExpertDimensions, _ device: DeviceQuantities, _ p: [Double]) -> Double {
    let matrices = e.gated ? 3.0 : 2.0
    let pairs = e.tokens * e.topK * e.localExperts / e.experts
    // Padding: on average half a tile an active expert.
    let rows = pairs + e.active * p[5] / 2
    let flops = 2 * rows * matrices * e.hidden * e.intermediate
    let arithmetic = flops / (p[1] * device.peak(operandBytes: e.format.operandBytes))
    let weights = e.active * matrices * e.hidden * e.intermediate * e.format.weightBytes
    let columns = e.active * (e.intermediate * (matrices - 1) / 128).rounded(.up)
    let pull = min(1, columns / device.cores * p[7])
    let memory = weights / (p[2] * device.memoryBytesPerSecond * pull)
    // Gather, gated activation in and out, scatter with its weighted sum, all in 16 bits.
    let moved = 2 * (pairs * (3 * e.hidden + (matrices) * e.intermediate) + 2 * e.tokens * e.hidden)
    let permute = moved / (p[3] * device.memoryBytesPerSecond)
    return p[0] * 1e-6 + overlapped(arithmetic, memory, sharpness: p[4]) + permute + e.active * p[6] * 1e-6
  }
}
