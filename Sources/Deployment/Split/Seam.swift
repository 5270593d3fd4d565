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
    case collective(Collective, Law<CollectiveTimes>)
    case experts(ExpertTimes.Way, Law<ExpertRoute>)
  }

  /// A reference, since a law is large and a case is copied to be looked at.
  final class Law<Times: Hashable & Sendable>: Hashable, Sendable {
    let times: Times

    init(_ times: Times) { self.times = times }

    static func == (one: Law, other: Law) -> Bool { one.times == other.times }
    func hash(into hasher: inout Hasher) { hasher.combine(times) }
  }

  var kind: OperatorKind
  var place: Place
  /// Layers that have it.
  var layers: Double
  var route: Route
  /// Bytes of the whole buffer for each of `count`.
  var bytes: Double
  var count: Count
  /// Such messages one after the other.
  var rounds = 1.0

  /// What a pass has of `count`.
  @inline(__always)
  func amount(_ work: Workload) -> Double {
    switch count {
    case .tokens: work.tokens
    case .logitRows: work.logitRows
    }
  }

  /// - Parameters:
  ///   - single: few tokens, whose copies to experts are messages of their own.
  ///   - expected: by the law of the links, not by their rate alone.
  func message(_ amount: Double, single: Bool, expected: Bool) -> MessageCall {
    switch route {
    case .collective(let operation, let law):
      let bytes = bytes * amount
      let ranks = law.times.group.ranks
      let floor = law.times.floor(operation, bytes: bytes)
      return MessageCall(
        bytes: rounds * operation.sent(bytes, ranks: ranks), buffer: bytes, rounds: rounds, ranks: ranks,
        floorSeconds: rounds * floor,
        seconds: rounds * (expected ? law.times.seconds(operation, bytes: bytes) : floor),
        trust: law.times.trust)
    case .experts(let way, let law):
      return law.times.message(way, tokens: amount, rowBytes: bytes, single: single, expected: expected)
    }
  }
}

extension Workload {
  /// Few tokens, each copy of which travels to its expert by itself.
  var sendsSingly: Bool { queries <= 1 && prompts == nil }
}

/// Messages of a stage at the links' full rates: they go by a pass's tokens and rows alone, and are summed when a split is
/// made.
struct MessageFloors: Hashable, Sendable {
  private struct Sum: Hashable, Sendable {
    var seconds = 0.0
    var bytes = 0.0
  }

  private var single = Sum()
  private var joined = Sum()
  private var rows = Sum()

  init(_ seams: [Seam]) {
    func add(_ seam: Seam, single: Bool, to sum: inout Sum) {
      let message = seam.message(1, single: single, expected: false)
      sum.seconds += message.seconds * seam.layers
      sum.bytes += message.bytes * seam.layers
    }
    for seam in seams {
      switch seam.count {
      case .tokens:
        add(seam, single: true, to: &single)
        add(seam, single: false, to: &joined)
      case .logitRows: add(seam, single: true, to: &rows)
      }
    }
  }

  @inline(__always)
  func add(_ work: Workload, to totals: inout Totals) {
    let tokens = work.sendsSingly ? single : joined
    let seconds = tokens.seconds * work.tokens + rows.seconds * work.logitRows
    totals.seconds += seconds
    (totals.low, totals.high) = (totals.seconds, totals.seconds)
    totals.kernelFloor += seconds
    totals.floor.roofs[Bound.link.index] += seconds
    totals.secondsByBound[Bound.link.index] += seconds
    totals.sentBytes += tokens.bytes * work.tokens + rows.bytes * work.logitRows
  }
}

/// Tokens' way to a layer's experts.
struct ExpertRoute: Hashable, Sendable {
  let times: ExpertTimes
  let experts, chosen: Double
  private let limit: GroupLimit
  /// Of a rank's tokens, those that it sends itself where several ranks hold the same.
  let share: Double
  /// Copies of a token that leave its rank, or its node: one by one, and with one for each rank or node reached.
  private let single, joined: Double

  init(_ times: ExpertTimes, experts: Double, chosen: Double, limit: GroupLimit, share: Double) {
    self.times = times
    self.experts = experts
    self.chosen = chosen
    self.limit = limit
    self.share = share
    single = times.sent(.lowLatency, tokens: 1, rowBytes: 1, experts: experts, chosen: chosen, limit: limit)
    joined = times.sent(
      .normal(cores: ExpertTimes.usualCores), tokens: 1, rowBytes: 1, experts: experts, chosen: chosen,
      limit: limit)
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
      bytes: bytes, buffer: tokens * rowBytes, ranks: times.group.ranks, floorSeconds: floor,
      seconds: expected
        ? times.seconds(
          way, kernel, tokens: tokens, rowBytes: rowBytes, experts: experts, chosen: chosen, limit: limit)
        : floor,
      trust: times.trust)
  }
}
