import CostModel

/// An analysis whose times are calibrated, with the interval of each.
public struct CalibratedAnalysis: Sendable {
  public var analysis: Analysis
  /// Of each operator, all its layers together.
  public var low, high: [Double]
  public var basis: [CalibratedTime.Basis]
  public var totalLow, totalHigh: Double

  /// Of the time, in operators whose prediction came about so.
  public func share(of basis: CalibratedTime.Basis) -> Double {
    let seconds = zip(analysis.operators, self.basis).reduce(0) { $0 + ($1.1 == basis ? $1.0.seconds : 0) }
    return analysis.totals.seconds > 0 ? seconds / analysis.totals.seconds : 0
  }
}

extension Predictor {
  /// Replaces each operator's roofline time by its kernel's calibrated one, where there is a kernel for it.
  ///
  /// Measured kernels hold more than one operator: fp8 products quantise their input, prefill attention writes the
  /// cache, decode attention joins its splits. What is held elsewhere gets 0 seconds.
  public func apply(
    to analysis: Analysis, model: ModelSpec, precision: PrecisionPlan, framework: String
  ) -> CalibratedAnalysis {
    var result = CalibratedAnalysis(
      analysis: analysis, low: [], high: [], basis: [], totalLow: 0, totalHigh: 0)
    var totals = analysis.totals
    totals.seconds = 0
    totals.secondsByBound = .zero
    var below = 0.0
    var above = 0.0
    for index in analysis.operators.indices {
      let op = analysis.operators[index]
      let context = OperatorContext(
        op: op.op, model: model, precision: precision, work: analysis.workload, framework: framework)
      let time =
        passTime(op, of: analysis.operators.count, framework: framework)
        ?? calibrated(context, roofline: op.seconds)
      result.analysis.operators[index].seconds = time.seconds
      result.low.append(time.low)
      result.high.append(time.high)
      result.basis.append(time.basis)
      totals.seconds += time.seconds
      totals.secondsByBound[op.bound.index] += time.seconds
      below += (time.seconds - time.low) * (time.seconds - time.low)
      above += (time.high - time.seconds) * (time.high - time.seconds)
    }
    result.analysis.totals = totals
    // Operators' errors are independent of one another, those of an operator's layers are not, nor those of a pass that
    // was measured whole.
    result.totalLow = knowsPassesOnly ? result.low.reduce(0, +) : totals.seconds - below.squareRoot()
    result.totalHigh = knowsPassesOnly ? result.high.reduce(0, +) : totals.seconds + above.squareRoot()
    return result
  }

  private var knowsPassesOnly: Bool { calibration.groups.allSatisfy { $0.group.kernel == .forwardPass } }

  /// An operator's part of a pass, where the calibration knows whole passes only.
  private func passTime(_ op: PricedOperator, of operators: Int, framework: String) -> CalibratedTime? {
    guard knowsPassesOnly,
      let fit = calibration.groups.min(by: {
        ($0.group.framework == framework ? 0 : 1, $0.heldOutMAPE)
          < ($1.group.framework == framework ? 0 : 1, $1.heldOutMAPE)
      })
    else { return nil }
    let work = ForwardPassModel.work(
      fit.parameters, flops: op.flops, bytes: op.traffic.total[0], on: device)
    let seconds = work + fit.parameters[0] / Double(max(1, operators))
    return CalibratedTime(
      seconds: seconds, factors: carriesOver ? fit.interval.widened : fit.interval,
      basis: carriesOver ? .carriedOver : .calibrated)
  }

  private func calibrated(_ context: OperatorContext, roofline: Double) -> CalibratedTime {
    if context.isHeldElsewhere { return CalibratedTime(seconds: 0, low: 0, high: 0, basis: .calibrated) }
    guard let (group, shape) = context.kernel, fit(for: group) != nil else {
      return CalibratedTime(seconds: roofline, low: roofline, high: roofline, basis: .upperBound)
    }
    var time = predict(group, [shape])[0]
    let factor = context.op.layers * context.workFactor
    time.seconds *= factor
    time.low *= factor
    time.high *= factor
    // No kernel beats its roofline.
    if time.seconds < roofline { time.seconds = roofline }
    time.high = max(time.high, time.seconds)
    return time
  }
}

/// What an operator is as a measured kernel.
struct OperatorContext {
  let op: Operator
  let model: ModelSpec
  let precision: PrecisionPlan
  let work: Workload
  let framework: String

  private var mixer: MixerSpec {
    model.kinds.indices.contains(op.layerKind) ? model.kinds[op.layerKind].layer.mixer : .none
  }

  /// Products' precision in the words of measured runs.
  private func dtype(_ unit: MatrixUnit) -> String {
    switch precision.computeFormat(of: unit) {
    case .fp8: precision.weights == .fp8Block ? "fp8_block" : "fp8"
    case .fp4: "nvfp4"
    default: "bfloat16"
    }
  }

  private var cacheDtype: String { precision.kvCache.bytesPerElement <= 1.1 ? "fp8" : "bfloat16" }

  var isHeldElsewhere: Bool {
    switch op.kind {
    case .quantiseMixerInput, .quantiseMixerOutput, .quantiseFeedForwardInput, .quantiseFeedForwardInner,
      .quantiseSharedInput, .quantiseSharedInner:
      true
    case .attentionReduction: true
    case .cacheWrite: work.phase == .prefill
    default: false
    }
  }

  /// Prefill behind cached tokens was never measured: its products over those of the same prompt without them.
  var workFactor: Double {
    guard op.kind == .attention, work.phase == .prefill, work.prefix > 0 else { return 1 }
    let alone = work.queries * (work.queries + 1) / 2
    return (alone + work.queries * work.prefix) / alone
  }

  /// The kernel and its shape; nil where none was ever measured.
  var kernel: (RunGroup, KernelShape)? {
    var shape = KernelShape()
    func group(_ kernel: Kernel, _ dtype: String, cache: String = "") -> RunGroup {
      RunGroup(kernel: kernel, framework: framework, version: "", dtype: dtype, cacheDtype: cache)
    }
    switch op.shape {
    case .matmul(let rows, let outputs, let inputs):
      (shape.m, shape.n, shape.k) = (rows, outputs, inputs)
      return (group(.gemm, op.kind == .router ? "bfloat16" : dtype(op.unit)), shape)
    case .rows(let rows, let width):
      (shape.m, shape.k) = (rows, width)
      switch op.kind {
      case .inputNorm, .feedForwardNorm, .finalNorm, .postMixerNorm, .postFeedForwardNorm, .embeddingNorm,
        .latentNorm:
        return (group(.rmsNorm, "float16"), shape)
      case .activation, .sharedActivation: return (group(.siluMul, "float16"), shape)
      case .rotaryEmbedding: return (group(.rope, "float16"), shape)
      case .mixerResidual, .feedForwardResidual:
        shape.k = width / 2
        return (group(.residualAdd, "float16"), shape)
      case .cacheWrite: return (group(.residualAdd, "float16"), shape)
      default: return nil
      }
    case .attention(let sequences, let queries, let keys):
      guard op.kind == .attention else { return nil }
      (shape.batch, shape.queries, shape.keys) = (sequences, queries, work.phase == .prefill ? queries : keys)
      switch mixer {
      case .attention(let spec):
        shape.heads = Double(spec.heads)
        shape.keyValueHeads = Double(spec.keyValueHeads)
        shape.headDim = Double(spec.headDim)
        shape.window = spec.span.limit.map(Double.init) ?? 0
        return (
          group(
            work.phase == .prefill ? .attentionPrefill : .attentionDecode, "bfloat16", cache: cacheDtype),
          shape
        )
      case .latent(let spec):
        shape.heads = Double(spec.heads)
        shape.keyValueHeads = work.latentForm == .naive ? shape.heads : 1
        shape.headDim = work.latentForm == .naive ? 192 : 576
        return (
          group(work.phase == .prefill ? .latentPrefill : .latentDecode, "bfloat16", cache: cacheDtype), shape
        )
      case .stateSpace, .delta, .none: return nil
      }
    case .experts(let tokens, _):
      guard model.kinds.indices.contains(op.layerKind),
        case .mixture(let spec) = model.kinds[op.layerKind].layer.feedForward
      else { return nil }
      shape.experts = Double(spec.experts)
      shape.topK = Double(spec.topK)
      shape.hidden = Double(model.hidden)
      shape.intermediate = Double(spec.expert.intermediate)
      shape.tokens = tokens
      shape.gated = spec.expert.gated
      return (group(.mixture, dtype(.experts)), shape)
    }
  }
}
