import Basics
import CostModel

/// Collectives of one group of ranks, made ready: asking for seconds allocates nothing.
public struct CollectiveTimes: Hashable, Sendable {
  /// Who talks.
  public let group: RankGroup
  private var near: NearLaw
  private var nodes: NodeLaw
  /// Bytes per second of a device in one direction, within and between near domains.
  let link, network: Double
  /// How far its times can be trusted.
  let trust: MessageTrust
  /// The switch can add, and the group is large enough that libraries let it.
  let switchAdds: Bool

  /// Of PCIe's rate between two ranks, where messages pass through the host's memory, which all pairs share (2 GB/s over
  /// eight L40S).
  static let hostShare = 0.3

  /// Ranks of a node from which each sends to the next at less than half of the rate of fewer (one cluster of H100).
  private static let fullNode = 8.0

  /// Fewer ranks than this are left to rings (NCCL on B200 and H100).
  static let fewestInSwitch = 6.0

  /// - Returns: nil where `fabric` does not join the ranks.
  public init?(_ group: RankGroup, over fabric: [FabricDomain], by links: FittedLinks) {
    guard let (near, far) = group.domains(of: fabric) else { return nil }
    self.group = group
    let (fit, between) = (FittedLinks.fit(links.near, for: near), FittedLinks.fit(links.nodes, for: near))
    (self.near, nodes) = (fit.law, between.law)
    trust = group.isNear ? fit.trust(on: near) : between.trust(on: near)
    link = near.bytesPerSecond * (near.passesHost ? Self.hostShare * 2 / max(2, group.near) : 1)
    network = far?.bytesPerSecond ?? near.bytesPerSecond
    switchAdds = near.reducesInNetwork && group.isNear && group.ranks >= Self.fewestInSwitch
  }

  /// The same links by another law.
  public func by(_ law: NearLaw) -> CollectiveTimes {
    var copy = self
    copy.near = law
    return copy
  }

  /// See `by(_:)`.
  public func by(_ law: NodeLaw) -> CollectiveTimes {
    var copy = self
    copy.nodes = law
    return copy
  }

  /// Least seconds that the bytes need at the links' full rate: what nothing beats.
  @inline(__always)
  public func floor(_ operation: Collective, bytes: Double) -> Double {
    let ranks = group.ranks
    guard ranks > 1 else { return 0 }
    if group.isNear {
      // In the switch each sends its buffer once.
      let sent = operation == .allReduce && switchAdds ? bytes : operation.sent(bytes, ranks: ranks)
      return sent / link
    }
    let least = operation == .allToAll ? outside(bytes) : operation.sent(bytes, ranks: ranks) / group.near
    return (operation == .sendReceive ? bytes : least) / network
  }

  /// Bytes of a rank that leave its domain when everybody sends to everybody.
  @inline(__always)
  private func outside(_ bytes: Double) -> Double { bytes * (group.ranks - group.near) / group.ranks }

  /// What adds up an all-reduce.
  public enum Adder: Hashable, Sendable {
    /// Ranks along a ring or tree, or the switch where libraries let it.
    case automatic
    case ranks, theSwitch
  }

  /// Seconds of `operation` on a whole buffer of `bytes`.
  @inline(__always)
  public func seconds(_ operation: Collective, bytes: Double, by adder: Adder = .automatic) -> Double {
    guard group.ranks > 1 else { return 0 }
    return max(
      floor(operation, bytes: bytes),
      group.isNear ? inside(operation, bytes, adder) : across(operation, bytes))
  }

  private func inside(_ operation: Collective, _ bytes: Double, _ adder: Adder) -> Double {
    let ranks = group.ranks
    switch operation {
    case .allToAll:
      let part = bytes / ranks
      let peers = near.peerSeconds * (ranks - 2)
      let short = near.exchangeSeconds + part / near.exchangeRate
      let long =
        near.longExchangeSeconds
        + (part * (ranks - 1) + near.exchangeCopied * part) / (near.exchangeShare * link)
      return peers + min(short, long)
    case .sendReceive:
      let share = bytes <= near.sendShortBytes ? near.sendShortShare : near.sendShare
      return hypotenuse(near.sendSeconds, bytes / (share * link))
    case .allReduce, .allGather, .reduceScatter, .broadcast: break
    }
    let sent = operation.sent(bytes, ranks: ranks)
    let steps = operation.steps(ranks: ranks)
    let shard = bytes / ranks
    if shard <= near.shortBytes {
      let wake = 1 + near.wake * shard / (shard + near.wakeBytes)
      return (near.baseSeconds + near.hopSeconds * steps) * wake + sent / (near.shortShare * link)
    }
    let latency = near.longBaseSeconds + near.longHopSeconds * steps
    let ring = joined(latency, (sent + near.copied * shard) / (near.longShare * link))
    guard operation == .allReduce else { return ring }
    if adder == .theSwitch || (adder == .automatic && switchAdds && bytes >= near.switchBytes) {
      return joined(latency, (bytes + shard) / (near.switchShare * link))
    }
    let tree = near.longBaseSeconds + near.longHopSeconds * 2 * log2(ranks).rounded(.up)
    return min(ring, joined(tree, 2 * bytes / (near.treeShare * link)))
  }

  /// Latency and transfer, between one after the other and side by side.
  private func joined(_ latency: Double, _ transfer: Double) -> Double {
    power(power(latency, near.overlap) + power(transfer, near.overlap), 1 / near.overlap)
  }

  private func hypotenuse(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }

  private func across(_ operation: Collective, _ bytes: Double) -> Double {
    let ranks = group.ranks
    switch operation {
    case .allToAll:
      let share = ranks > 2 ? nodes.exchangeShare : nodes.pairShare
      return nodes.exchangeSeconds + outside(bytes) / (share * network)
    case .sendReceive:
      let share =
        ranks <= 2 ? nodes.pairShare : group.near >= Self.fullNode ? nodes.fullSendShare : nodes.sendShare
      return nodes.exchangeSeconds + bytes / (share * network)
    case .allReduce, .allGather, .reduceScatter, .broadcast: break
    }
    let sent = operation.sent(bytes, ranks: ranks)
    func transfer(_ nearShare: Double, _ bytes: Double, _ networkShare: Double) -> Double {
      max(group.near > 1 ? sent / (nearShare * link) : 0, bytes / group.near / (networkShare * network))
    }
    let ring =
      nodes.baseSeconds + nodes.hopSeconds * operation.steps(ranks: ranks)
      + transfer(nodes.nearShare, sent, nodes.networkShare)
    guard operation == .allReduce else { return ring }
    let tree =
      nodes.baseSeconds + nodes.hopSeconds * group.near + nodes.treeSeconds * log2(group.domains)
      + transfer(nodes.treeNearShare, 2 * bytes, nodes.treeNetworkShare)
    return min(ring, tree)
  }
}
