/// How long collectives take within one domain of NVLink or the like: two protocols, chosen by a rule and not by the
/// minimum, since that is what libraries do.
///
/// A short message costs a launch and a latency for each step of its ring; a long one a higher latency for each step,
/// beside bytes over a share of the link, the rank's own shard copied with them. Shares are of a device's rate in one
/// direction.
public struct NearLaw: Hashable, Sendable {
  /// Between two ranks, the smallest message.
  public var baseSeconds = 6e-6
  /// Of each step of a ring.
  public var hopSeconds = 1e-6
  /// What both grow by once a step carries more than `wakeBytes`.
  public var wake = 0.2
  /// See `wake`.
  public var wakeBytes = 3e3
  /// Of the link, while messages are short.
  public var shortShare = 0.35
  /// Bytes of a rank's shard up to which a message is short.
  public var shortBytes = 1_048_576.0
  /// Of long messages: their launch, and each step of their ring.
  public var longBaseSeconds = 1.4e-5
  /// See `longBaseSeconds`.
  public var longHopSeconds = 5e-6
  /// Of the link, on long messages.
  public var longShare = 0.82
  /// Shards copied within the device, in shards sent.
  public var copiedShards = 0.65
  /// How far a long message's latency hides behind its bytes: 1 not at all, more the better.
  public var overlap = 1.2
  /// Of the link, with a tree's 2 × buffer.
  public var treeShare = 0.6
  /// Of the link, where the switch adds: each sends its buffer once, and its shard.
  public var switchShare = 0.62
  /// Bytes from which the switch adds.
  public var switchBytes = 6.7e7
  /// Everybody to everybody: the smallest message between two, and each further peer.
  public var exchangeBaseSeconds = 8e-6
  /// See `exchangeBaseSeconds`.
  public var exchangePeerSeconds = 4e-7
  /// Bytes per second of one peer's part while it is short.
  public var exchangeBytesPerSecond = 7e9
  /// Of long exchanges: their launch.
  public var exchangeLongSeconds = 1.5e-5
  /// Of the link, on long exchanges.
  public var exchangeShare = 0.68
  /// Parts that stay with their rank and are copied, in parts sent.
  public var exchangeCopied = 0.7
  /// One to the next: the smallest message, while whose latency bytes already flow.
  public var sendSeconds = 1.5e-5
  /// Of the link, from one to the next.
  public var sendShare = 0.8

  /// What fits of several generations came to.
  public init() {}
}

/// How long collectives take over several near domains: a ring over all ranks leaves each domain through all of its
/// network ports.
public struct NodeLaw: Hashable, Sendable {
  /// Between two ranks, the smallest message.
  public var baseSeconds = 4e-5
  /// Of each step of the ring.
  public var hopSeconds = 6e-6
  /// Of an all-reduce by trees, for each doubling of the ranks.
  public var treeSeconds = 8.2e-5
  /// Of the network's rate.
  public var networkShare = 0.97
  /// Of the near link's rate, while the network takes its part.
  public var nearShare = 0.715
  /// Everybody to everybody: the smallest message.
  public var exchangeSeconds = 1.6e-4
  /// Of the network's rate, everybody to everybody.
  public var exchangeShare = 0.9
  /// Of the network's rate, between two ranks alone.
  public var pairShare = 0.76
  /// Of the network's rate, each to the next.
  public var sendShare = 0.5

  /// As fitted to clusters of H100 and B200.
  public init() {}
}
