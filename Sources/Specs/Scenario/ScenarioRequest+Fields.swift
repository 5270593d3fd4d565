import CostModel
import Deployment

extension ScenarioRequest {
  /// Reads what stands in a mapping whose keys are the options of `analyze` without their dashes.
  ///
  /// - Throws: `InputError` with file, line and column.
  package init(model: String, device: String, _ fields: inout YAMLFields) throws(InputError) {
    self.init(model: model, device: device)
    let lengths = 1...1_000_000_000
    phase = try fields.choice("phase", Workload.Phase.self) ?? .prefill
    batch = try fields.int("batch-size", "batch", in: lengths) ?? 1
    inputLength = try fields.int("input-len", "isl", in: lengths)
    outputLength = try fields.int("output-len", "osl", in: lengths)
    contextLength = try fields.int("context-len", "ctx", in: 0...lengths.upperBound)
    predicts = try fields.bool("mtp") ?? false
    images = try fields.int("images", in: 0...1_000_000)
    imageSize = try fields.string("image-size")
    audioSeconds = try fields.number("audio-seconds", in: 0...1e6)
    decoderLength = try fields.int("decoder-len", in: 1...1_000_000_000)
    attention = try fields.choice("attention", AttentionAlgorithm.self)
    latent = try fields.choice("latent", LatentForm.self)
    logits = try fields.choice("logits", Logits.self) ?? .last
    convention = try fields.choice("attention-flops", AttentionConvention.self) ?? .causal
    precision = PrecisionRequest(
      dtype: try fields.numberFormat("dtype"),
      weights: try fields.numberFormat("quantization", "weight-dtype"),
      activations: try fields.numberFormat("act-dtype", "activation-dtype"),
      cache: try fields.numberFormat("kv-cache-dtype"))
    point = try OperatingPoint(
      clock: try fields.string("clock"), power: try fields.string("power"),
      bandwidthEfficiency: try fields.number("bandwidth-efficiency", in: 0.01...1))
    if let text = try fields.string("router") { router = try RouterRequest(text) }
    pricing = PricingRequest(
      calibration: try fields.string("calibration"),
      engine: try fields.choice("framework", PricingRequest.Engine.self))
    let ranks = 1...1_000_000
    split.tensor = try fields.int("tensor-parallel-size", "tp", in: ranks)
    split.pipeline = try fields.int("pipeline-parallel-size", "pp", in: ranks)
    split.expert = try fields.int("expert-parallel-size", "ep", in: ranks)
    split.data = try fields.int("data-parallel-size", "dp", in: ranks)
    split.context = try fields.int("context-parallel-size", "cp", in: ranks)
    split.attentionData = try fields.int("attention-dp", in: ranks)
    split.devices = try fields.int("devices", in: ranks)
    split.contextForm = try fields.choice("cp-form", ContextForm.self)
    split.overlap = try fields.number("overlap", in: 0...1)
  }
}

extension Block {
  /// The options of `analyze` without their dashes, as plans have them.
  package static let workload = Block(
    "workloads", "What is asked of every model on every device: options of `analyze` without their dashes.",
    [
      Key("name", "Part of the file names.", else: "its number"),
      Key("phase", "A prompt, or one step of generation.", else: "prefill"),
      Key("batch-size", also: ["batch"], "Sequences.", else: "1"),
      Key("input-len", also: ["isl"], "Prompt tokens of each.", else: "2,048, or the model's limit"),
      Key("output-len", also: ["osl"], "Tokens to generate.", else: "none"),
      Key("context-len", also: ["ctx"], "Tokens in the cache of each.", else: "2,048, or the model's limit"),
      Key("mtp", "Prediction layers run too.", else: "false"),
      Key("images", "Images in each prompt.", else: "none"),
      Key("image-size", "Pixels of each, WIDTHxHEIGHT.", else: "1024x1024"),
      Key("audio-seconds", "Seconds of sound in each prompt.", else: "none"),
      Key("decoder-len", "Tokens that a decoder behind a text encoder starts from.", else: "1"),
      Key("attention", "How attention is computed.", else: "as engines do"),
      Key("latent", "How latent attention is computed.", else: "naive in prefill, absorbed in decode"),
      Key("logits", "Of the last position, or of all.", else: "last"),
      Key("attention-flops", "Pairs that the mask allows, or unhalved.", else: "causal"),
      Key("dtype", "Format of weights, activations and cache.", else: "the checkpoint's"),
      Key("quantization", also: ["weight-dtype"], "Format of the weights alone.", else: "`dtype`"),
      Key("act-dtype", also: ["activation-dtype"], "Format of the activations alone.", else: "`dtype`"),
      Key("kv-cache-dtype", "Format of the cache alone.", else: "`dtype`"),
      Key("clock", "Clock of the cores.", else: "the profile's"),
      Key("power", "Power limit.", else: "the profile's"),
      Key("bandwidth-efficiency", "Share of the far memory's rate to expect.", else: "as measured"),
      Key("router", "Load on the experts: balanced, zipf:α, measured:FILE.", else: "balanced"),
      Key("calibration", "A calibration's file or device, or none.", else: "the shipped one"),
      Key("framework", "Whose kernels run.", else: "vllm where it was measured"),
      Key("tensor-parallel-size", also: ["tp"], "Ranks that cut each product.", else: "1"),
      Key("pipeline-parallel-size", also: ["pp"], "Stages of consecutive layers.", else: "1"),
      Key("expert-parallel-size", also: ["ep"], "Ranks of a stage that experts are dealt out to.", else: "1"),
      Key("data-parallel-size", also: ["dp"], "Replicas.", else: "1, or what the others leave"),
      Key("context-parallel-size", also: ["cp"], "Ranks that share each sequence.", else: "1"),
      Key("attention-dp", "Parts of the tensor ranks with batches of their own.", else: "1"),
      Key("devices", "Devices in all.", else: "as the split takes"),
      Key("cp-form", "How context parallelism shares a sequence.", else: "as engines do"),
      Key("overlap", "Share of the messages hidden behind computing.", else: "0"),
    ])
}
