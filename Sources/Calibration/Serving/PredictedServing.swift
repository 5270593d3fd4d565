import Basics
import CostModel
import Deployment
import Specs

/// A server under load: what its clients feel, in the mean, with 80 % intervals.
public struct PredictedServing: Sendable {
  /// Model, device, precision and split.
  public let scenario: Scenario
  /// What arrives, and whose rules serve it.
  public let load: ServingLoad
  /// See `load`.
  public let recipe: EngineRecipe
  /// Means.
  public let times: ServingTimes
  /// Factors that bound 80 %.
  public let toFirst, perToken: ErrorInterval
  /// What the times stand on.
  public let basis: Basis
  /// Tokens that the caches of all replicas hold.
  public let cacheTokens: Double
  /// Devices of the deployment.
  public let devices: Int
  /// Means under any load.
  private let means: @Sendable (ServingLoad) -> ServingTimes

  /// Tokens of answers a second.
  public var outputTokensPerSecond: Double { times.requestsPerSecond * load.output }

  /// Means where so many of these requests arrive each second.
  public func times(at rate: Double) -> ServingTimes {
    var load = load
    load.arrivals = .open(perSecond: rate)
    return means(load)
  }

  /// The most of these requests that are answered, per second, whatever arrives: to a part in a thousand.
  public var mostRequestsPerSecond: Double {
    var (low, high) = (0.0, 1.0)
    while times(at: high).isStable, high < 1e6 { (low, high) = (high, 2 * high) }
    while high - low > 1e-3 * high, high > 1e-9 {
      let middle = (low + high) / 2
      if times(at: middle).isStable { low = middle } else { high = middle }
    }
    return low
  }

  /// - Parameters:
  ///   - decode: a step of the same deployment, whose pricing a recipe without an engine takes.
  /// - Throws: `InputError`, 65 where the device cannot compute in the precision.
  public init(_ decode: Prediction, _ load: ServingLoad, recipe: EngineRecipe) throws(InputError) {
    let scenario = decode.scenario
    let fitted = try ServingFile.shipped()
    let deployed: DeployedModel
    if let split = scenario.deployed {
      deployed = split
    } else {
      do throws(EvaluationError) {
        deployed = try DeployedModel(
          scenario.model, on: scenario.profile, precision: scenario.precision,
          router: scenario.evaluator.router,
          split: Split(), cluster: Cluster(devices: 1, perNode: 1),
          links: FittedLinks())
      } catch { throw InputError(error, scenario.profile) }
    }
    let pools = CachePools(of: deployed, under: recipe)
    if let framework = recipe.framework {
      let (pass, queue) = fitted.fit.parameters(of: framework)
      let passes: DeployedPasses
      do throws(EvaluationError) { passes = try DeployedPasses(deployed, recipe: recipe, pass) } catch {
        throw InputError(error, scenario.profile)
      }
      let state = SteadyState(passes, recipe: recipe, server: deployed.server, parameters: queue)
      means = { state.means($0) }
      let known = fitted.kinds.contains(MeasuredServer.kind(framework, on: scenario.profile))
      (toFirst, perToken) = (
        fitted.toFirst[framework] ?? fitted.perToken.widened,
        known ? fitted.perToken : fitted.perToken.widened
      )
      basis = known ? .calibrated : .carriedOver
    } else {
      let passes = PricedPasses(deployed: deployed, pools: pools, pricing: decode.pricing)
      let state = SteadyState(passes, recipe: recipe, server: deployed.server)
      means = { state.means($0) }
      let totals = decode.totals
      let interval = ErrorInterval(low: totals.low / totals.seconds, high: totals.high / totals.seconds)
      (toFirst, perToken, basis) = (interval, interval, decode.pricing == nil ? .upperBound : .calibrated)
    }
    cacheTokens = pools.sequences(holding: 1024) * 1024
    times = means(load)
    devices = deployed.split.devices
    self.scenario = scenario
    self.load = load
    self.recipe = recipe
  }
}

/// Passes as `analyze` prices them.
struct PricedPasses: ServedModel {
  let deployed: DeployedModel
  let pools: CachePools
  let pricing: FittedPricing?

  func seconds(_ pass: Workload) -> Double {
    deployed.stages.reduce(0) { sum, stage in
      sum + Double(stage.count)
        * (pricing.map { stage.totals(pass, by: $0).seconds } ?? stage.totals(pass).seconds)
    }
  }

  var batches: Double { Double(deployed.split.batches) }
  var stages: Double { Double(deployed.split.pipeline) }
  func sequences(holding tokens: Double) -> Double { pools.sequences(holding: tokens) }
}
