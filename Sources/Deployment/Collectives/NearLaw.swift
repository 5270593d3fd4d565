/// How long collectives take within one domain of NVLink or the like: two protocols, chosen by a rule and not by the
/// minimum, since that is what libraries do.
///
/// A short message costs a launch and a latency for each step of its ring; a long one a higher latency for each step,
/// beside bytes over a share of the link, the rank's own shard copied with them. Shares are of a device's rate in one
/// direction.
public struct NearLaw: LinkLaw {
  var baseSeconds = 6e-6
  var hopSeconds = 1e-6
  var wake = 0.2
  var wakeBytes = 3e3
  var shortShare = 0.35
  var shortBytes = 1_048_576.0
  var longBaseSeconds = 1.4e-5
  var longHopSeconds = 4e-6
  var longShare = 0.82
  var copied = 0.65
  var overlap = 1.2
  var treeShare = 0.65
  var switchShare = 0.62
  var switchBytes = 67_108_864.0
  var exchangeSeconds = 8e-6
  var peerSeconds = 4e-7
  var exchangeRate = 7e9
  var longExchangeSeconds = 1.5e-5
  var exchangeShare = 0.68
  var exchangeCopied = 0.5
  var sendSeconds = 1.5e-5
  var sendShare = 0.8
  var sendShortShare = 0.6
  var sendShortBytes = 1.0

  public init() {}

  public static var numbers: [LawNumber<Self>] {
    [
      .init(\.baseSeconds, "base_seconds", "the smallest message"),
      .init(\.hopSeconds, "hop_seconds", "each step of a ring"),
      .init(\.wake, "wake", "what both grow by once a step carries more than wake_bytes"),
      .init(\.wakeBytes, "wake_bytes", "see wake"),
      .init(\.shortShare, "short_share", "of the link, while messages are short"),
      .init(
        \.shortBytes, "short_bytes", "a rank's shard up to which a message is short",
        choices: [524_288, 786_432, 1_048_576]),
      .init(\.longBaseSeconds, "long_base_seconds", "launch of a long message"),
      .init(\.longHopSeconds, "long_hop_seconds", "each step of a long message's ring"),
      .init(\.longShare, "long_share", "of the link, on long messages"),
      .init(\.copied, "copied", "shards copied within the device, in shards sent"),
      .init(\.overlap, "overlap", "how far a long message's latency hides behind its bytes: 1 not at all"),
      .init(\.treeShare, "tree_share", "of the link, with a tree's 2 × buffer"),
      .init(\.switchShare, "switch_share", "of the link, where the switch adds"),
      .init(
        \.switchBytes, "switch_bytes", "buffer from which the switch adds where it can",
        choices: [67_108_864, 1_073_741_824, 8_589_934_592]),
      .init(\.exchangeSeconds, "exchange_seconds", "everybody to everybody: the smallest between two"),
      .init(\.peerSeconds, "peer_seconds", "each further peer of an exchange"),
      .init(\.exchangeRate, "exchange_rate", "bytes per second of one peer's part while it is short"),
      .init(\.longExchangeSeconds, "long_exchange_seconds", "launch of a long exchange"),
      .init(\.exchangeShare, "exchange_share", "of the link, on long exchanges"),
      .init(\.exchangeCopied, "exchange_copied", "parts that stay and are copied, in parts sent"),
      .init(\.sendSeconds, "send_seconds", "one to the next: the smallest message"),
      .init(\.sendShare, "send_share", "of the link, one to the next"),
      .init(\.sendShortShare, "send_short_share", "of the link, while that message is short"),
      .init(
        \.sendShortBytes, "send_short_bytes", "message up to which it is short", choices: [1, 201_326_592]),
    ]
  }
}

/// How long collectives take over several near domains: a ring over all ranks leaves each domain through all of its
/// network ports, or a tree of domains, whichever is shorter.
public struct NodeLaw: LinkLaw {
  var baseSeconds = 2.5e-5
  var hopSeconds = 6e-6
  var treeSeconds = 1e-4
  var networkShare = 0.97
  var nearShare = 0.7
  var treeNetworkShare = 0.85
  var treeNearShare = 0.75
  var exchangeSeconds = 1.6e-4
  var exchangeShare = 0.9
  var pairShare = 0.76
  var sendShare = 0.5
  var fullSendShare = 0.3

  public init() {}

  public static var numbers: [LawNumber<Self>] {
    [
      .init(\.baseSeconds, "base_seconds", "the smallest message"),
      .init(\.hopSeconds, "hop_seconds", "each step of a ring over all ranks"),
      .init(\.treeSeconds, "tree_seconds", "of an all-reduce by trees, each doubling of the domains"),
      .init(\.networkShare, "network_share", "of the network's rate, by a ring"),
      .init(\.nearShare, "near_share", "of the near link's rate, by a ring over all ranks"),
      .init(\.treeNetworkShare, "tree_network_share", "of the network's rate, by a tree"),
      .init(\.treeNearShare, "tree_near_share", "of the near link's rate, by a tree"),
      .init(\.exchangeSeconds, "exchange_seconds", "everybody to everybody: the smallest message"),
      .init(\.exchangeShare, "exchange_share", "of the network's rate, everybody to everybody"),
      .init(\.pairShare, "pair_share", "of the network's rate, between two ranks alone"),
      .init(\.sendShare, "send_share", "of the network's rate, each to the next"),
      .init(\.fullSendShare, "full_send_share", "the same where eight ranks or more share a node"),
    ]
  }
}
