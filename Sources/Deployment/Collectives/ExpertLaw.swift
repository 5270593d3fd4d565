/// How long tokens take to their experts and back: kernels that everybody calls at once, of low latency for few tokens,
/// or of high throughput (DeepEP).
public struct ExpertLaw: LinkLaw {
  var quickSeconds = 1.2e-5
  var quickExpertSeconds = 2e-8
  var quickNodeSeconds = 5e-6
  var quickDispatchShare = 0.62
  var quickCombineShare = 0.68
  var quickDispatchNetworkShare = 0.94
  var quickCombineNetworkShare = 0.9
  var dispatchSeconds = 3.2e-5
  var combineSeconds = 4.9e-5
  var nodeSeconds = 2.85e-5
  var dispatchCoreRate = 2.2e10
  var combineCoreRate = 2e10
  var dispatchTokenSeconds = 4.5e-7
  var combineTokenSeconds = 3.5e-7
  var slowSeconds = 8e-6
  var networkShare = 0.9
  var dispatchForwardSeconds = 4.1e-6
  var combineForwardSeconds = 1e-5
  var manyNodesShare = 0.49
  var prepareSeconds = 1.8e-5

  public init() {}

  public static var numbers: [LawNumber<Self>] {
    [
      .init(\.quickSeconds, "quick_seconds", "launch and handshake of low-latency kernels"),
      .init(\.quickExpertSeconds, "quick_expert_seconds", "for each expert of all ranks"),
      .init(\.quickNodeSeconds, "quick_node_seconds", "for each doubling of the nodes"),
      .init(\.quickDispatchShare, "quick_dispatch_share", "of the near link, to the experts"),
      .init(\.quickCombineShare, "quick_combine_share", "of the near link, back"),
      .init(\.quickDispatchNetworkShare, "quick_dispatch_network_share", "of the network, to the experts"),
      .init(\.quickCombineNetworkShare, "quick_combine_network_share", "of the network, back"),
      .init(\.dispatchSeconds, "dispatch_seconds", "launch and handshake of the others, to the experts"),
      .init(\.combineSeconds, "combine_seconds", "launch and handshake of the others, back"),
      .init(\.nodeSeconds, "node_seconds", "for each doubling of the nodes"),
      .init(\.dispatchCoreRate, "dispatch_core_rate", "bytes per second of a multiprocessor, to the experts"),
      .init(\.combineCoreRate, "combine_core_rate", "bytes per second of a multiprocessor, back"),
      .init(
        \.dispatchTokenSeconds, "dispatch_token_seconds", "multiprocessor-seconds a token, to the experts"),
      .init(\.combineTokenSeconds, "combine_token_seconds", "multiprocessor-seconds a token, back"),
      .init(\.slowSeconds, "slow_seconds", "the first such seconds of the transfer count twice"),
      .init(\.networkShare, "network_share", "of the network, by the others"),
      .init(
        \.dispatchForwardSeconds, "dispatch_forward_seconds",
        "multiprocessor-seconds a token between nodes, to the experts"),
      .init(
        \.combineForwardSeconds, "combine_forward_seconds",
        "multiprocessor-seconds a token between nodes, back"),
      .init(\.manyNodesShare, "many_nodes_share", "of that share, from eight nodes on"),
      .init(\.prepareSeconds, "prepare_seconds", "exchange of counts before tokens travel"),
    ]
  }
}
