import ArgumentParser
import CostModel
import Specs

extension AttentionAlgorithm: ExpressibleByArgument {}
extension Workload.Phase: ExpressibleByArgument {}
extension AttentionConvention: ExpressibleByArgument {}
extension LatentForm: ExpressibleByArgument {}
extension ScenarioRequest.Logits: ExpressibleByArgument {}
extension PricingRequest.Engine: ExpressibleByArgument {}

/// The words of serving tools, with the spellings that other tools use.
struct WorkloadOptions: ParsableArguments {
  @Option(name: [.customShort("b"), .customLong("batch-size"), .customLong("batch")], help: "Sequences.")
  var batchSize: Int = 1

  @Option(name: [.customLong("input-len"), .customLong("isl")], help: "Prompt tokens of each sequence.")
  var inputLen: Int?

  @Option(name: [.customLong("output-len"), .customLong("osl")], help: "Tokens to generate.")
  var outputLen: Int?

  @Option(
    name: [.customLong("context-len"), .customLong("ctx")],
    help: "Tokens already in the cache of each sequence.")
  var contextLen: Int?

  @Option(help: "naive, flash or flash-decoding.")
  var attention: AttentionAlgorithm?

  @Option(help: "last: logits for the last position of each sequence; all: for every position.")
  var logits: ScenarioRequest.Logits = .last

  @Option(help: "causal: count the pairs that the mask allows; full: unhalved, as some publications do.")
  var attentionFlops: AttentionConvention = .causal

  @Option(help: "Latent attention: naive or absorbed (default: naive in prefill, absorbed in decode).")
  var latent: LatentForm?

  @Option(help: "Load on the experts: balanced, zipf:α, or measured:FILE with a token count per expert.")
  var router: String = "balanced"

  @OptionGroup var parallelism: ParallelismOptions
}

struct CalibrationOptions: ParsableArguments {
  @Option(help: "A calibration: a file, or a device of the catalogue. Times get an 80 % interval.")
  var calibration: String?

  @Option(help: "Software whose kernels run: vllm, trtllm or sglang; takes the shipped calibration.")
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

  func request() throws(InputError) -> PrecisionRequest {
    func format(_ name: String?) throws(InputError) -> NumberFormat? {
      if let name { try NumberFormat.named(name) } else { nil }
    }
    return PrecisionRequest(
      dtype: try format(dtype), weights: try format(quantization), activations: try format(activationDtype),
      cache: try format(kvCacheDtype))
  }
}

extension ScenarioRequest {
  /// What the options of a command ask for.
  init(
    model: String, device: String, phase: Workload.Phase = .prefill, _ work: WorkloadOptions,
    _ precision: PrecisionOptions, _ calibration: CalibrationOptions
  ) throws(InputError) {
    self.init(
      model: model, device: device, phase: phase, batch: work.batchSize, inputLength: work.inputLen,
      outputLength: work.outputLen, contextLength: work.contextLen)
    attention = work.attention
    latent = work.latent
    logits = work.logits
    convention = work.attentionFlops
    router = try RouterRequest(work.router)
    self.precision = try precision.request()
    pricing = PricingRequest(calibration: calibration.calibration, engine: calibration.framework)
    split = work.parallelism.request
  }
}
