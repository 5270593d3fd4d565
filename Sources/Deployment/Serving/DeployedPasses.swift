import CostModel

/// Passes of a deployed model as servers run them: operators by `PassPricing`, messages by the laws of their links, and the
/// host's part.
public struct DeployedPasses: ServedModel {
  let deployed: DeployedModel
  let recipe: EngineRecipe
  let parameters: PassParameters
  /// Of each stage.
  let pricings: [PassPricing]

  /// - Throws: `EvaluationError` where the device cannot compute in the model's precision.
  public init(
    _ deployed: DeployedModel, recipe: EngineRecipe, _ parameters: PassParameters
  ) throws(EvaluationError) {
    self.deployed = deployed
    self.recipe = recipe
    self.parameters = parameters
    var pricings: [PassPricing] = []
    for stage in deployed.stages {
      pricings.append(
        try PassPricing(parameters, on: deployed.profile, precision: stage.evaluator.precision))
    }
    self.pricings = pricings
  }

  public var batches: Double { Double(deployed.split.batches) }
  public var stages: Double { Double(deployed.split.pipeline) }

  /// Through all stages, one after the other.
  public func seconds(_ pass: Workload) -> Double {
    var sum = 0.0
    for index in pricings.indices {
      // In place: a stage copied counts a dozen references.
      sum += deployed.stages[index].seconds(
        pass, by: pricings[index].decoding(pass.batch), messages: parameters.messages)
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

  public func sequences(holding tokens: Double) -> Double {
    deployed.sequences(holding: tokens, under: recipe)
  }
}

extension DeployedModel {
  /// Sequences of so many tokens whose cache fits all replicas, by what an engine takes of the fullest rank's memory.
  public func sequences(holding tokens: Double, under recipe: EngineRecipe) -> Double {
    stages.map { stage in
      let rank = stage.evaluator
      let pool =
        recipe.memoryShare * (profile.levels.first?.capacityBytes ?? 0)
        - rank.model.weightBytes(rank.precision) - recipe.reserveBytes
      let own =
        rank.model.cacheBytes(batch: 1, length: tokens, format: rank.precision.kvCache)
        + rank.model.stateBytes(batch: 1, activations: rank.precision.activations)
      return own > 0 ? max(0, pool / own).rounded(.down) * Double(split.batches) : .infinity
    }.min() ?? 0
  }
}

extension DeployedStage {
  /// Of all stages like it, one after the other; of messages a share of what their laws expect above the links' rate.
  func seconds(_ pass: Workload, by pricing: PassPricing, messages: Double) -> Double {
    let own = work.of(pass)
    let floor = messageSeconds(own, expected: false)
    let above = max(0, messageSeconds(own, expected: true) - floor)
    return Double(count) * (evaluator.totals(own, by: pricing).seconds + floor + messages * above)
  }
}
