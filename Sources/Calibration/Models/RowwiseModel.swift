/// Norms and element-wise kernels: one block a row, so that few rows starve the bandwidth; small ones stay in the
/// shared level.
struct RowwiseModel: KernelModel {
  let kernel: Kernel

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 2e-6, 2e-7, 2e-5),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth", 0.8, 0.1, 1),
    Parameter("cached_gain", "how much faster inside the shared level", 1, 0.01, 4),
    Parameter("cached_share", "share of the shared level that holds it", 0.8, 0.2, 2),
    Parameter("row_seconds", "fixed time of 8,192 elements of a row", 1e-6, 1e-8, 2e-5),
    Parameter("rows_per_core", "blocks that fill a core, inverted", 0.5, 0.01, 4),
  ]

  /// Bytes an element of the row: 16-bit reads and writes.
  var bytesPerElement: Double {
    switch kernel {
    case .residualAdd: 6
    case .siluMul, .quantiseFP8: 3
    default: 4
    }
  }

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    shapes.map { shape in
      let bytes = shape.m * shape.k * bytesPerElement
      let busy = max(1e-4, min(1, shape.m * p[5] / device.cores))
      return p[0] + cachedSeconds(bytes, on: device, efficiency: p[1], gain: p[2], share: p[3]) / busy
        + p[4] * shape.k / 8192
    }
  }
}

/// Rings over links: a latency per rank, and a bandwidth that ramps up with the message.
struct CollectiveModel: KernelModel {
  let kernel: Kernel

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 4e-6, 5e-7, 1e-4),
    Parameter("hop_seconds", "latency of each step from rank to rank", 5e-7, 1e-9, 2e-5),
    Parameter(
      "link_efficiency", "share of a link's bandwidth in one direction on long messages", 0.7, 0.02, 1),
    Parameter("ramp_bytes", "the larger, the longer a message has to be for that", 1e6, 1e2, 3e8),
    Parameter("few_ranks_loss", "share of the link's bandwidth lost, divided by the ranks", 0.1, 0.001, 1.2),
  ]

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    shapes.map { shape in
      let ring = (shape.ranks - 1) / max(1, shape.ranks) * (kernel == .allReduce ? 2 : 1)
      let hops = kernel == .allToAll ? 1 : (shape.ranks - 1) * (kernel == .allReduce ? 2 : 1)
      let bytes = shape.messageBytes * ring
      let rate = device.link * p[2] * max(0.05, 1 - p[4] / max(1, shape.ranks))
      return p[0] + p[1] * hops + (bytes + (bytes * p[3]).squareRoot()) / rate
    }
  }
}

/// Frameworks' own all-reduce under a graph: everybody reads everything for short messages, two phases for long ones.
struct FusedAllReduceModel: KernelModel {
  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 4e-6, 5e-7, 1e-4),
    Parameter("rank_seconds", "latency of each further rank", 1e-7, 1e-9, 2e-5),
    Parameter("direct_efficiency", "share of a link's bandwidth when all read all", 0.5, 0.005, 1),
    Parameter("phase_seconds", "what the second phase costs", 8e-6, 5e-7, 2e-4),
    Parameter("link_efficiency", "share of a link's bandwidth in two phases", 0.7, 0.02, 1),
    Parameter("ramp_bytes", "the larger, the longer a message has to be for that", 1e5, 1e2, 3e8),
    Parameter("choice_sharpness", "how exactly the faster of the two is chosen", 8, 2, 16),
  ]

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    shapes.map { shape in
      let others = shape.ranks - 1
      let bytes = shape.messageBytes * 2 * others / max(1, shape.ranks)
      let direct = p[0] + p[1] * others + shape.messageBytes * others / (device.link * p[2])
      let phased =
        p[0] + p[3] + p[1] * others + (bytes + (bytes * p[5]).squareRoot()) / (device.link * p[4])
      return power(power(direct, -p[6]) + power(phased, -p[6]), -1 / p[6])
    }
  }
}
