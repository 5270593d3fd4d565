import CostModel

/// Times by fitted kernels where there are any, by the roofline elsewhere.
///
/// Measured kernels hold more than one call: narrow products quantize their input, prefill attention writes the
/// cache, decode attention joins its splits. What is held elsewhere takes 0 seconds.
public struct FittedPricing: Pricing {
  public static let hasIntervals = true
  public let predictor: Predictor
  public let framework: String
  let roofline: Roofline
  /// Where a calibration knows whole passes only, the fit and the share of a pass's fixed time a call takes.
  let pass: (fit: GroupFit, share: Double)?

  /// - Parameter framework: whose kernels run.
  public init(_ predictor: Predictor, framework: String, for evaluator: Evaluator) {
    self.predictor = predictor
    self.framework = framework
    roofline = evaluator.roofline
    let groups = predictor.calibration.groups
    if groups.allSatisfy({ $0.group.kernel == .forwardPass }),
      let fit = groups.min(by: {
        ($0.group.framework == framework ? 0 : 1, $0.heldOutMAPE)
          < ($1.group.framework == framework ? 0 : 1, $1.heldOutMAPE)
      })
    {
      var count = CallCount()
      evaluator.lower(.decode(batch: 1, contextLength: 0), into: &count)
      pass = (fit, 1 / count.launches)
    } else {
      pass = nil
    }
  }

  public func time(_ call: Call, _ work: Work) -> Time {
    let bound = roofline.time(call, work)
    if let pass { return passTime(pass.fit, share: pass.share, call, work, bound) }
    if call.isHeldElsewhere {
      return Time(seconds: 0, low: 0, high: 0, bound: bound.bound, basis: .calibrated)
    }
    guard let (group, shape) = call.measured(framework: framework), let (fit, _) = predictor.fit(for: group)
    else { return bound }
    let time = predictor.predict(group, [shape])[0]
    let factor = call.workFactor
    // No kernel beats its roofline.
    let low = max(time.low * factor, bound.seconds)
    let seconds = max(time.seconds * factor, bound.seconds)
    return Time(
      seconds: seconds, low: low, high: max(time.high * factor, seconds), bound: bound.bound,
      basis: time.basis, fit: predictor.calibration.groups.firstIndex(of: fit))
  }

  /// A call's part of a pass that was measured whole.
  private func passTime(_ fit: GroupFit, share: Double, _ call: Call, _ work: Work, _ bound: Time) -> Time {
    let seconds =
      ForwardPassModel.work(
        fit.parameters, flops: work.flops, bytes: work.traffic.total[0], on: predictor.device)
      + fit.parameters[0] * share
    let interval = predictor.carriesOver ? fit.interval.widened : fit.interval
    return Time(
      seconds: seconds, low: seconds * min(1, interval.low), high: seconds * max(1, interval.high),
      bound: bound.bound, basis: predictor.carriesOver ? .carriedOver : .calibrated, fit: 0)
  }
}

/// Kernels that a pass launches.
private struct CallCount: CallSink {
  var launches = 0.0
  mutating func add(_ call: Call, _ work: Work) { launches += call.layers }
}

extension Call {
  /// Part of the measured kernel of another call.
  var isHeldElsewhere: Bool {
    switch shape {
    case .join: true
    case .rows(let shape):
      switch shape.operation {
      case .quantize: true
      case .cacheWrite(let tokens): tokens > 1
      default: false
      }
    default: false
    }
  }

  /// Prefill behind cached tokens was never measured: its products over those of the same prompt without them.
  var workFactor: Double {
    guard case .attention(let shape) = shape, shape.queries > 1, shape.prefix > 0 else { return 1 }
    let alone = shape.queries * (shape.queries + 1) / 2
    return (alone + shape.queries * shape.prefix) / alone
  }

  /// Products' precision in the words of measured runs.
  private var dtype: String {
    switch formats.compute {
    case .fp8: formats.stored == .fp8Block ? "fp8_block" : "fp8"
    case .fp4: "nvfp4"
    default: "bfloat16"
    }
  }

  /// The kernel and its shape in the words of measured runs; nil where none was ever measured.
  func measured(framework: String) -> (RunGroup, KernelShape)? {
    var measured = KernelShape()
    func group(_ kernel: Kernel, _ dtype: String, cache: String = "") -> RunGroup {
      RunGroup(kernel: kernel, framework: framework, version: "", dtype: dtype, cacheDtype: cache)
    }
    switch shape {
    case .product(let shape):
      (measured.m, measured.n, measured.k) = (shape.rows * shape.copies, shape.outputs, shape.inputs)
      return (group(.gemm, kind == .router ? "bfloat16" : dtype), measured)
    case .rows(let shape):
      (measured.m, measured.k) = (shape.rows, shape.readWidth)
      switch shape.operation {
      case .norm:
        return kind == .queryKeyNorm || kind == .stateNorm ? nil : (group(.rmsNorm, "float16"), measured)
      case .activate: return (group(.siluMul, "float16"), measured)
      case .rotate: return (group(.rope, "float16"), measured)
      case .add:
        measured.k = shape.writeWidth
        return (group(.residualAdd, "float16"), measured)
      case .cacheWrite: return (group(.residualAdd, "float16"), measured)
      case .embed, .quantize: return nil
      }
    case .attention(let shape):
      let single = shape.queries <= 1
      (measured.batch, measured.queries) = (shape.sequences, shape.queries)
      measured.keys = single ? shape.length : shape.queries
      (measured.heads, measured.keyValueHeads) = (shape.heads, shape.storedHeads)
      measured.headDim = shape.keyWidth
      measured.window = shape.span.limit.map(Double.init) ?? 0
      let latent = shape.keyWidth != shape.valueWidth
      return (
        group(
          single ? (latent ? .latentDecode : .attentionDecode) : latent ? .latentPrefill : .attentionPrefill,
          "bfloat16", cache: formats.stored.bytesPerElement <= 1.1 ? "fp8" : "bfloat16"), measured
      )
    case .experts(let shape):
      measured.experts = shape.experts
      measured.topK = shape.topK
      measured.hidden = shape.hidden
      measured.intermediate = Double(shape.expert.intermediate)
      measured.tokens = shape.tokens
      measured.gated = shape.expert.gated
      return (group(.mixture, dtype), measured)
    case .join, .index, .scan: return nil
    }
  }
}
