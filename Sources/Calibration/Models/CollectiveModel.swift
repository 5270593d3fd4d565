import Basics

/// Three protocols, the fastest for the message's size: low latency, a middle one, and full bandwidth after a longer
/// set-up. (NCCL's LL, LL128 and Simple.)
struct CollectiveModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 6e-6
    var hopSeconds = 1e-6
    var quickEfficiency = 0.012
    var middleSeconds = 2.5e-6
    var middleEfficiency = 0.25
    var bulkSeconds = 1.8e-5
    var bulkHopSeconds = 3e-6
    var linkEfficiency = 0.55
    var eightRanksRate = 1.3
    var choiceSharpness = 7.0

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "the smallest message between two ranks", 1e-8...2e-4),
        .init(\.hopSeconds, "hop_seconds", "latency of each further rank", 1e-9...2e-5),
        .init(
          \.quickEfficiency, "quick_efficiency", "share of a link's bandwidth in the low-latency protocol",
          0.005...1),
        .init(\.middleSeconds, "middle_seconds", "set-up of the middle protocol", 1e-8...2e-4),
        .init(
          \.middleEfficiency, "middle_efficiency", "share of a link's bandwidth in the middle protocol",
          0.02...1),
        .init(\.bulkSeconds, "bulk_seconds", "set-up of the bandwidth protocol", 1e-8...2e-4),
        .init(
          \.bulkHopSeconds, "bulk_hop_seconds", "extra set-up of the bandwidth protocol per further rank",
          1e-9...2e-5),
        .init(
          \.linkEfficiency, "link_efficiency",
          "share of a link's bandwidth in one direction on long messages", 0.02...1),
        .init(\.eightRanksRate, "eight_ranks_rate", "rate among eight ranks over that between two", 0.3...3),
        .init(\.choiceSharpness, "choice_sharpness", "how exactly the fastest protocol is chosen", 1...12),
      ]
  }

  private let p: Parameters
  private let device: DeviceQuantities
  private let passes: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    passes = group.kernel == .allReduce ? 2 : 1
  }

  func seconds(_ shape: RunShape) -> Double {
    let ranks = shape.ranks
    let others = max(0, ranks - 2)
    let sent = shape.messageBytes * (ranks - 1) / max(1, ranks) * passes
    // The stated rate at eight ranks, 1 at two, a power law of the ranks between and beyond.
    let link = device.link * power(p.eightRanksRate, log2(max(1, ranks / 2)) / 2)
    let start = p.launchSeconds + p.hopSeconds * others
    let quick = start + sent / (p.quickEfficiency * link)
    let middle = start + p.middleSeconds + sent / (p.middleEfficiency * link)
    let bulk = start + p.bulkSeconds + p.bulkHopSeconds * others + sent / (p.linkEfficiency * link)
    let sum =
      power(quick, -p.choiceSharpness) + power(middle, -p.choiceSharpness) + power(bulk, -p.choiceSharpness)
    return power(sum, -1 / p.choiceSharpness)
  }

  static func sharedStrength(of kernel: KernelClass) -> Double { 1 }

  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    [
      Effect("latency per rank", [(\.hopSeconds, 1e-9)]),
      Effect("protocols of short messages", [(\.bulkSeconds, 1e-8), (\.bulkHopSeconds, 1e-9)]),
    ]
  }
}

/// Frameworks' own all-reduce under a graph: everybody reads everything for short messages, two phases for long ones.
struct FusedAllReduceModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 4e-6
    var rankSeconds = 1e-7
    var directEfficiency = 0.5
    var phaseSeconds = 4e-6
    var linkEfficiency = 0.8
    var rampBytes = 2e6
    var choiceSharpness = 10.0

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 5e-7...1e-4),
        .init(\.rankSeconds, "rank_seconds", "latency of each further rank", 1e-9...2e-5),
        .init(
          \.directEfficiency, "direct_efficiency", "share of a link's bandwidth when all read all", 0.005...1),
        .init(\.phaseSeconds, "phase_seconds", "what the second phase costs", 5e-7...2e-4),
        .init(\.linkEfficiency, "link_efficiency", "share of a link's bandwidth in two phases", 0.02...1),
        .init(\.rampBytes, "ramp_bytes", "the larger, the longer a message has to be for that", 1e2...3e8),
        .init(\.choiceSharpness, "choice_sharpness", "how exactly the faster of the two is chosen", 2...16),
      ]
  }

  private let p: Parameters
  private let device: DeviceQuantities

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
  }

  func seconds(_ shape: RunShape) -> Double {
    let others = shape.ranks - 1
    let bytes = shape.messageBytes * 2 * others / max(1, shape.ranks)
    let start = p.launchSeconds + p.rankSeconds * others
    let direct = start + shape.messageBytes * others / (device.link * p.directEfficiency)
    let phased =
      p.launchSeconds + p.phaseSeconds + p.rankSeconds * others
      + (bytes + (bytes * p.rampBytes).squareRoot()) / (device.link * p.linkEfficiency)
    return power(
      power(direct, -p.choiceSharpness) + power(phased, -p.choiceSharpness), -1 / p.choiceSharpness)
  }

  static func sharedStrength(of kernel: KernelClass) -> Double { 1 }

  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    [
      Effect("latency per rank", [(\.rankSeconds, 1e-9)]),
      Effect("protocols of short messages", [(\.phaseSeconds, 5e-7), (\.rampBytes, 100)]),
    ]
  }
}
