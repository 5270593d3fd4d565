import CostModel

/// Where ranks of one stage wait for each other: a message, and what its size goes by.
struct Seam: Hashable, Sendable {
  /// What the bytes are counted by.
  enum Count: Hashable, Sendable {
    /// New tokens of the rank's batch.
    case tokens
    /// Rows of logits.
    case logitRows
  }

  /// How it travels.
  enum Route: Hashable, Sendable {
    case collective(Collective, CollectiveTimes)
    case experts(ExpertTimes.Way, ExpertRoute)
  }

  var kind: OperatorKind
  var place: Place
  /// Layers that have it.
  var layers: Double
  var route: Route
  /// Bytes of the whole buffer for each of `count`.
  var bytes: Double
  var count: Count

  func call(_ work: Workload, expected: Bool) -> Call {
    Call(
      kind, at: place, layers: layers, formats: CallFormats(uniform: .bf16),
      shape: .message(message(work, expected: expected)))
  }

  /// - Parameter expected: by the law of the links, not by their rate alone.
  func message(_ work: Workload, expected: Bool) -> MessageCall {
    let amount =
      switch count {
      case .tokens: work.tokens
      case .logitRows: work.logitRows
      }
    switch route {
    case .collective(let operation, let times):
      let bytes = bytes * amount
      let floor = times.floor(operation, bytes: bytes)
      return MessageCall(
        bytes: operation.sent(bytes, ranks: times.group.ranks), ranks: times.group.ranks, floorSeconds: floor,
        seconds: expected ? times.seconds(operation, bytes: bytes) : floor)
    case .experts(let way, let route):
      return route.message(
        way, tokens: amount, rowBytes: bytes, single: work.queries <= 1 && work.prompts == nil,
        expected: expected)
    }
  }
}

/// Tokens' way to a layer's experts.
struct ExpertRoute: Hashable, Sendable {
  let times: ExpertTimes
  let experts, chosen: Double
  /// Of a rank's tokens, those that it sends itself where several ranks hold the same.
  let share: Double
  /// Copies of a token that leave its rank, or its node: one by one, and with one for each rank or node reached.
  private let single, joined: Double

  init(_ times: ExpertTimes, experts: Double, chosen: Double, share: Double) {
    self.times = times
    self.experts = experts
    self.chosen = chosen
    self.share = share
    single = times.sent(.lowLatency, tokens: 1, rowBytes: 1, experts: experts, chosen: chosen)
    joined = times.sent(
      .normal(cores: ExpertTimes.usualCores), tokens: 1, rowBytes: 1, experts: experts, chosen: chosen)
  }

  /// - Parameter single: few tokens, each copy a message of its own.
  func message(
    _ way: ExpertTimes.Way, tokens: Double, rowBytes: Double, single isSingle: Bool, expected: Bool
  ) -> MessageCall {
    let tokens = tokens * share
    let bytes = tokens * rowBytes * (isSingle ? single : joined)
    let floor = times.floor(bytes)
    let kernel: ExpertTimes.Kernel = isSingle ? .lowLatency : .normal(cores: ExpertTimes.usualCores)
    return MessageCall(
      bytes: bytes, ranks: times.group.ranks, floorSeconds: floor,
      seconds: expected
        ? times.seconds(way, kernel, tokens: tokens, rowBytes: rowBytes, experts: experts, chosen: chosen)
        : floor)
  }
}
