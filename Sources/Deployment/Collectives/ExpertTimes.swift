import Basics
import CostModel

/// Tokens' way to the experts and back, made ready for a group of ranks.
public struct ExpertTimes: Hashable, Sendable {
  /// What carries tokens.
  public enum Kernel: Hashable, Sendable {
    /// One message a copy, for few tokens.
    case lowLatency
    /// One copy for each rank or node reached, by so many multiprocessors.
    case normal(cores: Double)
    /// One copy for each rank reached, written straight into its memory within one near domain.
    case oneSided
  }

  /// To the experts, or back.
  public enum Way: Hashable, Sendable { case dispatch, combine }

  let group: RankGroup
  private var law: ExpertLaw
  let link, network: Double
  /// How far its times can be trusted.
  let trust: MessageTrust

  /// Multiprocessors that DeepEP takes unless told otherwise.
  public static let usualCores = 20.0

  /// - Returns: nil where `fabric` does not join the ranks.
  public init?(_ group: RankGroup, over fabric: [FabricDomain], by links: FittedLinks) {
    guard let (near, far) = group.domains(of: fabric) else { return nil }
    self.group = group
    let fit = FittedLinks.fit(links.experts, for: near)
    (law, trust) = (fit.law, fit.trust(on: near))
    link = near.bytesPerSecond
    network = far?.bytesPerSecond ?? near.bytesPerSecond
  }

  /// The same links by another law.
  public func by(_ law: ExpertLaw) -> ExpertTimes {
    var copy = self
    copy.law = law
    return copy
  }

  /// Of `parts` equal parts, those that at least one of a token's `chosen` experts is in, all sets equally likely:
  /// n·(1 − C(E − E/n, k) ÷ C(E, k)).
  public static func reached(parts: Double, experts: Double, chosen: Double) -> Double {
    guard parts > 1 else { return 1 }
    let outside = experts - experts / parts
    var missed = 1.0
    var drawn = 0.0
    while drawn < chosen {
      missed *= max(0, (outside - drawn) / (experts - drawn))
      drawn += 1
    }
    return parts * (1 - missed)
  }

  /// Seconds for `tokens` of each rank, each a row of `rowBytes`, sent to `chosen` of `experts`.
  public func seconds(
    _ way: Way, _ kernel: Kernel, tokens: Double, rowBytes: Double, experts: Double, chosen: Double
  ) -> Double {
    guard group.ranks > 1 else { return 0 }
    let back = way == .combine
    let domains = group.domains
    let doublings = log2(max(1, domains))
    let away = (domains - 1) / domains
    switch kernel {
    case .lowLatency:
      let start =
        law.quickSeconds + law.quickExpertSeconds * experts + law.quickNodeSeconds * doublings
      let copies = tokens * chosen * rowBytes
      if group.isNear {
        return start + copies / ((back ? law.quickCombineShare : law.quickDispatchShare) * link)
      }
      let share = back ? law.quickCombineNetworkShare : law.quickDispatchNetworkShare
      return start + copies * away / (share * network)
    case .oneSided:
      let copies = tokens * Self.reached(parts: group.ranks, experts: experts, chosen: chosen)
      return law.quickSeconds + copies * rowBytes
        / ((back ? law.quickCombineShare : law.quickDispatchShare) * link)
    case .normal(let cores):
      let start = (back ? law.combineSeconds : law.dispatchSeconds) + law.nodeSeconds * doublings
      let transfer: Double
      if group.isNear {
        let copies = tokens * Self.reached(parts: group.ranks, experts: experts, chosen: chosen)
        let rate = min(link, (back ? law.combineCoreRate : law.dispatchCoreRate) * cores)
        transfer =
          copies * rowBytes / rate
          + tokens * (back ? law.combineTokenSeconds : law.dispatchTokenSeconds) / cores
      } else {
        let copies = tokens * Self.reached(parts: domains, experts: experts, chosen: chosen) * away
        let share = law.networkShare * (domains >= 8 ? law.manyNodesShare : 1)
        let forward = back ? law.combineForwardSeconds : law.dispatchForwardSeconds
        transfer = max(copies * rowBytes / (share * network), tokens * forward / cores)
      }
      return start + transfer + min(transfer, law.slowSeconds)
    }
  }

  /// Least seconds that bytes of one rank need at the link's full rate.
  @inline(__always)
  func floor(_ bytes: Double) -> Double { bytes / (group.isNear ? link : network) }

  /// Seconds to tell everybody how many tokens will come, before they do.
  public func prepareSeconds(experts: Double) -> Double {
    law.prepareSeconds + law.quickExpertSeconds * experts
  }

  /// Bytes of one rank that cross the near link, or the network where the group spans domains.
  public func sent(
    _ kernel: Kernel, tokens: Double, rowBytes: Double, experts: Double, chosen: Double
  ) -> Double {
    let parts = group.isNear ? group.ranks : group.domains
    let away = (parts - 1) / parts
    return switch kernel {
    case .lowLatency: tokens * chosen * away * rowBytes
    case .normal, .oneSided:
      tokens * Self.reached(parts: parts, experts: experts, chosen: chosen) * away * rowBytes
    }
  }
}
