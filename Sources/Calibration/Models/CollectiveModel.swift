import Basics

/// Three protocols, the fastest for the message's size: low latency, a middle one, and full bandwidth after a longer
/// set-up. (NCCL's LL, LL128 and Simple.)
struct CollectiveModel: KernelModel {
  let kernel: Kernel

  let parameters = [
    Parameter("launch_seconds", "the smallest message between two ranks", 6e-6, 1e-8, 2e-4),
    Parameter("hop_seconds", "latency of each further rank", 1e-6, 1e-9, 2e-5),
    Parameter("quick_efficiency", "share of a link's bandwidth in the low-latency protocol", 0.012, 0.005, 1),
    Parameter("middle_seconds", "set-up of the middle protocol", 2.5e-6, 1e-8, 2e-4),
    Parameter("middle_efficiency", "share of a link's bandwidth in the middle protocol", 0.25, 0.02, 1),
    Parameter("bulk_seconds", "set-up of the bandwidth protocol", 1.8e-5, 1e-8, 2e-4),
    Parameter(
      "bulk_hop_seconds", "extra set-up of the bandwidth protocol per further rank", 3e-6, 1e-9, 2e-5),
    Parameter(
      "link_efficiency", "share of a link's bandwidth in one direction on long messages", 0.55, 0.02, 1),
    Parameter("eight_ranks_rate", "rate among eight ranks over that between two", 1.3, 0.3, 3),
    Parameter("choice_sharpness", "how exactly the fastest protocol is chosen", 7, 1, 12),
  ]

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    shapes.map { shape in
      let others = max(0, shape.ranks - 2)
      let sent = shape.messageBytes * (shape.ranks - 1) / max(1, shape.ranks) * (kernel == .allReduce ? 2 : 1)
      // p[8] at eight ranks, 1 at two, a power law of the ranks between and beyond.
      let link = device.link * power(p[8], log2(max(1, shape.ranks / 2)) / 2)
      let start = p[0] + p[1] * others
      let quick = start + sent / (p[2] * link)
      let middle = start + p[3] + sent / (p[4] * link)
      let bulk = start + p[5] + p[6] * others + sent / (p[7] * link)
      let sum = power(quick, -p[9]) + power(middle, -p[9]) + power(bulk, -p[9])
      return power(sum, -1 / p[9])
    }
  }
}

/// Frameworks' own all-reduce under a graph: everybody reads everything for short messages, two phases for long ones.
struct FusedAllReduceModel: KernelModel {
  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 4e-6, 5e-7, 1e-4),
    Parameter("rank_seconds", "latency of each further rank", 1e-7, 1e-9, 2e-5),
    Parameter("direct_efficiency", "share of a link's bandwidth when all read all", 0.5, 0.005, 1),
    Parameter("phase_seconds", "what the second phase costs", 4e-6, 5e-7, 2e-4),
    Parameter("link_efficiency", "share of a link's bandwidth in two phases", 0.8, 0.02, 1),
    Parameter("ramp_bytes", "the larger, the longer a message has to be for that", 2e6, 1e2, 3e8),
    Parameter("choice_sharpness", "how exactly the faster of the two is chosen", 10, 2, 16),
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
