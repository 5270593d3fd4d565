import CostModel
import RandomModels
import Specs
import Testing

@testable import Deployment

/// A server is its passes and its queue, and nothing where there is no queue.
@Suite struct SteadyStateTests {
  /// Passes by rooflines, on one device that holds whatever it is given.
  struct Passes: ServedModel {
    let evaluator: Evaluator
    var held = Double.infinity

    func seconds(_ pass: Workload) -> Double { evaluator.totals(pass).seconds }
    var batches: Double { 1 }
    func sequences(holding tokens: Double) -> Double { held }
  }

  static func passes(_ model: ModelSpec) throws -> Passes {
    Passes(
      evaluator: try Evaluator(
        model: model, profile: try Catalogue.hardware("h100-sxm"), precision: PrecisionPlan(uniform: .bf16)))
  }

  static let models: [ModelSpec] =
    (0..<24).map { RandomSpecs.model(UInt64($0)) }
    + ["llama-3-70b", "mixtral-8x7b", "deepseek-v3"].compactMap { try? Catalogue.model($0) }

  static func load(_ clients: Double, input: Double = 700, output: Double = 129) -> ServingLoad {
    ServingLoad(.closed(concurrency: clients), input: input, output: output)
  }

  /// One client under no engine: its prompt's pass, then one decode step a token at the mean context.
  @Test func oneRequestAloneIsItsPasses() throws {
    for model in Self.models {
      let passes = try Self.passes(model)
      let times = SteadyState(passes, recipe: EngineRecipe()).means(Self.load(1))
      #expect(times.timeToFirstToken == passes.seconds(.prefill(batch: 1, inputLength: 700)))
      #expect(times.timePerToken == passes.seconds(.decode(batch: 1, contextLength: 764)))
      #expect(times.endToEnd == times.timeToFirstToken + 128 * times.timePerToken)
      #expect(times.wait.burst == 0 && times.wait.admission == 0 && times.wait.passes == 0)
    }
  }

  /// A budget as long as the prompt is no budget, as long as no two prompts come with one pass.
  @Test func oneChunkIsTheWholePrompt() throws {
    for model in Self.models {
      let passes = try Self.passes(model)
      var chunked = EngineRecipe()
      chunked.chunkTokens = 700
      for clients in [1.0, 16, 100] {
        let whole = SteadyState(passes, recipe: EngineRecipe()).means(Self.load(clients))
        #expect(SteadyState(passes, recipe: chunked).means(Self.load(clients)) == whole)
      }
    }
  }

  /// Two chunks wait for two passes, the second behind the first's keys.
  @Test func chunksComeOneAfterTheOther() throws {
    let passes = try Self.passes(try Catalogue.model("llama-3-8b"))
    var chunked = EngineRecipe()
    chunked.chunkTokens = 350
    let times = SteadyState(passes, recipe: chunked).means(Self.load(1))
    let mean = passes.seconds(.prefill(batch: 1, inputLength: 350, prefix: 175))
    #expect(times.timeToFirstToken == 2 * mean)
  }

  /// More clients never make a token come sooner, nor the server slower as a whole.
  @Test func moreClientsShareMoreTime() throws {
    var recipe = try Catalogue.recipe("vllm")
    for shares in [true, false] {
      recipe.sharesPasses = shares
      for model in Self.models {
        let state = SteadyState(try Self.passes(model), recipe: recipe)
        var before = state.means(Self.load(1))
        for doubling in 1...9 {
          let times = state.means(Self.load(Double(1 << doubling)))
          #expect(times.timePerToken >= before.timePerToken * (1 - 1e-9), "\(model.name), \(1 << doubling)")
          #expect(times.timeToFirstToken >= before.timeToFirstToken * (1 - 1e-9))
          before = times
        }
      }
    }
  }

  /// A pass loses time to each other that the stages have under way, and one sequence alone has none beside it.
  @Test func stagesLoseTimeToPassesUnderWay() throws {
    struct Pipeline: ServedModel {
      var passes: Passes
      var batches: Double { 1 }
      var stages: Double { 4 }
      var stageSeconds: Double { 1e-3 }
      func seconds(_ pass: Workload) -> Double { passes.seconds(pass) }
      func sequences(holding tokens: Double) -> Double { 1e6 }
    }
    let pipeline = Pipeline(passes: try Self.passes(try Catalogue.model("llama-3-8b")))
    let state = SteadyState(pipeline, recipe: EngineRecipe())
    let load = Self.load(1)
    #expect(state.decodeSeconds(1, load) == pipeline.seconds(.decode(batch: 1, contextLength: 764)))
    #expect(
      abs(state.decodeSeconds(3, load) - pipeline.seconds(.decode(batch: 1, contextLength: 764)) - 8e-3)
        < 1e-9)
    #expect(
      abs(state.decodeSeconds(8, load) - pipeline.seconds(.decode(batch: 2, contextLength: 764)) - 12e-3)
        < 1e-9)
  }

  /// Inputs quantised beside the kernels before cost a launch each, in layers of 8-bit blocks; fixed scales cost none.
  @Test func quantisingCostsLaunches() throws {
    func seconds(_ format: NumberFormat, fuses: Bool, fixed: Bool = false) throws -> Double {
      var plan = PrecisionPlan(uniform: .bf16)
      (plan.weights, plan.operand, plan.staticScales) = (format, format.operand(beside: .bf16), fixed)
      let deployed = try DeployedModel(
        try Catalogue.model("llama-3-8b"), on: try Catalogue.hardware("h100-sxm"), precision: plan,
        split: Split(),
        cluster: Cluster(devices: 1, perNode: 1), links: FittedLinks())
      var recipe = EngineRecipe()
      recipe.fusesQuantizing = fuses
      return try DeployedPasses(deployed, recipe: recipe, PassParameters())
        .seconds(.decode(batch: 1, contextLength: 512))
    }
    let beside = try seconds(.fp8Block, fuses: false) - seconds(.fp8Block, fuses: true)
    #expect(abs(beside / (32 * 4 * PassParameters().kernel) - 1) < 1e-6)
    #expect(try seconds(.fp8, fuses: false, fixed: true) == seconds(.fp8, fuses: true, fixed: true))
    #expect(try seconds(.bf16, fuses: false) == seconds(.bf16, fuses: true))
  }

  /// As many decode at once as their time in decoding makes, at the time of a pass of as many.
  @Test func aLoopIsAFixedPoint() throws {
    var alone = ServingParameters()
    alone.stall = 0
    for model in Self.models {
      let passes = try Self.passes(model)
      for (clients, input, output) in [(8.0, 700.0, 129.0), (64, 8000, 65), (200, 1000, 17), (512, 64, 1025)]
      {
        let load = Self.load(clients, input: input, output: output)
        let times = SteadyState(passes, recipe: EngineRecipe(), parameters: alone).means(load)
        let token = passes.seconds(.decode(batch: max(1, times.decoding), contextLength: load.meanContext))
        #expect(abs(times.timePerToken / token - 1) < 2e-3, "\(model.name), \(clients) clients")
        let busy = load.intervals * token
        let inside = min(clients, times.capacity)
        let share = busy / (busy + passes.seconds(.prefill(batch: 1, inputLength: input)))
        #expect(abs(times.decoding / (inside * share) - 1) < 2e-3, "\(model.name), \(clients) clients")
      }
    }
  }

  /// Who finds no room waits for those inside; the server is as fast as with those alone.
  @Test func aFullCacheMakesAQueue() throws {
    var passes = try Self.passes(try Catalogue.model("llama-3-8b"))
    passes.held = 8
    let state = SteadyState(passes, recipe: EngineRecipe())
    let (inside, queued) = (state.means(Self.load(8)), state.means(Self.load(24)))
    #expect(inside.wait.admission == 0 && queued.wait.admission > 0)
    #expect(queued.capacity == 8 && queued.timePerToken == inside.timePerToken)
    #expect(abs(queued.requestsPerSecond / inside.requestsPerSecond - 1) < 0.02)
  }

  /// Open arrivals: Little's law below capacity, unstable above it.
  @Test func openArrivals() throws {
    var passes = try Self.passes(try Catalogue.model("llama-3-8b"))
    passes.held = 64
    let state = SteadyState(passes, recipe: EngineRecipe())
    let most = state.means(Self.load(64)).requestsPerSecond
    func open(_ rate: Double) -> ServingTimes {
      state.means(ServingLoad(.open(perSecond: rate), input: 700, output: 129))
    }
    var before = open(0.05 * most)
    for share in [0.2, 0.4, 0.6, 0.8] {
      let times = open(share * most)
      #expect(times.isStable)
      #expect(times.timePerToken >= before.timePerToken)
      #expect(abs(times.decoding / (share * most * 128 * times.timePerToken) - 1) < 1e-3)
      before = times
    }
    #expect(!open(2 * most).isStable)
  }
}
