import Calibration
import CostModel

/// `--explain`: each figure's formula with its values put in.
enum Explanation {
  static func lines(_ prediction: Prediction) -> [String] {
    let (analysis, evaluator) = (prediction.analysis, prediction.scenario.evaluator)
    var lines: [String] = []
    for op in analysis.operators {
      lines.append("\(Describe.name(op, in: evaluator.model))")
      lines += work(op, analysis.workload, evaluator).map { "  " + $0 }
      lines.append("  " + time(op, evaluator))
    }
    lines += parameters(evaluator.model)
    lines += cache(evaluator, analysis.workload, prediction.memory)
    return lines
  }

  private static func n(_ value: Double) -> String { Units.whole(value) }

  private static func work(_ op: PricedOperator, _ work: Workload, _ evaluator: Evaluator) -> [String] {
    let layers = "\(n(op.call.layers)) layers"
    var lines: [String] = []
    switch op.call.shape {
    case .product(let shape):
      let (rows, outputs, inputs) = (shape.rows * shape.copies, shape.outputs, shape.inputs)
      lines.append(
        "matmul FLOPs = 2 · rows · outputs · inputs · layers = 2 · \(n(rows)) · \(n(outputs)) · \(n(inputs)) ·"
          + " \(n(op.call.layers)) = \(n(op.matmulFLOPs))")
    case .attention(let shape): lines += attention(op, shape)
    case .experts(let shape):
      let (tokens, distinct) = (shape.tokens, shape.distinct)
      lines.append(
        "experts touched = E(1 − (1 − k/E)^tokens) = \(Units.plain(distinct)) of each layer's for"
          + " \(n(tokens)) tokens; matmul FLOPs = \(n(op.matmulFLOPs)) over \(layers)")
    case .rows(let shape): lines.append("\(n(shape.rows)) rows × \(n(shape.readWidth)) elements × \(layers)")
    case .message(let message): return [self.message(op, message)]
    case .join, .index, .scan: break
    }
    if op.work.vectorFLOPs > 0 {
      lines.append("element-wise FLOPs = \(n(op.work.vectorFLOPs * op.call.layers))")
    }
    let bytes = evaluator.profile.levels.enumerated().map {
      "\($0.element.name) \(n(op.traffic.reads[$0.offset])) read + \(n(op.traffic.writes[$0.offset])) written"
    }
    lines.append("bytes: " + bytes.joined(separator: "; "))
    return lines
  }

  /// What a rank sends, by the operation's own formula.
  private static func message(_ op: PricedOperator, _ message: MessageCall) -> String {
    let rounds = message.rounds > 1 ? "\(n(message.rounds)) · " : ""
    let formula =
      switch op.call.kind {
      case .expertDispatch,
        .expertCombine where message.rounds == 1:
        "tokens · row · copies that leave the rank"
      default: "\(rounds)what \(n(message.ranks)) ranks send of a buffer"
      }
    let buffer = "S = \(n(message.buffer)) B over n = \(n(message.ranks)) ranks"
    return
      "sent = \(formula) = \(n(message.bytes)) B × \(n(op.call.layers)) layers = \(n(op.sentBytes)) B (\(buffer))"
  }

  private static func attention(
    _ op: PricedOperator, _ shape: AttentionCall
  ) -> [String] {
    let formula =
      switch shape.span {
      case _ where shape.visible != nil: "Σ keys that each query sees"
      case .bidirectional, .around, .windows: "Σ keys that each query sees"
      case .full: "S·C + S(S+1)/2"
      case .sliding: "Σ min(C + i, W)"
      case .chunked: "Σ keys since the chunk began"
      }
    return [
      "pairs = \(formula) = \(n(shape.pairs)) a head and sequence (S \(n(shape.queries)) queries, C \(n(shape.prefix)) cached)",
      "matmul FLOPs = 2 · (d_qk + d_v) · heads · pairs · sequences · layers = 2 ·"
        + " \(n(shape.keyWidth + shape.valueWidth)) · \(n(shape.heads)) · \(n(shape.pairs)) · \(n(shape.sequences)) ·"
        + " \(n(op.call.layers)) = \(n(op.matmulFLOPs))",
    ]
  }

  private static func time(_ op: PricedOperator, _ evaluator: Evaluator) -> String {
    let times = evaluator.roofline.times(op.work, op.call.formats.unit)
    var parts = [
      "compute \(Units.seconds(times.compute * op.call.layers))",
      "vector \(Units.seconds(times.vector * op.call.layers))",
    ]
    for (lane, level) in evaluator.profile.levels.enumerated() {
      parts.append("\(level.name) \(Units.seconds(times.levels[lane] * op.call.layers))")
    }
    if case .message(let message) = op.call.shape { return time(op, message) }
    let floor = op.floor
    parts.append("at best \(Units.seconds(floor.seconds)) by \(floor.by.name(evaluator.profile))")
    let roofline = "max(\(parts.joined(separator: ", ")))"
    switch (op.time.basis, op.call.kind) {
    case (.upperBound, _): return "seconds = \(roofline) = \(Units.seconds(op.seconds))"
    case (_, .overhead):
      return
        "seconds = the host's, and what lies between launches (\(op.time.basis.rawValue)) = \(Standing.time(op))"
    default:
      return op.seconds > 0
        ? "seconds = kernel's model (\(op.time.basis.rawValue)) = \(Standing.time(op)); roofs \(roofline)"
        : "seconds = 0, within another kernel's; roofs \(roofline)"
    }
  }

  /// Of a message: what its links' law says, beside their full rate, and what computing hides of it.
  private static func time(_ op: PricedOperator, _ message: MessageCall) -> String {
    let all = message.seconds * op.call.layers
    let hidden = all * (1 - message.exposed)
    return
      "seconds = the links' law (\(op.time.basis.rawValue)) = \(Standing.time(op)); at the links' full rate"
      + " \(Units.seconds(message.floorSeconds * op.call.layers))"
      + (hidden > 0 ? "; \(Units.seconds(hidden)) of \(Units.seconds(all)) pass behind computing" : "")
  }

  private static func parameters(_ model: ModelSpec) -> [String] {
    let count = model.parameters
    var lines = [
      "parameters = embedding + attention + feed-forward + router + norm + lm_head",
      "  = \(n(count.embedding)) + \(n(count.attention)) + \(n(count.feedForward)) + \(n(count.router)) +"
        + " \(n(count.norm)) + \(n(count.lmHead)) = \(n(count.total))",
    ]
    if count.vision + count.audio > 0 {
      lines.append("  of these \(n(count.vision + count.audio)) in towers that read images and sound")
    }
    if count.routedExperts > 0 {
      lines.append(
        "active = total − routed experts + the k that a token uses = \(n(count.total)) −"
          + " \(n(count.routedExperts)) + \(n(count.activeExperts)) = \(n(count.active))")
    }
    return lines
  }

  private static func cache(
    _ evaluator: Evaluator, _ work: Workload, _ memory: MemoryFootprint
  ) -> [String] {
    var lines = ["KV cache = Σ layers · min(W, tokens) · KV heads · (d_k + d_v) · bytes · sequences"]
    for (kind, count) in zip(evaluator.model.kinds, evaluator.model.kindCounts) {
      guard case .attention(let spec) = kind.layer.mixer, count > 0 else { continue }
      lines.append(
        "  \(kind.name): \(count) · \(n(spec.span.cachedTokens(length: work.length))) · \(spec.keyValueHeads) ·"
          + " \(spec.headDim + spec.valueHeadDim) · \(evaluator.precision.kvCache.bytesPerElement) ·"
          + " \(n(work.batch))")
    }
    lines.append("  = \(n(memory.cacheBytes)) B")
    return lines
  }
}
