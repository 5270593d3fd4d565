import Basics
import CostModel

/// Collectives of one group of ranks, made ready: asking for seconds allocates nothing.
public struct CollectiveTimes: Hashable, Sendable {
  /// Who talks.
  public let group: RankGroup
  let near: NearLaw
  let nodes: NodeLaw
  /// Bytes per second of a device in one direction, within and between near domains.
  let link, network: Double
  /// The switch can add, and the group is large enough that libraries let it.
  let switchAdds: Bool

  /// Of PCIe's rate between two ranks, where messages pass through the host's memory, which all pairs share (2 GB/s over
  /// eight L40S).
  static let hostShare = 0.3

  /// Fewer ranks than this are left to rings (NCCL on B200 and H100).
  static let fewestInSwitch = 6.0

  /// - Parameter laws: of the generation of the nearest domain where nothing else is said.
  /// - Returns: nil where `fabric` does not join the ranks.
  public init?(_ group: RankGroup, over fabric: [FabricDomain], laws: LinkLaws? = nil) {
    guard let (near, far) = group.domains(of: fabric) else { return nil }
    let laws = laws ?? LinkLaws(for: near)
    self.group = group
    self.near = laws.near
    nodes = laws.nodes
    link = near.bytesPerSecond * (near.passesHost ? Self.hostShare * 2 / max(2, group.near) : 1)
    network = far?.bytesPerSecond ?? near.bytesPerSecond
    switchAdds = near.reducesInNetwork && group.isNear && group.ranks >= Self.fewestInSwitch
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
      let peers = near.exchangePeerSeconds * (ranks - 2)
      let short = near.exchangeBaseSeconds + part / near.exchangeBytesPerSecond
      let long =
        near.exchangeLongSeconds
        + (part * (ranks - 1) + near.exchangeCopied * part) / (near.exchangeShare * link)
      return peers + min(short, long)
    case .sendReceive: return hypotenuse(near.sendSeconds, bytes / (near.sendShare * link))
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
    let ring = joined(latency, (sent + near.copiedShards * shard) / (near.longShare * link))
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
      return nodes.exchangeSeconds + bytes / ((ranks > 2 ? nodes.sendShare : nodes.pairShare) * network)
    case .allReduce, .allGather, .reduceScatter, .broadcast: break
    }
    let sent = operation.sent(bytes, ranks: ranks)
    var latency = nodes.baseSeconds + nodes.hopSeconds * operation.steps(ranks: ranks)
    if operation == .allReduce { latency = min(latency, nodes.treeSeconds * log2(ranks)) }
    let inside = group.near > 1 ? sent / (nodes.nearShare * link) : 0
    return latency + max(inside, sent / group.near / (nodes.networkShare * network))
  }
}
