import CostModel
import Deployment
import Specs

/// A measured server, made ready to be predicted by any fit.
struct MeasuredServer: Sendable {
  let id: String
  let engine: String
  let model: String
  let device: String
  /// What rows of one kind share: engine and generation, weights, lengths.
  let kinds: [String]
  let load: ServingLoad
  let measured: Means
  /// Speculation that no column tells, or another reason why it says nothing of an engine.
  let leftOut: String?
  /// All that its row says of the server and its load.
  let stated: [String: String]
  /// Where a row leaves open how its ranks share attention, each way; the engine took the one with more throughput.
  private let deployed: [DeployedModel]
  private let recipe: EngineRecipe
  private let isCold: Bool

  /// What a fit expects; nil where the device cannot compute.
  func predicted(by fit: ServingFit) -> ServingTimes? {
    let (pass, queue) = fit.parameters(of: engine, isCold: isCold)
    return deployed.compactMap { deployed in
      (try? DeployedPasses(deployed, recipe: recipe, pass)).map {
        SteadyState($0, recipe: recipe, server: deployed.server, parameters: queue).means(load)
      }
    }.max { $0.requestsPerSecond < $1.requestsPerSecond }
  }
}

extension MeasuredServer {
  /// What is measured of a server; nil where it is not.
  struct Means: Sendable {
    /// Seconds.
    let timeToFirstToken, timePerToken: Double?
    /// Tokens of answers of all devices.
    let outputPerSecond: Double?

    init(_ row: DeploymentTable.Row) {
      timeToFirstToken = row.number("silicon_ttft_ms").map { $0 / 1e3 }
      timePerToken = row.number("silicon_tpot_ms").map { $0 / 1e3 }
      outputPerSecond = row.number("output_tokens_per_s")
    }

    init(_ times: ServingTimes, _ load: ServingLoad) {
      timeToFirstToken = times.timeToFirstToken
      timePerToken = times.timePerToken
      outputPerSecond = times.requestsPerSecond * load.output
    }
  }

  /// An engine on a generation of devices: Blackwell's behave alike.
  static func kind(_ engine: String, on profile: HardwareProfile) -> String {
    let isBlackwell = profile.vendor == "nvidia" && profile.peak(.fp4) != nil
    return "\(engine) on \(isBlackwell ? "Blackwell" : profile.name)"
  }

  /// One row of a table of closed loops: random prompts whose lengths are uniform on [0.8 L, L], ten for each client.
  init(closedLoop row: DeploymentTable.Row, _ known: inout KnownModels) throws(Unpredicted) {
    id = row.id
    stated = row.said
    engine = row.text("backend").lowercased()
    let precision = row.text("precision").lowercased()
    let (gemm, moe) = (row.text("gemm_quant_mode"), row.text("moe_quant_mode"))
    let version = row.text("backend_version")
    let spec = try known.model(row.text("model_path"))
    let profile = try known.device(row.text("system"))
    (model, device) = (spec.name, profile.name)
    // Nothing quantised and no precision named: a laboratory's runs of stated lengths, with a client more than slots.
    let isLaboratory = precision.isEmpty
    let mean = isLaboratory ? 1 : 0.9
    let clients = try row.required("concurrency")
    load = ServingLoad(
      .closed(concurrency: clients), input: mean * (try row.required("isl")),
      output: mean * (try row.required("osl")),
      rounds: 10)
    let split = try Self.split(row)
    let plan = Self.plan(
      spec, gemm: gemm, moe: moe,
      cacheIsNarrow: !isLaboratory && (profile.peak(.fp4) != nil || engine == "trtllm"))
    deployed = [try known.deployed(spec, profile, plan, split)]
    var recipe = try known.recipe(engine, polling: !isLaboratory)
    if isLaboratory { recipe.slots = max(1, clients - 1) }
    self.recipe = recipe
    isCold = !isLaboratory && Self.isCold(engine, version)
    measured = Means(row)
    kinds = [
      Self.kind(engine, on: profile), "weights \(gemm)/\(moe)",
      "\(row.text("isl"))/\(row.text("osl"))",
    ]
    leftOut = Self.unlike(spec.name, engine, version, precision, split)
  }

  /// Requests that wait where all come at once.
  static let waiting = 1e5

  /// One row of a table of servers that were given all requests at once, each of the stated length.
  init(offline row: DeploymentTable.Row, _ known: inout KnownModels) throws(Unpredicted) {
    id = row.id
    stated = row.said
    guard row.text("mode").hasPrefix("offline") else {
      throw Unpredicted(
        "“\(row.text("mode"))”: only servers that are given all requests at once are predicted")
    }
    engine = row.text("framework").lowercased()
    var spec = try known.model(row.text("model"))
    let isRecent = engine != "trtllm" || !Self.precedes(row.text("version"), [1, 0])
    // Before 1.0 it attends to everything unless its `max_attention_window` is given.
    if !isRecent { spec = spec.withoutWindows }
    let profile = try known.device(row.text("hardware"))
    (model, device) = (spec.name, profile.name)
    load = ServingLoad(
      .closed(concurrency: Self.waiting), input: try row.required("input_len"),
      output: try row.required("output_len")
    )
    var split = Split()
    let data = try Self.width(row, "attention_dp") ?? 1
    guard let tensor = try Self.width(row, "tp") else { throw Unpredicted("“tp” is not stated") }
    split.tensor = tensor
    split.pipeline = try Self.width(row, "pp") ?? 1
    split.data = data
    split.expert = spec.mixtures.isEmpty ? 1 : try Self.width(row, "ep") ?? 1
    if spec.mixtures.isEmpty, data > 1 {
      throw Unpredicted("attention over \(data) batches of a model without experts")
    }
    let precision = row.text("precision").lowercased()
    let plan = Self.plan(
      spec, gemm: precision, moe: precision, cacheIsNarrow: row.text("kv_dtype").lowercased() == "fp8")
    var deployed = [try known.deployed(spec, profile, plan, split)]
    // From its release 1.0 on TensorRT-LLM's tables deal out attention where that is faster, and do not say where.
    if !spec.mixtures.isEmpty, tensor > 1, row.text("attention_dp").isEmpty, engine == "trtllm", isRecent {
      (split.tensor, split.data, split.expert) = (1, tensor, tensor)
      if let dealt = try? known.deployed(spec, profile, plan, split) { deployed.append(dealt) }
    }
    self.deployed = deployed
    recipe = try known.recipe(engine, polling: false)
    isCold = false
    measured = Means(row)
    kinds = [
      Self.kind(engine, on: profile),
      "weights \(precision)/\(precision)",
    ]
    leftOut = nil
  }

  /// Ranks that a column states; nil where it is empty.
  private static func width(_ row: DeploymentTable.Row, _ column: String) throws(Unpredicted) -> Int? {
    guard let number = row.number(column) else { return nil }
    guard let width = Int(exactly: number), (1...65_536).contains(width) else {
      throw Unpredicted("“\(column)” is “\(row.text(column))”; accepted: 1 to 65,536")
    }
    return width
  }

  /// Widths as they were launched: some rows name all ranks twice.
  private static func split(_ row: DeploymentTable.Row) throws(Unpredicted) -> Split {
    func width(_ column: String) throws(Unpredicted) -> Int { try Self.width(row, column) ?? 1 }
    let (tensor, data) = (try width("tp_size"), try width("attention_dp_size"))
    let (expertTensor, expert) = (try width("moe_tp_size"), try width("moe_ep_size"))
    guard try width("pp_size") == 1 else {
      throw Unpredicted("pipeline stages of a server are not predicted")
    }
    var split = Split()
    switch (tensor, data) {
    case (1, 2...):
      // Attention over 64 and experts over 8 × 8 are eight ranks.
      split.data = expertTensor == expert && data == expert * expertTensor ? expert : data
      split.expert = split.data
    case (2..., 2...) where expert == tensor * data:
      (split.tensor, split.expert) = (tensor, tensor)
    case (_, 2...):
      (split.tensor, split.data, split.expert) = (tensor, data, expert)
    default:
      (split.tensor, split.expert) = (tensor, min(expert, tensor))
    }
    return split
  }

  /// Formats by what rows call them; 4-bit layouts of mixtures leave all but experts in 16 bits.
  private static func plan(_ model: ModelSpec, gemm: String, moe: String, cacheIsNarrow: Bool)
    -> PrecisionPlan
  {
    func format(_ name: String) -> NumberFormat? {
      switch name {
      case "fp8", "fp8_static": .fp8
      case "fp8_block": .fp8Block
      case "nvfp4", "fp4": .nvfp4
      case "mxfp4", "w4a16_mxfp4": .mxfp4
      case "int4_wo", "w4a16": .int4(group: 32, zeroPoint: false)
      case "int8_wo", "int8": .int8
      default: nil
      }
    }
    var plan = PrecisionPlan(uniform: .bf16)
    let isMixture = model.parameters.active < model.parameters.total
    if let experts = format(moe.isEmpty ? gemm : moe) { plan.experts = experts }
    // Checkpoints that are in 4-bit floats stay so where wider ones are asked for.
    if model.expertFormat == .mxfp4, plan.experts.bytesPerElement > 0.6 { plan.experts = .mxfp4 }
    if let weights = format(gemm), !(isMixture && weights.bytesPerElement < 1) { plan.weights = weights }
    // A checkpoint's layout of scales is one; rows that say 8 bits leave it open.
    if plan.weights == .fp8, model.checkpointFormat == .fp8Block || plan.experts == .fp8Block {
      (plan.weights, plan.experts) = (.fp8Block, plan.experts == .fp8 ? .fp8Block : plan.experts)
    }
    for format in [plan.weights, plan.experts] where format != .bf16 {
      plan.operand = format.operand(beside: .bf16)
    }
    // Blocks have scales of their own, which only their values tell.
    plan.staticScales = ![plan.weights, plan.experts].contains { [.fp8Block, .nvfp4, .mxfp4].contains($0) }
    if cacheIsNarrow { plan.kvCache = .fp8 }
    return plan
  }

  /// Releases that compile in the first requests that they serve.
  private static func isCold(_ engine: String, _ version: String) -> Bool {
    switch engine {
    case "vllm": precedes(version, [0, 18])
    case "sglang": precedes(version, [0, 5, 10])
    case "trtllm": precedes(version, [1, 2])
    default: false
    }
  }

  private static func precedes(_ version: String, _ other: [Int]) -> Bool {
    version.split { $0 == "." || $0 == "-" }.compactMap { Int($0) }.lexicographicallyPrecedes(other)
  }

  /// Rows whose times tell of what no column says.
  private static func unlike(
    _ model: String, _ engine: String, _ version: String, _ precision: String, _ split: Split
  ) -> String? {
    let isDeepSeek = model.hasPrefix("deepseek") && engine == "trtllm"
    if isDeepSeek, version.hasPrefix("1.3.0rc") {
      return
        "a release candidate whose time per token is the same from 40 to 224 clients, three times its siblings'"
    }
    let drafts =
      (isDeepSeek && (version == "1.2.0rc6.post3" || version == "1.1.0rc2.post2"))
      || (model.hasPrefix("qwen3.5") && engine == "sglang" && version == "0.5.9" && precision == "fp8"
        && split.tensor == 4 && split.expert == 1)
    return drafts ? "speculative decoding that no column states: faster than its siblings by a third" : nil
  }
}

/// What rows name, looked up and dealt out once.
struct KnownModels {
  private var models: [String: ModelSpec] = [:]
  private var devices: [String: HardwareProfile] = [:]
  private var deployments: [Key: DeployedModel] = [:]
  private var recipes: [String: EngineRecipe] = [:]

  private struct Key: Hashable {
    var model: ModelSpec
    var device: String
    var plan: PrecisionPlan
    var split: Split
  }

  mutating func model(_ name: String) throws(Unpredicted) -> ModelSpec {
    if let known = models[name] { return known }
    do throws(InputError) {
      let model = try Catalogue.model(name)
      models[name] = model
      return model
    } catch { throw Unpredicted(error.message) }
  }

  mutating func device(_ name: String) throws(Unpredicted) -> HardwareProfile {
    if let known = devices[name] { return known }
    do throws(InputError) {
      let device = try Catalogue.hardware(name)
      devices[name] = device
      return device
    } catch { throw Unpredicted(error.message) }
  }

  /// - Parameter polling: as public benchmarks launch it.
  mutating func recipe(_ engine: String, polling: Bool) throws(Unpredicted) -> EngineRecipe {
    let name =
      switch (engine, polling) {
      case ("sglang", true): "sglang-polling"
      case ("trtllm", true): "trtllm-batching"
      default: engine
      }
    if let known = recipes[name] { return known }
    do throws(InputError) {
      let recipe = try Catalogue.recipe(name)
      recipes[name] = recipe
      return recipe
    } catch { throw Unpredicted(error.message) }
  }

  mutating func deployed(
    _ model: ModelSpec, _ profile: HardwareProfile, _ plan: PrecisionPlan, _ split: Split
  ) throws(Unpredicted) -> DeployedModel {
    let key = Key(model: model, device: profile.name, plan: plan, split: split)
    if let known = deployments[key] { return known }
    do throws(SplitError) { try split.check(for: model) } catch {
      throw Unpredicted("\(error.asked): \(error.reason)")
    }
    let links = (try? Catalogue.links()) ?? FittedLinks()
    do throws(EvaluationError) {
      let deployed = try DeployedModel(
        model, on: profile, precision: plan, split: split,
        cluster: Cluster(devices: split.devices, of: profile), links: links)
      deployments[key] = deployed
      return deployed
    } catch { throw Unpredicted(InputError(error, profile).message) }
  }
}

extension DeployedModel {
  /// What a recipe's waits go by.
  var server: EngineRecipe.Server {
    EngineRecipe.Server(
      attentionData: split.batches > 1, latent: model.keepsLatents, picks: model.picksKeys,
      ranks: Double(split.tensor))
  }
}

extension ModelSpec {
  /// The cache holds latents instead of heads.
  fileprivate var keepsLatents: Bool {
    kinds.contains { if case .latent = $0.layer.mixer { true } else { false } }
  }

  /// Every layer attends to all that stands before.
  fileprivate var withoutWindows: ModelSpec {
    var model = self
    for index in kinds.indices {
      guard case .attention(var spec) = kinds[index].layer.mixer, case .sliding = spec.span else { continue }
      spec.span = .full
      model.kinds[index].layer.mixer = .attention(spec)
    }
    return model
  }

  /// An index chooses the keys that attention reads.
  fileprivate var picksKeys: Bool {
    kinds.contains { if case .latent(let spec) = $0.layer.mixer { spec.indexer != nil } else { false } }
  }
}
