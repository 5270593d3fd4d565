import ArgumentParser
import CostModel
import Deployment
import Specs

extension AttentionAlgorithm: ExpressibleByArgument {}
extension Workload.Phase: ExpressibleByArgument {}
extension AttentionConvention: ExpressibleByArgument {}
extension LatentForm: ExpressibleByArgument {}
extension ScenarioRequest.Logits: ExpressibleByArgument {}
extension ContextForm: ExpressibleByArgument {}
extension PricingRequest.Engine: ExpressibleByArgument {}

/// The words of serving tools, with the spellings that other tools use.
struct WorkloadOptions: ParsableArguments {
  @Option(
    name: [.customShort("b"), .customLong("batch-size"), .customLong("batch")],
    help: "Sequences (default: 1); of several values, as 1,8,64, each gets a column.",
    transform: Numbers.counts)
  var batchSize: [Int]?

  @Option(
    name: [.customLong("input-len"), .customLong("isl")],
    help: "Prompt tokens of each sequence: 2048, 2,048, 32k (32,000) or 32K (32,768).",
    transform: Numbers.list)
  var inputLen: [Int]?

  @Option(
    name: [.customLong("output-len"), .customLong("osl")],
    help: "Tokens to generate: without --phase, the whole request.", transform: Numbers.list)
  var outputLen: [Int]?

  @Option(
    name: [.customLong("context-len"), .customLong("ctx")],
    help: "Tokens already in the cache of each sequence.", transform: Numbers.list)
  var contextLen: [Int]?

  @Option(help: "Images in each sequence's prompt, read by the model's own tower.")
  var images: Int?

  @Option(help: "Pixels of each image, WIDTHxHEIGHT (default: 1024x1024).")
  var imageSize: String?

  @Option(help: "Seconds of sound in each sequence's prompt.")
  var audioSeconds: Double?

  @Option(help: "Tokens a decoder starts from where the prompt is its encoder's (default: 1).")
  var decoderLen: Int?

  @Flag(help: "Run the checkpoint's prediction layers too (multi-token prediction).")
  var mtp = false

  @Option(help: "naive, flash or flash-decoding.")
  var attention: AttentionAlgorithm?

  @Option(help: "last: logits for the last position of each sequence; all: for every position.")
  var logits: ScenarioRequest.Logits = .last

  @Option(help: "causal: count the pairs that the mask allows; full: unhalved, as some publications do.")
  var attentionFlops: AttentionConvention = .causal

  @Option(help: "Latent attention: naive or absorbed (default: naive in prefill, absorbed in decode).")
  var latent: LatentForm?

  @Option(help: "Load on the experts: balanced, zipf:α, or measured:FILE with a token count per expert.")
  var router: String?

  /// What a server's passes, of all kinds and sizes, take nothing from.
  var ofOnePass: [(name: String, isGiven: Bool)] {
    [
      ("--batch-size", batchSize != nil), ("--context-len", contextLen != nil), ("--images", images != nil),
      ("--image-size", imageSize != nil), ("--audio-seconds", audioSeconds != nil),
      ("--decoder-len", decoderLen != nil), ("--attention", attention != nil), ("--logits", logits != .last),
      ("--attention-flops", attentionFlops != .causal), ("--latent", latent != nil),
    ]
  }
}

/// Where a device runs.
struct PointOptions: ParsableArguments {
  @Option(help: "Clock of the cores in place of the data sheet's, such as 1.4GHz.")
  var clock: String?

  @Option(help: "Power limit, such as 300W: the clock falls with its cube root.")
  var power: String?

  @Option(help: "Share of the far memory's rate to expect, up to 1; bounds keep all of it.")
  var bandwidthEfficiency: Double?

  func request() throws(InputError) -> OperatingPoint {
    try OperatingPoint(clock: clock, power: power, bandwidthEfficiency: bandwidthEfficiency)
  }
}

struct CalibrationOptions: ParsableArguments {
  @Option(
    help:
      "In place of the shipped calibration: a file, a device of the catalogue, or none for the prior alone.")
  var calibration: String?

  @Option(help: "Software whose kernels run: vllm, trtllm or sglang (default: vllm where it was measured).")
  var framework: PricingRequest.Engine?
}

/// How a model is dealt out to devices.
struct ParallelismOptions: ParsableArguments {
  @Option(
    name: [.customLong("tensor-parallel-size"), .customLong("tp")], help: "Ranks that cut each product.")
  var tensorParallel: Int?
  @Option(
    name: [.customLong("pipeline-parallel-size"), .customLong("pp")], help: "Stages of consecutive layers.")
  var pipelineParallel: Int?
  @Option(
    name: [.customLong("expert-parallel-size"), .customLong("ep")],
    help: "Ranks of a stage that whole experts are dealt out to.")
  var expertParallel: Int?
  @Option(
    name: [.customLong("data-parallel-size"), .customLong("dp")],
    help: "Replicas; -b counts the sequences of all of them together.")
  var dataParallel: Int?
  @Option(
    name: [.customLong("context-parallel-size"), .customLong("cp")], help: "Ranks that share each sequence.")
  var contextParallel: Int?
  @Option(help: "Parts of the tensor ranks with a batch of their own for attention.")
  var attentionDp: Int?
  @Option(help: "How ranks of --cp come to each other's keys: ring, all-gather (default) or all-to-all.")
  var cpForm: ContextForm?
  @Option(help: "Share of the messages' time that is meant to pass behind computing, up to 1 (default: 0).")
  var overlap: Double?
  @Option(help: "Devices in all; alone, the best split of them is chosen.")
  var devices: Int?

  var request: SplitRequest {
    var split = SplitRequest()
    split.tensor = tensorParallel
    split.pipeline = pipelineParallel
    split.expert = expertParallel
    split.data = dataParallel
    split.context = contextParallel
    split.attentionData = attentionDp
    split.devices = devices
    (split.contextForm, split.overlap) = (cpForm, overlap)
    return split
  }
}

struct PrecisionOptions: ParsableArguments {
  @Option(help: "Number format of weights, activations and cache (bf16, fp16, fp8, int4, q4_k, …).")
  var dtype: String?

  @Option(
    name: [.customLong("quantization"), .customLong("weight-dtype")],
    help: "Number format of the weights alone.")
  var quantization: String?

  @Option(
    name: [.customLong("act-dtype"), .customLong("activation-dtype")], help: "Number format of activations.")
  var activationDtype: String?

  @Option(help: "Number format of the KV cache.")
  var kvCacheDtype: String?

  @Option(help: "Number format that attention's products run in, such as fp8.")
  var attentionDtype: String?

  /// A request for each combination of what the options list.
  func requests() throws(InputError) -> [PrecisionRequest] {
    func formats(_ names: String?) throws(InputError) -> [NumberFormat?] {
      guard let names else { return [nil] }
      var list: [NumberFormat?] = []
      for name in names.split(separator: ",", omittingEmptySubsequences: false) {
        list.append(try NumberFormat.named(String(name)))
      }
      return list
    }
    var list: [PrecisionRequest] = []
    let (all, weights) = (try formats(dtype), try formats(quantization))
    let (activations, caches) = (try formats(activationDtype), try formats(kvCacheDtype))
    let attention = try attentionDtype.map { name throws(InputError) in try NumberFormat.named(name) }
    for dtype in all {
      for weights in weights {
        for activations in activations {
          for cache in caches {
            list.append(
              PrecisionRequest(
                dtype: dtype, weights: weights, activations: activations, cache: cache, attention: attention))
          }
        }
      }
    }
    return list
  }

  func request() throws(InputError) -> PrecisionRequest {
    let all = try requests()
    guard all.count == 1 else { throw InputError(.usage, "several precisions at once; accepted: one") }
    return all[0]
  }
}

extension ScenarioRequest {
  /// What the options of a command ask for: a request for each combination of the values that they list.
  static func all(
    model: String, devices: [String], phase: Workload.Phase = .prefill, _ work: WorkloadOptions,
    _ parallelism: ParallelismOptions, _ point: PointOptions, _ precision: PrecisionOptions,
    _ calibration: CalibrationOptions
  ) throws(InputError) -> [ScenarioRequest] {
    func options(_ values: [Int]?) -> [Int?] { values.map { $0.map { $0 } } ?? [nil] }
    let (formats, batches) = (try precision.requests(), options(work.batchSize))
    let (inputs, outputs) = (options(work.inputLen), options(work.outputLen))
    let contexts = options(work.contextLen)
    let count =
      devices.count * formats.count * batches.count * inputs.count * outputs.count * contexts.count
    guard count <= 1000 else {
      throw InputError(.usage, "\(count) combinations of values; accepted: up to 1,000")
    }
    var base = ScenarioRequest(model: model, device: devices[0], phase: phase)
    (base.images, base.imageSize) = (work.images, work.imageSize)
    (base.audioSeconds, base.decoderLength) = (work.audioSeconds, work.decoderLen)
    base.predicts = work.mtp
    base.attention = work.attention
    base.latent = work.latent
    base.logits = work.logits
    base.convention = work.attentionFlops
    base.router = try work.router.map(RouterRequest.init)
    base.point = try point.request()
    base.pricing = PricingRequest(calibration: calibration.calibration, engine: calibration.framework)
    base.split = parallelism.request
    var all = [base]
    func vary<Value>(_ values: [Value], _ path: WritableKeyPath<ScenarioRequest, Value>) {
      all = all.flatMap { request in
        values.map { value in
          var copy = request
          copy[keyPath: path] = value
          return copy
        }
      }
    }
    vary(devices, \.device)
    vary(formats, \.precision)
    vary(batches.map { $0 ?? 1 }, \.batch)
    vary(inputs, \.inputLength)
    vary(outputs, \.outputLength)
    vary(contexts, \.contextLength)
    return all
  }
}
