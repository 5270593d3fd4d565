/// How long tokens take to their experts and back: kernels that everybody calls at once, of low latency for few tokens,
/// or of high throughput (DeepEP).
public struct ExpertLaw: Hashable, Sendable {
  /// Launch and handshake of the low-latency kernels.
  public var quickSeconds = 1.2e-5
  /// For each expert of all ranks.
  public var quickExpertSeconds = 2e-8
  /// For each doubling of the nodes.
  public var quickNodeSeconds = 5e-6
  /// Of the near link: to the experts, and back.
  public var quickDispatchShare = 0.62
  /// See `quickDispatchShare`.
  public var quickCombineShare = 0.68
  /// Of the network: to the experts, and back.
  public var quickDispatchNetworkShare = 0.94
  /// See `quickDispatchNetworkShare`.
  public var quickCombineNetworkShare = 0.9
  /// Launch and handshake of the others: to the experts, and back.
  public var dispatchSeconds = 3.2e-5
  /// See `dispatchSeconds`.
  public var combineSeconds = 4.9e-5
  /// For each doubling of the nodes.
  public var nodeSeconds = 2.85e-5
  /// Bytes per second that one multiprocessor moves: to the experts, and back.
  public var dispatchCoreRate = 2.2e10
  /// See `dispatchCoreRate`.
  public var combineCoreRate = 2e10
  /// Multiprocessor-seconds for each token within a node: to the experts, and back.
  public var dispatchTokenSeconds = 4.5e-7
  /// See `dispatchTokenSeconds`.
  public var combineTokenSeconds = 3.5e-7
  /// The first such seconds of the transfer count twice.
  public var slowSeconds = 8e-6
  /// Of the network.
  public var networkShare = 0.9
  /// Multiprocessor-seconds for each token between nodes: to the experts, and back.
  public var dispatchForwardSeconds = 4.1e-6
  /// See `dispatchForwardSeconds`.
  public var combineForwardSeconds = 1e-5
  /// Of the network's share, from eight nodes on (one cluster; no mechanism known).
  public var manyNodesShare = 0.49
  /// What one-sided kernels over a near domain take to exchange counts before tokens travel.
  public var prepareSeconds = 1.8e-5

  /// What fits of two generations came to.
  public init() {}
}
