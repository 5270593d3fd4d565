import CostModel
import Deployment

/// One measured message with the links that it ran over, ready to be held against any law.
struct MeasuredMessage {
  /// What was said.
  enum Kind {
    case collective(CollectiveTimes, Collective, bytes: Double, CollectiveTimes.Adder)
    case experts(
      ExpertTimes, ExpertTimes.Way, ExpertTimes.Kernel, tokens: Double, rowBytes: Double, experts: Double,
      chosen: Double)
    case prepare(ExpertTimes, experts: Double)
  }

  /// By which law it goes.
  enum Family { case near, nodes, experts }

  let device: String
  let near: FabricDomain
  let measured: Double
  /// What software around it adds.
  let extra: Double
  let note: String
  private let kind: Kind
  let interval: (low: Double, high: Double)
  let basis: Basis

  init(
    device: String, near: FabricDomain, measured: Double, extra: Double, note: String, kind: Kind,
    _ links: FittedLinks
  ) {
    (self.device, self.near, self.measured) = (device, near, measured)
    (self.extra, self.note, self.kind) = (extra, note, kind)
    func known<Law>(_ fits: [FittedLaw<Law>]) -> ((low: Double, high: Double), Basis) {
      let fit = FittedLinks.fit(fits, for: near)
      return (
        (fit.low, fit.high),
        fit.rows == 0 ? .prior : fit.devices.contains(device) ? .calibrated : .carriedOver
      )
    }
    switch kind {
    case .collective(let times, _, _, _):
      (interval, basis) = times.group.isNear ? known(links.near) : known(links.nodes)
    case .experts(_, _, .oneSided, _, _, _, _), .prepare:
      // No run of such kernels taught the law.
      (interval, basis) = ((0.6, 1.6), .prior)
    case .experts: (interval, basis) = known(links.experts)
    }
  }

  var family: Family? {
    switch kind {
    case .collective(let times, _, _, _): times.group.isNear ? .near : .nodes
    case .experts(_, _, .oneSided, _, _, _, _), .prepare: nil
    case .experts: .experts
    }
  }

  /// As expected by what was known when it was read.
  var seconds: Double {
    switch kind {
    case .collective(let times, let operation, let bytes, let adder):
      extra + times.seconds(operation, bytes: bytes, by: adder)
    case .experts(let times, let way, let kernel, let tokens, let rowBytes, let experts, let chosen):
      times.seconds(way, kernel, tokens: tokens, rowBytes: rowBytes, experts: experts, chosen: chosen)
    case .prepare(let times, let experts): times.prepareSeconds(experts: experts)
    }
  }

  /// The same by another law of its family; others leave it alone.
  func seconds<Law: LinkLaw>(by law: Law) -> Double {
    switch (kind, law) {
    case (.collective(let times, let operation, let bytes, let adder), let law as NearLaw):
      extra + times.by(law).seconds(operation, bytes: bytes, by: adder)
    case (.collective(let times, let operation, let bytes, let adder), let law as NodeLaw):
      extra + times.by(law).seconds(operation, bytes: bytes, by: adder)
    case (
      .experts(let times, let way, let kernel, let tokens, let rowBytes, let experts, let chosen),
      let law as ExpertLaw
    ):
      times.by(law).seconds(
        way, kernel, tokens: tokens, rowBytes: rowBytes, experts: experts, chosen: chosen)
    default: seconds
    }
  }
}
