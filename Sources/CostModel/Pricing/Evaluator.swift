/// A model on a machine in a precision, ready to be asked about any number of workloads.
///
/// `totals` allocates nothing; `analyze` keeps every call.
public struct Evaluator: Sendable {
  /// What is evaluated.
  public let model: ModelSpec
  /// On which device.
  public let profile: HardwareProfile
  /// In which formats.
  public let precision: PrecisionPlan
  /// Inputs stay wide, since the device has no unit for what was asked.
  public let expandsWeights: Bool
  /// Under which load on the experts.
  public let router: RouterLoad
  /// Bounds of every call.
  public let roofline: Roofline
  let lowering: Lowering
  let known: Slots<KnownCall>

  /// - Throws: `EvaluationError` when the profile cannot be evaluated or has no unit for the precision.
  public init(
    model: ModelSpec, profile: HardwareProfile, precision: PrecisionPlan, router: RouterLoad = .balanced
  ) throws(EvaluationError) {
    let machine = try Machine(profile)
    let asked = precision
    let precision = precision.adapted(to: profile)
    expandsWeights = precision != asked
    self.model = model
    self.profile = profile
    self.precision = precision
    self.router = router
    roofline = try Roofline(profile: profile, machine: machine, precision: precision)
    lowering = Lowering(
      model: model, machine: machine, precision: precision, router: router, roofline: roofline)
    known = KnownCalls(of: model, lowering).calls
  }

  /// Costs on the evaluator's machine.
  public var costs: Costs { lowering.costs }

  /// Every call of one pass with its work, in running order of a layer of each kind.
  public func lower<Sink: CallSink>(_ work: Workload, into sink: inout Sink) {
    lowering.lower(work, into: &sink)
  }

  /// Whole-model sums of one pass, bounded by the roofline.
  public func totals(_ work: Workload) -> Totals { totals(work, known: RooflineView(lowering: lowering)) }

  /// - Parameter pricing: is small: the sink holds it.
  @inline(__always)
  func totals<P: KnownPricing>(_ work: Workload, known pricing: P) -> Totals {
    var sums = PlainSums()
    return withUnsafeMutablePointer(to: &sums) { sums in
      known.read { known in
        var sink = KnownSink(pricing: pricing, sums: sums, calls: known, lowering: lowering)
        lowering.lower(work, into: &sink)
        sink.addWaiting()
      }
      return sums.pointee.closed
    }
  }

  /// Whole-model sums of one pass.
  public func totals<P: Pricing>(_ work: Workload, by pricing: P) -> Totals {
    var sums = Sums<P>()
    withUnsafeMutablePointer(to: &sums) { sums in
      var sink = TotalsSink(pricing: pricing, sums: sums)
      lowering.lower(work, into: &sink)
    }
    return sums.closed(with: sums.overhead(work, by: pricing))
  }

  /// Whole-model sums of one pass, compiled for tables: the same as by what they were made from.
  public func totals(_ work: Workload, by table: TabulatedPricing) -> Totals {
    var sums = Sums<TabulatedPricing>()
    withUnsafeMutablePointer(to: &sums) { sums in
      table.tables.addends.read { addends in
        var sink = TableSink(tables: table.tables, addends: addends, sums: sums)
        lowering.lower(work, into: &sink)
      }
    }
    return sums.closed(with: sums.overhead(work, by: table))
  }

  /// Every call of one pass with its time, and their sums, bounded by the roofline.
  public func analyze(_ work: Workload) -> Analysis { analyze(work, by: roofline) }

  /// Every call of one pass with its time, and their sums.
  public func analyze<P: Pricing>(_ work: Workload, by pricing: P) -> Analysis {
    var sink = AnalysisSink(pricing: pricing)
    lowering.lower(work, into: &sink)
    sink.end(work)
    return Analysis(workload: work, operators: sink.operators, totals: sink.sums.closed)
  }
}
