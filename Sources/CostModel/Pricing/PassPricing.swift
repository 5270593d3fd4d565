import Basics

/// Times of a pass's operators as servers run them: memory and matrix units overlap in part, which a root of the sum of
/// squares says with no parameter, each at its share of the sheet; every kernel costs a launch beside.
///
/// Here and not beside the servers, since only within this module sums are made without a generic call for each operator.
public struct PassPricing: Sendable {
  let parameters: PassParameters
  let secondsPerByte: Double
  /// Seconds per FLOP of each `MatrixUnit`.
  let secondsPerFLOP: [5 of Double]
  let products: Double
  /// 4-bit floats are widened as 4-bit integers are, by devices without units for them.
  let expandsFourBits: Bool
  /// Kernels that bring a product's input to its format; none where its scales are fixed or the engine fuses it.
  let quantizing: Double
  /// Seconds of a kernel beside its work.
  var launch: Double

  /// For passes that one sequence decodes in; see `decoding(_:)`.
  ///
  /// - Parameter fuses: the engine quantises within the kernel before.
  public init(
    _ parameters: PassParameters, on profile: HardwareProfile, precision: PrecisionPlan, fuses: Bool
  ) throws(EvaluationError) {
    self.parameters = parameters
    guard let far = profile.levels.first else { throw .levels(0) }
    secondsPerByte = 1 / far.bytesPerSecond
    var inverse = [5 of Double](repeating: 0)
    for unit in MatrixUnit.allCases {
      let format = precision.computeFormat(of: unit)
      guard let peak = profile.unit(for: format) else { throw .noUnit(format) }
      inverse[unit.rawValue] = 1 / peak.flopsPerSecond
    }
    secondsPerFLOP = inverse
    expandsFourBits = !profile.computesFourBits
    products = parameters.products * (expandsFourBits ? parameters.hopper : 1)
    quantizing = fuses || precision.staticScales ? 0 : 1
    launch = parameters.kernel
  }

  /// The same where so many sequences decode at once.
  @inline(__always)
  public func decoding(_ sequences: Double) -> PassPricing {
    var pricing = self
    pricing.launch = parameters.kernel + parameters.kernelGrowth * log2(max(1, sequences))
    return pricing
  }

  /// Root of the squares of memory's and arithmetic's time, and the launch.
  @inline(__always)
  func time(_ call: Call, _ work: Work) -> Time {
    var bandwidth = parameters.weights
    var share = products
    switch call.shape {
    case .attention(let attention):
      bandwidth = parameters.cache
      share = attention.queries > 1 ? parameters.attention : Self.decodeAttention
    case .experts:
      let experts = parameters.experts(in: call.formats.stored, expanded: expandsFourBits)
      bandwidth = experts.weights
      share *= experts.products
    default: break
    }
    return time(work, call.formats.unit, bandwidth: bandwidth, share: share, kernels: kernels(call))
  }

  /// - Parameters:
  ///   - bandwidth: share of far memory's.
  ///   - share: of the unit's peak.
  @inline(__always)
  fileprivate func time(
    _ work: Work, _ unit: MatrixUnit, bandwidth: Double, share: Double, kernels: Double
  ) -> Time {
    let memory = work.traffic.total[0] * secondsPerByte / bandwidth
    let arithmetic = work.matmulFLOPs * secondsPerFLOP[unit.rawValue] / share
    let seconds = (memory * memory + arithmetic * arithmetic).squareRoot() + launch * kernels
    return Time(
      seconds: seconds, low: seconds, high: seconds,
      bound: memory >= arithmetic ? .memory(level: 0) : .compute,
      basis: .calibrated, floor: Floor())
  }

  /// Share of the peak that a single query a head reaches, its rows padded to a tile.
  static var decodeAttention: Double { 0.5 }

  /// Kernels that engines launch for a call. Sums of streams and what goes into the cache ride with their neighbours;
  /// experts are top-k, sort, gather, two grouped products with activation and quantisation between, and their
  /// sum; an index is norm, rotation, transform and quantising of its queries and keys, scores, top-k and the keys' places.
  @inline(__always)
  func kernels(_ call: Call) -> Double {
    switch call.shape {
    case .experts, .index: 8
    case .rows(let shape): kernels(shape.operation)
    case .product, .attention, .join, .scan, .message: 1
    }
  }

  @inline(__always)
  fileprivate func kernels(_ operation: RowOperation) -> Double {
    switch operation {
    case .add, .cacheWrite: 0
    case .quantize: quantizing
    case .norm, .rotate, .activate, .embed: 1
    }
  }
}

/// The same where it lies; see `RooflineView`. Fits of servers have intervals of their own, of whole passes.
private struct PassView: KnownPricing, @unchecked Sendable {
  static let hasIntervals = false
  let pricing: UnsafePointer<PassPricing>

  @inline(__always)
  func time(_ call: Call, _ work: Work) -> Time { pricing.pointee.time(call, work) }

  @inline(__always)
  func time(_ call: UnsafePointer<KnownCall>, _ work: Work) -> Time {
    pricing.pointee.time(
      work, call.pointee.unit, bandwidth: pricing.pointee.parameters.weights,
      share: pricing.pointee.products,
      kernels: call.pointee.operation.map { pricing.pointee.kernels($0) } ?? 1)
  }

  /// Attention and experts have shares of their own.
  @inline(__always)
  func time(_ work: Work, _ rates: CallRates) -> Time? { nil }
}

extension Evaluator {
  /// Whole-model sums of one pass as a server runs it.
  public func totals(_ work: Workload, by pricing: PassPricing) -> Totals {
    withUnsafePointer(to: pricing) { totals(work, known: PassView(pricing: $0)) }
  }
}

extension HardwareProfile {
  /// Units that take 4-bit floats as they are: Blackwell and later.
  var computesFourBits: Bool { peak(.fp4) != nil }
}

extension PassParameters {
  /// Shares of experts' bandwidth and, of `products`, of their peak.
  func experts(in format: NumberFormat, expanded: Bool) -> (weights: Double, products: Double) {
    switch format {
    case .fp8, .fp8Block, .int8, .mxfp8: (experts8, expertProducts8)
    case .nvfp4 where !expanded, .mxfp4 where !expanded: (experts4, expertProducts4)
    case .nvfp4, .mxfp4, .int4, .grouped, .nf4, .gguf, .mixed: (integerExperts4, integerExpertProducts4)
    case .fp32, .tf32, .bf16, .fp16: (experts16, expertProducts16)
    }
  }
}
