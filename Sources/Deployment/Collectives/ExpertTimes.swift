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

  /// Of `parts` equal parts, those that at least one of a token's `chosen` experts is in, all sets equally likely that keep
  /// to a limit: n·(1 − C(E − E/n, k) ÷ C(E, k)) without one.
  public static func reached(
    parts: Double, experts: Double, chosen: Double, limit: GroupLimit = GroupLimit()
  ) -> Double {
    guard parts > 1 else { return 1 }
    guard limit.perToken < limit.groups else {
      return parts * (1 - missed(experts / parts, of: experts, by: chosen))
    }
    let share = limit.perToken / limit.groups
    // Parts of a group: those of the groups that a token may use.
    guard parts <= limit.groups else {
      return reached(parts: parts * share, experts: experts * share, chosen: chosen)
    }
    // Groups of a part: by how many of them the token may use.
    let own = (limit.groups / parts).rounded()
    var none = 0.0
    var open = 0.0
    while open <= min(own, limit.perToken) {
      none +=
        ways(open, of: own) * ways(limit.perToken - open, of: limit.groups - own)
        * missed(open * experts / limit.groups, of: experts * share, by: chosen)
      open += 1
    }
    return parts * (1 - none / ways(limit.perToken, of: limit.groups))
  }

  /// How likely `chosen` different of `all` are none of `own`.
  private static func missed(_ own: Double, of all: Double, by chosen: Double) -> Double {
    var missed = 1.0
    var drawn = 0.0
    while drawn < chosen {
      missed *= max(0, (all - own - drawn) / (all - drawn))
      drawn += 1
    }
    return missed
  }

  /// C(all, some).
  private static func ways(_ some: Double, of all: Double) -> Double {
    var ways = 1.0
    var taken = 0.0
    while taken < some {
      ways *= max(0, all - taken) / (taken + 1)
      taken += 1
    }
    return ways
  }

  /// Seconds for `tokens` of each rank, each a row of `rowBytes`, sent to `chosen` of `experts`.
  public func seconds(
    _ way: Way, _ kernel: Kernel, tokens: Double, rowBytes: Double, experts: Double, chosen: Double,
    limit: GroupLimit = GroupLimit()
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
      let copies = tokens * Self.reached(parts: group.ranks, experts: experts, chosen: chosen, limit: limit)
      return law.quickSeconds + copies * rowBytes
        / ((back ? law.quickCombineShare : law.quickDispatchShare) * link)
    case .normal(let cores):
      let start = (back ? law.combineSeconds : law.dispatchSeconds) + law.nodeSeconds * doublings
      let transfer: Double
      if group.isNear {
        let copies = tokens * Self.reached(parts: group.ranks, experts: experts, chosen: chosen, limit: limit)
        let rate = min(link, (back ? law.combineCoreRate : law.dispatchCoreRate) * cores)
        transfer =
          copies * rowBytes / rate
          + tokens * (back ? law.combineTokenSeconds : law.dispatchTokenSeconds) / cores
      } else {
        let copies =
          tokens * Self.reached(parts: domains, experts: experts, chosen: chosen, limit: limit) * away
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
    _ kernel: Kernel, tokens: Double, rowBytes: Double, experts: Double, chosen: Double,
    limit: GroupLimit = GroupLimit()
  ) -> Double {
    let parts = group.isNear ? group.ranks : group.domains
    let away = (parts - 1) / parts
    return switch kernel {
    case .lowLatency: tokens * chosen * away * rowBytes
    case .normal, .oneSided:
      tokens * Self.reached(parts: parts, experts: experts, chosen: chosen, limit: limit) * away * rowBytes
    }
  }
}

/// Groups that experts are sorted into, of which a token may use so many (node-limited routing, arXiv:2412.19437 §2.1.2).
public struct GroupLimit: Hashable, Sendable {
  let groups, perToken: Double

  /// No limit, unless told otherwise.
  public init(groups: Double = 1, perToken: Double = 1) {
    self.groups = groups
    self.perToken = perToken
  }
}
