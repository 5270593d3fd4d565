import CostModel

/// Passes of a deployed model as servers run them: operators by `PassPricing`, messages by the laws of their links, and the
/// host's part.
public struct DeployedPasses: ServedModel {
  let deployed: DeployedModel
  let parameters: PassParameters
  /// Of each stage.
  let pricings: [PassPricing]
  let pools: CachePools
  /// What a row's messages take above the links' rate: of few tokens and of many.
  private let latencies: [(single: Double, joined: Double)]

  /// - Throws: `EvaluationError` where the device cannot compute in the model's precision.
  public init(
    _ deployed: DeployedModel, recipe: EngineRecipe, _ parameters: PassParameters
  ) throws(EvaluationError) {
    self.deployed = deployed
    self.parameters = parameters
    var pricings: [PassPricing] = []
    for stage in deployed.stages {
      pricings.append(
        try PassPricing(
          parameters, on: deployed.profile, precision: stage.evaluator.precision,
          fuses: recipe.fusesQuantizing))
    }
    self.pricings = pricings
    pools = CachePools(of: deployed, under: recipe)
    latencies = deployed.stages.map { ($0.latency(single: true), $0.latency(single: false)) }
  }

  public var batches: Double { Double(deployed.split.batches) }
  public var stages: Double { Double(deployed.split.pipeline) }
  public var stageSeconds: Double { parameters.stage }

  /// Through all stages, one after the other.
  public func seconds(_ pass: Workload) -> Double {
    var sum = 0.0
    for index in pricings.indices {
      // In place: a stage copied counts a dozen references.
      let own = deployed.stages[index].work.of(pass)
      let (floor, expected) = deployed.stages[index].messageSeconds(own)
      let above = max(0, expected - floor)
      let latency = min(above, own.sendsSingly ? latencies[index].single : latencies[index].joined)
      sum +=
        Double(deployed.stages[index].count)
        * (deployed.stages[index].evaluator.totals(own, by: pricings[index].decoding(pass.batch)).seconds
          + floor + parameters.messages * latency + parameters.messageRows * (above - latency))
    }
    return sum + hostSeconds(pass)
  }

  /// Of passes with prompts, which no graph holds; where decoding sequences share them, a part is hidden.
  private func hostSeconds(_ pass: Workload) -> Double {
    let alone = pass.queries > 1
    guard alone || pass.prompts != nil else { return 0 }
    let host = parameters.promptPass + parameters.promptLayer * Double(deployed.model.layerCount)
    return alone ? host : host * parameters.sharedPrompt
  }

  public func sequences(holding tokens: Double) -> Double { pools.sequences(holding: tokens) }
}

/// What an engine takes of each stage's fullest rank for its cache: summed over a model's tensors, once.
public struct CachePools: Sendable {
  private let deployed: DeployedModel
  private let bytes: [Double]

  /// Of a recipe's share and reserve.
  public init(of deployed: DeployedModel, under recipe: EngineRecipe) {
    self.deployed = deployed
    let capacity = recipe.memoryShare * (deployed.profile.levels.first?.capacityBytes ?? 0)
    bytes = deployed.stages.map { stage in
      capacity - stage.evaluator.model.weightBytes(stage.evaluator.precision) - recipe.reserveBytes
    }
  }

  /// Sequences of so many tokens whose cache fits all replicas.
  public func sequences(holding tokens: Double) -> Double {
    var fewest = Double.infinity
    for index in bytes.indices {
      let own = deployed.stages[index].evaluator.sequenceBytes(of: tokens)
      if own > 0 {
        fewest = min(fewest, max(0, bytes[index] / own).rounded(.down) * Double(deployed.split.batches))
      }
    }
    return fewest
  }
}

extension Evaluator {
  /// What one sequence keeps: its cache and its state.
  fileprivate func sequenceBytes(of tokens: Double) -> Double {
    model.cacheBytes(batch: 1, length: tokens, format: precision.kvCache)
      + model.stateBytes(batch: 1, activations: precision.activations)
  }
}

extension DeployedStage {
  /// What the messages of one row take above the links' rate.
  fileprivate func latency(single: Bool) -> Double {
    let (floor, expected) = messageSeconds(single: single) { _ in 1 }
    return max(0, expected - floor)
  }
}
