/// Linear attention with a fixed decay a head (Lightning Attention-2, arXiv:2401.04658), as in MiniMax-01: each head keeps
/// a matrix of keys times values that fades and is added to, and nothing decides how fast.
public struct LightningSpec: Hashable, Sendable {
  /// Heads, each with keys, values and a state of its own.
  public var heads: Int
  /// Width of a query, a key and a value.
  public var headDim: Int
  /// RMS norms on each head's query and key (Ring-linear).
  public var queryKeyNorm: Bool
  /// Rotation of queries and keys (Ring-linear); nil: none.
  public var rotary: RotarySpec?
  /// An activation behind the projection of queries, keys and values (MiniMax-01).
  public var activation: Bool
  /// Biases on the projection of queries, keys and values.
  public var bias: Bool

  /// As MiniMax-01 unless told otherwise.
  public init(
    heads: Int, headDim: Int, queryKeyNorm: Bool = false, rotary: RotarySpec? = nil, activation: Bool = true,
    bias: Bool = false
  ) {
    self.heads = heads
    self.headDim = headDim
    self.queryKeyNorm = queryKeyNorm
    self.rotary = rotary
    self.activation = activation
    self.bias = bias
  }

  /// Tokens that one block of the chunked form takes together.
  public static let block = 256.0

  var width: Double { Double(heads) * Double(headDim) }
  /// Columns of the input projection: q, k, v and the output gate.
  var projectionWidth: Double { 4 * width }
  /// Numbers of recurrent state that one sequence keeps.
  public var stateElements: Double { width * Double(headDim) }
}

extension LightningSpec: Mixer {
  var traits: MixerTraits { MixerTraits(stateElements: stateElements) }

  func widestActivation(_ work: Workload) -> Double { projectionWidth + width }

  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    out.enter("self_attn", .recurrent)
    out.matrix(
      "qkv_proj", rows: 3 * width, columns: out.hidden, bias: bias, reader: .stateInProjection,
      split: .outputs)
    out.matrix("output_gate", rows: width, columns: out.hidden, reader: .stateInProjection, split: .outputs)
    if queryKeyNorm {
      out.norm("q_norm", width: Double(headDim))
      out.norm("k_norm", width: Double(headDim))
    }
    out.norm("norm", width: width, split: .outputs)
    out.matrix("out_proj", rows: out.hidden, columns: width, reader: .outputProjection, split: .inputs)
  }

  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan { .lightning(self) }
}

extension Lowering {
  /// Projection with its activation, (q/k norm, rotation,) scan, norm and gate, output projection.
  @inline(never)
  func lightning<Sink: CallSink>(_ spec: LightningSpec, in step: Step, into sink: inout Sink) {
    let width = spec.width
    quantize(.quantizeMixerInput, width: hidden, in: step, into: &sink)
    product(
      .stateInProjection,
      ProductCall(
        rows: step.tokens, outputs: spec.projectionWidth, inputs: hidden, biases: spec.bias ? 3 * width : 0,
        epilogueFLOPs: spec.activation ? 3 * width * Activation.silu.flops : 0),
      callFormats(.stateInProjection, in: step), in: step, into: &sink)
    if spec.queryKeyNorm { innerNorm(.queryKeyNorm, width: 2 * width, in: step, into: &sink) }
    if let rotary = spec.rotary {
      rotate(
        rotary.rotatedDimensions(headDim: spec.headDim), heads: 2 * Double(spec.heads), in: step, into: &sink)
    }
    scan(.stateScan, .lightning(spec), in: step, into: &sink)
    // A norm, and a sigmoid's gate.
    elementwise(
      .stateNorm, .norm, readWidth: 2 * width, writeWidth: width,
      flops: NormSpec.rms.flopsPerElement + Activation.silu.flops, in: step, into: &sink)
    quantize(.quantizeMixerOutput, width: width, in: step, into: &sink)
    product(.outputProjection, outputs: hidden, inputs: width, in: step, into: &sink)
  }
}

extension Costs {
  /// Per allowed pair of a block q·kᵀ, its decay, and the product with v; per token a state built and read. One token at a
  /// time: decay, update, read.
  func lightning(_ shape: ScanCall, _ spec: LightningSpec, _ formats: CallFormats) -> Work {
    let tokens = shape.sequences * shape.queries
    let pairs =
      shape.sequences * CausalPairs.chunked(queries: shape.queries, prefix: 0, size: LightningSpec.block)
    let single = shape.queries <= 1
    return recurrence(
      shape, readWidth: 3 * spec.width, writeWidth: spec.width, stateElements: spec.stateElements,
      matmulFLOPs: single ? 0 : pairs * 4 * spec.width + tokens * 4 * spec.stateElements,
      vectorFLOPs: single ? tokens * 5 * spec.stateElements : pairs * Double(spec.heads), formats)
  }
}
