import CostModel

/// What ranks tell each other. Raw values as measured runs have them.
public enum Collective: String, CaseIterable, Hashable, Sendable {
  /// Everybody ends with the sum of all buffers.
  case allReduce = "allreduce"
  /// Everybody ends with all shards.
  case allGather = "all_gather"
  /// Everybody ends with its shard of the sum.
  case reduceScatter = "reduce_scatter"
  /// Everybody sends every other a part of its own.
  case allToAll = "alltoall"
  /// One to the next.
  case sendReceive = "sendrecv"
  /// One to all, pipelined along a ring.
  case broadcast
}

extension Collective {
  /// Bytes that one rank sends for a whole buffer (before a reduce-scatter, after a gather) of `bytes`: of a ring, or direct
  /// on a switch (nccl-tests, PERFORMANCE.md).
  @inline(__always)
  public func sent(_ bytes: Double, ranks: Double) -> Double {
    guard ranks > 1 else { return 0 }
    return switch self {
    case .allReduce: 2 * bytes * (ranks - 1) / ranks
    case .allGather, .reduceScatter, .allToAll: bytes * (ranks - 1) / ranks
    case .sendReceive, .broadcast: bytes
    }
  }

  /// Steps of a ring.
  @inline(__always)
  func steps(ranks: Double) -> Double {
    switch self {
    case .allReduce: 2 * (ranks - 1)
    case .allGather, .reduceScatter, .broadcast: ranks - 1
    case .allToAll, .sendReceive: 1
    }
  }
}

/// Who talks: ranks, as many of them side by side in one near domain as stated.
public struct RankGroup: Hashable, Sendable {
  /// All of them.
  public var ranks: Double
  /// Of those, in one near domain.
  public var near: Double

  /// - Parameter near: `ranks` where all of them stand in one domain.
  public init(ranks: Double, near: Double) {
    self.ranks = ranks
    self.near = max(1, min(near, ranks))
  }

  /// Near domains that the ranks stand in.
  public var domains: Double { ranks / near }
  /// All in one near domain.
  public var isNear: Bool { ranks <= near }

  /// The nearest domain that joins the ranks of a node, and the one that joins all where those are more.
  ///
  /// - Returns: nil where nothing does.
  public func domains(of fabric: [FabricDomain]) -> (near: FabricDomain, far: FabricDomain?)? {
    guard let index = fabric.firstIndex(where: { $0.joins(near) }) else { return nil }
    if isNear { return (fabric[index], nil) }
    let farther = fabric[index...].dropFirst().last { $0.joins(ranks) }
    // Ranks one by one in their nodes meet in the farther domain alone.
    return farther.map { (near > 1 ? fabric[index] : $0, $0) }
  }
}

extension FabricDomain {
  /// Devices do not reach each other's memory.
  public var passesHost: Bool { topology == .host && peerAccess == false }

  /// So many devices have a place in it.
  func joins(_ ranks: Double) -> Bool { devices.map { Double($0) >= ranks } ?? true }
}
