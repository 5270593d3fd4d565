import CostModel

/// A call's bytes and element-wise FLOPs, term by term, each with its value: what the terms leave over is a term too.
struct ExplainedWork {
  /// A formula with its values put in, and what it comes to.
  struct Term {
    var text: String
    var value: Double
  }

  private let call: Call
  private let work: Work

  init(_ op: PricedOperator) { (call, work) = (op.call, op.work) }

  private static func n(_ value: Double) -> String { Units.whole(value) }

  private func width(_ format: NumberFormat, of bytes: Double, over elements: Double) -> String {
    elements > 0 ? "\(Units.plain(bytes / elements)) B (\(format.name))" : "0 B"
  }

  /// Each input and output once, for one layer: they add up to `Call.compulsory`.
  var bytesOnce: [Term] {
    let once = call.compulsory
    let (stored, input, output) = (call.formats.stored, call.formats.input, call.formats.output)
    let n = Self.n
    func element(_ format: NumberFormat) -> String { "\(Units.plain(format.bytesPerElement)) B" }
    var terms: [Term]
    switch call.shape {
    case .product(let shape):
      let biases = shape.copies * shape.biases * call.formats.small.bytesPerElement
      let weights = once.stored - biases
      let copies = shape.copies == 1 ? "" : "\(n(shape.copies)) · "
      terms = [
        Term(
          text: "weights: \(copies)outputs \(n(shape.outputs)) · inputs \(n(shape.inputs)) · "
            + width(stored, of: weights, over: shape.copies * shape.outputs * shape.inputs), value: weights),
        Term(
          text: "inputs: \(copies)rows \(n(shape.rows)) · \(n(shape.inputs)) · \(element(input))",
          value: once.read),
        Term(
          text: "results: \(copies)rows \(n(shape.rows)) · \(n(shape.outputs)) · \(element(output))",
          value: once.written), Term(text: "biases: \(n(shape.biases))", value: biases),
      ]
    case .attention(let shape):
      let rows = shape.tokens * shape.heads
      let queries = rows * shape.keyWidth * input.bytesPerElement
      let gate = shape.gated ? once.written : 0
      let key = shape.sequences * shape.storedHeads * shape.storedWidth
      let keys = once.stored + once.read - queries - gate
      terms = [
        Term(
          text:
            "keys and values: \(n(shape.sequences)) sequences · stored heads \(n(shape.storedHeads)) · elements"
            + " \(n(shape.storedWidth)) · \(element(stored)) · keys"
            + " \(n(key > 0 ? keys / key / stored.bytesPerElement : 0))", value: keys),
        Term(
          text:
            "queries: tokens \(n(shape.tokens)) · heads \(n(shape.heads)) · \(n(shape.keyWidth)) · \(element(input))",
          value: queries),
        Term(
          text: "results: tokens \(n(shape.tokens)) · heads \(n(shape.heads)) · \(n(shape.valueWidth)) ·"
            + " \(element(output))", value: once.written), Term(text: "gate: as the results", value: gate),
      ]
    case .experts(let shape):
      let elements = shape.hidden * (shape.expert.projectionWidth + Double(shape.expert.intermediate))
      terms = [
        Term(
          text: "weights: at least \(n(shape.fewest)) experts · hidden \(n(shape.hidden)) ·"
            + " (\(n(shape.expert.projectionWidth)) + \(n(Double(shape.expert.intermediate)))) · "
            + width(stored, of: once.stored, over: shape.fewest * elements), value: once.stored),
        Term(
          text: "inputs: tokens \(n(shape.tokens)) · \(n(shape.hidden)) · \(element(input))", value: once.read
        ),
        Term(
          text: "results: tokens \(n(shape.tokens)) · \(n(shape.hidden)) · \(element(output))",
          value: once.written),
      ]
    case .rows(let shape):
      let weights = shape.weights * call.formats.small.bytesPerElement
      terms = [
        Term(
          text: "in: rows \(n(shape.rows)) · \(n(shape.readWidth)) · \(element(input))",
          value: once.stored + once.read - weights),
        Term(
          text: "out: rows \(n(shape.rows)) · \(n(shape.writeWidth)) · \(element(output))",
          value: once.written),
        Term(text: "weights: \(n(shape.weights))", value: weights),
      ]
      if case .cacheWrite = shape.operation {
        terms[0].value = once.read
        terms[1].value = once.stored - weights
      }
    case .join, .index, .scan, .message:
      terms = [
        Term(text: "weights, cache and states", value: once.stored), Term(text: "inputs", value: once.read),
        Term(text: "results", value: once.written),
      ]
    }
    return terms.filter { $0.value != 0 }
  }

  /// Of one layer: they add up to `Work.vectorFLOPs`.
  var elementWise: [Term] {
    let n = Self.n
    var terms: [Term] = []
    var rest = "the recurrence, or the index's scan"
    switch call.shape {
    case .product(let shape):
      terms = [
        Term(
          text:
            "rows \(n(shape.rows * shape.copies)) · (biases \(n(shape.biases)) + what follows \(n(shape.epilogueFLOPs)))",
          value: shape.copies * shape.rows * (shape.biases + shape.epilogueFLOPs))
      ]
      rest = "expanding stored numbers, once for each tile of rows"
    case .attention(let shape):
      let pairs = shape.sequences * shape.heads * shape.pairs
      terms = [
        Term(
          text: "pairs \(n(pairs)) · \(Units.plain(shape.flopsPerPair)) of softmax",
          value: pairs * shape.flopsPerPair)
      ]
      rest = "rescaling and closing rows, expanding stored numbers"
    case .join: rest = "joining what the parts came to"
    case .experts(let shape):
      let inner = Double(shape.expert.intermediate)
      terms = [
        Term(
          text:
            "rows \(n(shape.rows)) · inner \(n(inner)) · \(Units.plain(shape.expert.flopsPerElement)) of the activation",
          value: shape.rows * inner * shape.expert.flopsPerElement),
        Term(
          text: "rows \(n(shape.rows)) · 2 · hidden \(n(shape.hidden)) of the weighted sum",
          value: shape.rows * 2 * shape.hidden),
      ]
      rest = "biases, quantizing, expanding stored numbers"
    case .rows(let shape):
      terms = [
        Term(
          text:
            "rows \(n(shape.rows)) · \(n(shape.writeWidth)) · \(Units.plain(shape.flopsPerElement)) an element",
          value: shape.flopsPerElement * shape.rows * shape.writeWidth)
      ]
      rest = "rounding to whole FLOPs"
    case .index, .scan, .message: break
    }
    terms.append(Term(text: rest, value: work.vectorFLOPs - terms.reduce(0) { $0 + $1.value }))
    return terms.filter { abs($0.value) >= 1 }
  }

  /// Which fields of the spec make the dimensions; nil where none of the simple formulas is what was run, as on a rank of
  /// several.
  func fields(of model: ModelSpec) -> String? {
    guard case .product(let shape) = call.shape else { return nil }
    var layer: LayerSpec?
    if case .kind(let index) = call.place { layer = model.kinds[index].layer }
    let dense: DenseSpec? = if case .dense(let spec)? = layer?.feedForward { spec } else { nil }
    let hidden = ("hidden_size \(model.hidden)", Double(model.hidden))
    var outputs = hidden
    var inputs = hidden
    switch (call.kind, layer?.mixer) {
    case (.qkvProjection, .attention(let spec)?):
      outputs = (
        "num_attention_heads \(spec.heads) · head_dim \(spec.headDim) + num_key_value_heads \(spec.keyValueHeads) ·"
          + " (head_dim \(spec.headDim) + v_head_dim \(spec.valueHeadDim))",
        Double(spec.heads * spec.headDim + spec.keyValueHeads * (spec.headDim + spec.valueHeadDim))
      )
    case (.outputProjection, .attention(let spec)?):
      inputs = (
        "num_attention_heads \(spec.heads) · v_head_dim \(spec.valueHeadDim)",
        Double(spec.heads * spec.valueHeadDim)
      )
    case (.outputProjection, .latent(let spec)?):
      inputs = (
        "num_attention_heads \(spec.heads) · v_head_dim \(spec.valueDim)", Double(spec.heads * spec.valueDim)
      )
    case (.latentDownProjection, .latent(let spec)?):
      outputs = (
        "kv_lora_rank \(spec.cacheRank) + qk_rope_head_dim \(spec.rotaryDim) + q_lora_rank \(spec.queryRank ?? 0)",
        Double(spec.cacheRank + spec.rotaryDim + (spec.queryRank ?? 0))
      )
    case (.queryUpProjection, .latent(let spec)?):
      outputs = (
        "num_attention_heads \(spec.heads) · (qk_nope_head_dim \(spec.nopeDim) + qk_rope_head_dim \(spec.rotaryDim))",
        Double(spec.heads * spec.headDim)
      )
      if let rank = spec.queryRank { inputs = ("q_lora_rank \(rank)", Double(rank)) }
    case (.gateUpProjection, _):
      guard let dense else { return nil }
      outputs = ("\(dense.gated ? "2 · " : "")intermediate_size \(dense.intermediate)", dense.projectionWidth)
    case (.downProjection, _):
      guard let dense else { return nil }
      inputs = ("intermediate_size \(dense.intermediate)", Double(dense.intermediate))
    case (.router, _):
      guard case .mixture(let spec)? = layer?.feedForward else { return nil }
      outputs = ("num_local_experts \(spec.experts)", Double(spec.experts))
    case (.lmHead, _): outputs = ("vocab_size \(model.vocabulary)", Double(model.vocabulary))
    default: return nil
    }
    guard outputs.1 == shape.outputs, inputs.1 == shape.inputs else { return nil }
    return "outputs = \(outputs.0) = \(Self.n(shape.outputs)); inputs = \(inputs.0) = \(Self.n(shape.inputs))"
  }
}
