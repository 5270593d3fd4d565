import CostModel
import Specs

/// MiniMax M2 (2025): 256 experts chosen by sigmoid with a correction bias, norms over all heads of q and k.
enum MiniMaxFamily {
  static func two(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.defaults = ["head_dim": 128]
    var parts = try DecoderParts(&config, names)
    if let kind = try config.word("qk_norm_type", ["per_layer"]) { _ = kind }
    try config.only("use_qk_norm", true, because: "every released M2 has norms on q and k")
    parts.attention.queryKeyNorm = .full
    let rotated = try config.int("rotary_dim", in: 1...parts.attention.headDim)
    var share = 1.0
    if let rotated { share = try RotaryKeys.share(&config, rotated: rotated, of: parts.attention.headDim) }
    try parts.rotary(
      &config, theta: 5_000_000,
      partial: share)
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_local_experts"], inner: [], template: parts.dense)
    try config.only("use_routing_bias", true, because: "every released M2 has a correction bias")
    mixture.routerBias = true
    if let shared = try config.int("shared_intermediate_size", in: 0...1_000_000_000), shared > 0 {
      throw InputError(
        .data, at: config.location, "“shared_intermediate_size” \(shared): no released M2 has a shared expert"
      )
    }
    config.ignore("mtp_transformer_layers", "num_mtp_modules", "use_mtp", "attn_type_list")
    if let kinds = try config.ints("attn_type_list", in: 0...1), kinds.contains(0) {
      throw InputError(
        .data, at: config.location, "“attn_type_list” names lightning attention, which cannot be expressed")
    }
    return parts.model(.mixture(mixture))
  }
}
