import Basics
import CostModel

/// Times by fitted kernels where there are any, by the prior elsewhere, and the host's beside them.
///
/// Measured kernels hold more than one call: narrow products quantize their input, prefill attention writes the
/// cache, decode attention joins its splits. What is held elsewhere takes 0 seconds. Fits are looked up when the
/// pricing is made; a call then finds its own without a search.
public struct FittedPricing: Pricing {
  /// Of held-out runs.
  public static let hasIntervals = true
  private let kernels: FittedKernels

  /// - Parameter framework: whose kernels run.
  public init(_ predictor: Predictor, framework: Framework, for evaluator: Evaluator) {
    kernels = FittedKernels(predictor, framework, for: evaluator)
  }

  /// What was fitted, on this device.
  public var predictor: Predictor { kernels.predictor }
  /// Whose kernels run.
  public var framework: Framework { kernels.framework }

  /// No kernel beats its roofline.
  public func time(_ call: Call, _ work: Work) -> Time {
    let bound = kernels.roofline.time(call, work)
    if let pass = kernels.pass { return pass.time(work, bound) }
    switch call.shape {
    case .product(let shape):
      let format = call.kernelFormat
      guard format.isWide else {
        return kernels.time(kernels.quantized[format], bound, shape.isModelSized) { $0.seconds(shape) }
      }
      let time = kernels.time(kernels.products, bound, shape.isModelSized) {
        $0.seconds(shape, weightBytes: call.formats.storedBytes)
      }
      return call.expandsWeights ? time.extrapolated : time
    case .attention(let shape): return attention(shape, bound)
    case .experts(let shape):
      let format = call.kernelFormat
      let time = kernels.time(kernels.experts[format], bound, true) {
        $0.seconds(shape, weightBytes: format.isWide ? call.formats.storedBytes : nil)
      }
      return format.isWide && call.expandsWeights ? time.extrapolated : time
    case .rows(let shape):
      if call.isHeldElsewhere { return .held(bound) }
      switch call.rowsClass {
      case .rmsNorm: return kernels.time(kernels.norm, bound, true) { $0.seconds(shape) }
      case .siluMul: return kernels.time(kernels.activation, bound, true) { $0.seconds(shape) }
      case .rope: return kernels.time(kernels.rotation, bound, true) { $0.seconds(shape) }
      case .residualAdd: return kernels.time(kernels.addition, bound, true) { $0.seconds(shape) }
      default: return kernels.other(bound)
      }
    case .join: return .held(bound)
    case .index, .scan: return kernels.other(bound)
    case .message: return bound
    }
  }

  /// Launches of a graph are within the kernels' times; the host's own are as long as its kernels are short.
  public func overhead(launches: Double, seconds: Double, _ work: Workload) -> Time? {
    kernels.host?.time(launches: launches, seconds: seconds, work)
  }

  @inline(__always)
  private func attention(_ shape: AttentionCall, _ bound: Time) -> Time {
    switch shape.kernelClass {
    case .attentionDecode: kernels.time(kernels.decode, bound, shape.isModelSized) { $0.seconds(shape) }
    case .latentDecode: kernels.time(kernels.latentDecode, bound, true) { $0.seconds(shape) }
    case .latentPrefill:
      kernels.time(kernels.latentPrefill, bound, true) { $0.seconds(shape) * shape.prefixFactor }
    default:
      kernels.time(kernels.prefill, bound, shape.isModelSized) { $0.seconds(shape) * shape.prefixFactor }
    }
  }
}

/// A kernel's fit made ready.
struct Fitted<Model: KernelModel>: Sendable {
  let model: Model
  /// Factors on its seconds, of shapes that language models have and of others.
  let usual, other: ErrorInterval
  let basis: Basis
  /// Times of one fit err together.
  let index: Int

  @inline(__always)
  func time(_ seconds: Double, _ bound: Time, _ sized: Bool) -> Time {
    let interval = sized ? usual : other
    let clamped = max(seconds, bound.seconds)
    return Time(
      seconds: clamped, low: max(seconds * interval.low, bound.seconds),
      high: max(seconds * interval.high, clamped), bound: bound.bound, basis: basis, fit: index,
      floor: bound.floor)
  }
}

extension Time {
  /// By a kernel of the same class that was measured in another format.
  @inline(__always)
  fileprivate var extrapolated: Time {
    var time = self
    if basis != .prior { time.basis = .nearest }
    time.low = max(floor.seconds, seconds * power(low / seconds, ErrorInterval.widening))
    time.high = seconds * power(high / seconds, ErrorInterval.widening)
    return time
  }

  /// Within another call's time.
  @inline(__always)
  fileprivate static func held(_ bound: Time) -> Time {
    Time(seconds: 0, low: 0, high: 0, bound: bound.bound, basis: .calibrated, floor: Floor())
  }
}

/// One framework's fits on one device, each under the calls that it times. A class, so that pricings are passed
/// around for a reference.
final class FittedKernels: Sendable {
  let predictor: Predictor
  let framework: Framework
  let roofline: Roofline
  /// Where a calibration knows whole passes only.
  let pass: FittedPass?
  let products: Fitted<MatrixProductModel>?
  let quantized: ByFormat<QuantizedProductModel>
  let experts: ByFormat<MixtureModel>
  let prefill, latentPrefill: Fitted<PrefillModel>?
  let decode: Fitted<DecodeModel>?
  let latentDecode: Fitted<LatentDecodeModel>?
  let norm, activation, rotation: Fitted<RowwiseModel>?
  let addition: Fitted<ElementwiseModel>?
  /// What any kernel is taken for that streams and was never measured.
  private let stream: StreamedKernel?
  /// Nil where whole passes were measured, or nothing but bounds is asked for.
  let host: HostOverhead?

  /// Of each format that products run in.
  struct ByFormat<Model: KernelModel>: Sendable {
    let wide, fp8, fp8Block, fp4: Fitted<Model>?

    @inline(__always)
    subscript(format: KernelFormat) -> Fitted<Model>? {
      switch format {
      case .wide: wide
      case .fp8: fp8
      case .fp8Block: fp8Block
      case .fp4: fp4
      }
    }
  }

  init(_ predictor: Predictor, _ framework: Framework, for evaluator: Evaluator) {
    self.predictor = predictor
    self.framework = framework
    roofline = evaluator.roofline
    pass = FittedPass(predictor, framework, for: evaluator)
    let cache = evaluator.precision.kvCache
    var found: [RunGroup: Int] = [:]
    func fitted<Model: KernelModel>(_ kernel: KernelClass, _ format: KernelFormat = .wide) -> Fitted<Model>? {
      let group = RunGroup(kernel, framework, format: format, cache: cache)
      guard let known = predictor.expectation(of: group) else { return nil }
      let index = found[known.fit.group] ?? found.count
      found[known.fit.group] = index
      return Fitted(
        model: Model(Model.Parameters(known.parameters), for: group, on: predictor.device),
        usual: known.usual, other: known.other, basis: known.basis, index: index)
    }
    func byFormat<Model: KernelModel>(_ kernel: KernelClass, wide: Bool) -> ByFormat<Model> {
      ByFormat(
        wide: wide ? fitted(kernel) : nil, fp8: fitted(kernel, .fp8), fp8Block: fitted(kernel, .fp8Block),
        fp4: fitted(kernel, .fp4))
    }
    products = fitted(.gemm)
    quantized = byFormat(.gemm, wide: false)
    experts = byFormat(.mixture, wide: true)
    prefill = fitted(.attentionPrefill)
    latentPrefill = fitted(.latentPrefill)
    decode = fitted(.attentionDecode)
    latentDecode = fitted(.latentDecode)
    norm = fitted(.rmsNorm)
    activation = fitted(.siluMul)
    rotation = fitted(.rope)
    addition = fitted(.residualAdd)
    stream = addition.map(StreamedKernel.init)
    host = pass == nil && predictor.prior != nil ? HostOverhead(framework) : nil
  }

  /// The fit's time; that of a kernel that streams where there is none.
  @inline(__always)
  func time<Model>(
    _ fitted: Fitted<Model>?, _ bound: Time, _ sized: Bool, _ seconds: (Model) -> Double
  ) -> Time {
    guard let fitted else { return other(bound) }
    return fitted.time(seconds(fitted.model), bound, sized)
  }

  /// Of a call that no run is of.
  @inline(__always)
  func other(_ bound: Time) -> Time { stream?.time(bound) ?? bound }
}

/// A kernel of which only its roofline is known: that, at the share of it and after the launch that sums have, whose
/// interval is taken twice as wide.
struct StreamedKernel: Sendable {
  private let launch, inverseEfficiency: Double
  private let factors: ErrorInterval
  /// Such kernels err together, and apart from all others.
  private static let fit = 15

  init(_ sums: Fitted<ElementwiseModel>) {
    launch = sums.model.p.launchSeconds
    inverseEfficiency = 1 / sums.model.p.bandwidthEfficiency
    factors = ErrorInterval(low: power(sums.usual.low, 2), high: power(sums.usual.high, 2))
  }

  @inline(__always)
  func time(_ bound: Time) -> Time {
    let seconds = launch + bound.seconds * inverseEfficiency
    return Time(
      seconds: seconds, low: max(seconds * factors.low, bound.seconds), high: seconds * factors.high,
      bound: bound.bound, basis: .prior, fit: Self.fit, floor: bound.floor)
  }
}

/// A call's part of a pass that was measured whole.
struct FittedPass: Sendable {
  private let model: ForwardPassModel
  private let interval: ErrorInterval
  private let basis: Basis
  /// Of a pass's fixed time, one launch's.
  private let launchSeconds: Double

  /// - Returns: nil where kernels were measured by themselves.
  init?(_ predictor: Predictor, _ framework: Framework, for evaluator: Evaluator) {
    let groups = predictor.calibration.groups
    guard groups.allSatisfy({ $0.group.kernel == .forwardPass }),
      let fit = groups.min(by: {
        ($0.group.framework == framework ? 0 : 1, $0.heldOutMAPE)
          < ($1.group.framework == framework ? 0 : 1, $1.heldOutMAPE)
      })
    else { return nil }
    var count = CallCount()
    evaluator.lower(.decode(batch: 1, contextLength: 0), into: &count)
    model = ForwardPassModel(.init(fit.parameters), for: fit.group, on: predictor.device)
    launchSeconds = model.p.passSeconds / count.launches
    interval = predictor.carriesOver ? fit.interval.widened : fit.interval
    basis = predictor.carriesOver ? .carriedOver : .calibrated
  }

  func time(_ work: Work, _ bound: Time) -> Time {
    let least = bound.floor.seconds
    let seconds = max(least, model.seconds(flops: work.flops, bytes: work.traffic.total[0]) + launchSeconds)
    return Time(
      seconds: seconds, low: max(least, seconds * min(1, interval.low)),
      high: seconds * max(1, interval.high),
      bound: bound.bound, basis: basis, fit: 0, floor: bound.floor)
  }
}

/// Kernels that a pass launches.
private struct CallCount: CallSink {
  var launches = 0.0
  mutating func add(_ call: Call, _ work: Work) { launches += call.layers }
}
