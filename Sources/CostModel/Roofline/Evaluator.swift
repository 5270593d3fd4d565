/// A model on a machine in a precision, ready to be asked about any number of workloads.
///
/// `totals` allocates nothing; `analyze` keeps every operator.
public struct Evaluator: Sendable {
  public let model: ModelSpec
  public let profile: HardwareProfile
  public let precision: PrecisionPlan
  public let router: RouterLoad
  public let roofline: Roofline
  let lowering: Lowering

  /// - Returns: nil when the profile cannot be evaluated (see `Machine.init`) or has no unit for the precision.
  public init?(
    model: ModelSpec, profile: HardwareProfile, precision: PrecisionPlan, router: RouterLoad = .balanced
  ) {
    guard let machine = Machine(profile),
      let roofline = Roofline(profile: profile, machine: machine, precision: precision)
    else { return nil }
    self.model = model
    self.profile = profile
    self.precision = precision
    self.router = router
    self.roofline = roofline
    lowering = Lowering(model: model, machine: machine, precision: precision, router: router)
  }

  /// Whole-model sums of one pass.
  public func totals(_ work: Workload) -> Totals {
    var sink = TotalsSink(roofline: roofline)
    lowering.lower(work, into: &sink)
    return sink.totals
  }

  /// Every operator of one pass with its time, and their sums.
  public func analyze(_ work: Workload) -> Analysis {
    var sink = AnalysisSink(roofline: roofline)
    lowering.lower(work, into: &sink)
    return Analysis(workload: work, operators: sink.operators, totals: sink.totals)
  }
}

/// Sums over all layers of a pass.
public struct Totals: Hashable, Sendable {
  public var matmulFLOPs = 0.0
  public var vectorFLOPs = 0.0
  public var traffic = Traffic()
  public var seconds = 0.0
  /// Seconds spent under each bound, by `Bound.index`.
  public var secondsByBound = SIMD8<Double>.zero

  public init() {}

  public var flops: Double { matmulFLOPs + vectorFLOPs }

  /// FLOPs per byte of the farthest memory.
  public var arithmeticIntensity: Double { flops / traffic.total[0] }

  /// The bound that most of the time is spent under.
  public var bound: Bound {
    var best = 0
    for index in 1..<8 where secondsByBound[index] > secondsByBound[best] { best = index }
    return Bound(index: best)
  }

  @inline(__always)
  mutating func add(_ op: Operator, seconds: Double, bound: Int) {
    matmulFLOPs += op.matmulFLOPs * op.layers
    vectorFLOPs += op.vectorFLOPs * op.layers
    traffic.reads += op.traffic.reads * op.layers
    traffic.writes += op.traffic.writes * op.layers
    let all = seconds * op.layers
    self.seconds += all
    switch bound {
    case 0: secondsByBound[0] += all
    case 1: secondsByBound[1] += all
    case 2: secondsByBound[2] += all
    case 3: secondsByBound[3] += all
    case 4: secondsByBound[4] += all
    default: secondsByBound[5] += all
    }
  }
}

/// An operator with its place under the roofs; totals over its layers.
public struct PricedOperator: Hashable, Sendable {
  public var op: Operator
  public var seconds: Double
  public var bound: Bound

  public var matmulFLOPs: Double { op.matmulFLOPs * op.layers }
  public var flops: Double { (op.matmulFLOPs + op.vectorFLOPs) * op.layers }
  public var traffic: Traffic { op.traffic * op.layers }
  public var arithmeticIntensity: Double { flops / traffic.total[0] }
}

/// One pass, operator by operator.
public struct Analysis: Hashable, Sendable {
  public var workload: Workload
  public var operators: [PricedOperator]
  public var totals: Totals
}

struct TotalsSink: OperatorSink {
  let roofline: Roofline
  var totals = Totals()

  @inline(__always)
  mutating func add(_ op: Operator) {
    let (seconds, bound) = roofline.slowest(op)
    totals.add(op.counted, seconds: seconds, bound: bound)
  }
}

struct AnalysisSink: OperatorSink {
  let roofline: Roofline
  var totals = Totals()
  var operators: [PricedOperator] = []

  mutating func add(_ op: Operator) {
    let (seconds, bound) = roofline.slowest(op)
    totals.add(op.counted, seconds: seconds, bound: bound)
    operators.append(
      PricedOperator(op: op.counted, seconds: seconds * op.layers, bound: Bound(index: bound)))
  }
}
