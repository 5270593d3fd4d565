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
