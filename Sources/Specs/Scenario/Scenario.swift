import CostModel
import Deployment

/// A request with every gap filled: what is evaluated, and what was assumed to make it so.
public struct Scenario: Sendable {
  /// Model, device, precision and router, ready to be asked; over several devices what one of the slowest stage computes.
  public let evaluator: Evaluator
  /// The model dealt out to several devices; nil on one.
  public let deployed: DeployedModel?
  /// The pass.
  public let workload: Workload
  /// How attention's FLOPs are counted in what is shown.
  public let convention: AttentionConvention
  /// Tokens to generate, where they were named.
  public let outputLength: Double?
  /// Where times come from.
  public let pricing: PricingRequest
  /// What nobody said and was taken, and what lies outside the model's range.
  public let assumptions: [Assumption]

  /// A scenario from parts that are resolved already.
  public init(
    _ evaluator: Evaluator, _ workload: Workload, convention: AttentionConvention = .causal,
    outputLength: Double? = nil, pricing: PricingRequest = PricingRequest(), assumptions: [Assumption] = [],
    deployed: DeployedModel? = nil
  ) {
    self.evaluator = deployed?.slowest(workload).evaluator ?? evaluator
    self.deployed = deployed
    self.workload = workload
    self.convention = convention
    self.outputLength = outputLength
    self.pricing = pricing
    self.assumptions = assumptions
  }

  /// What is evaluated, all of it.
  public var model: ModelSpec { deployed?.model ?? evaluator.model }
  /// What one device takes of the pass.
  public var ownWorkload: Workload { deployed.map { $0.stages[0].work.of(workload) } ?? workload }
  /// Where.
  public var profile: HardwareProfile { evaluator.profile }
  /// In which number formats.
  public var precision: PrecisionPlan { evaluator.precision }
}
