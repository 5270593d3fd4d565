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
  }

  /// Costs on the evaluator's machine.
  public var costs: Costs { lowering.costs }

  /// Every call of one pass with its work, in running order of a layer of each kind.
  public func lower<Sink: CallSink>(_ work: Workload, into sink: inout Sink) {
    lowering.lower(work, into: &sink)
  }

  /// Whole-model sums of one pass, bounded by the roofline.
  public func totals(_ work: Workload) -> Totals {
    TotalsSink.totals(work, by: RooflineView(lowering: lowering)) { lowering.lower(work, into: &$0) }
  }

  /// Whole-model sums of one pass.
  public func totals<P: Pricing>(_ work: Workload, by pricing: P) -> Totals {
    TotalsSink.totals(work, by: pricing) { lowering.lower(work, into: &$0) }
  }

  /// Whole-model sums of one pass, compiled for tables: the same as by what they were made from.
  public func totals(_ work: Workload, by table: TabulatedPricing) -> Totals {
    table.read { view in TotalsSink.totals(work, by: view) { lowering.lower(work, into: &$0) } }
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
