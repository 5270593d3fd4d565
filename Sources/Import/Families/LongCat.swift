import CostModel
import Specs

/// LongCat-Flash (Meituan, arXiv:2509.01322): a layer is latent attention and a feed-forward twice over; experts, some of
/// which do nothing, run beside both from the first feed-forward's input on.
enum LongCatFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.layers = ["num_layers"]
    names.intermediate = ["ffn_hidden_size", "intermediate_size"]
    names.keyValueHeads = .unknown
    names.defaults = ["head_dim": 1]
    config.ignore(
      "num_key_value_heads", "head_dim", "num_hidden_layers", "qk_head_dim", "mla_scale_q_lora",
      "mla_scale_kv_lora", "attention_method", "zero_expert_type", "rope_interleave")
    var copy = ConfigFields.without(["head_dim"], config)
    let parts = try DecoderParts(&copy, names)
    config.adopt(copy)
    let latent = try LatentKeys.read(&config, parts, theta: 10_000_000)
    var mixture = try MixtureKeys.read(
      &config, experts: ["n_routed_experts", "num_local_experts"], topK: ["moe_topk", "num_experts_per_tok"],
      inner: ["expert_ffn_hidden_size", "moe_intermediate_size"], template: parts.dense)
    mixture.idle = try config.int("zero_expert_num", in: 0...1_000_000) ?? 0
    mixture.routerBias = true
    try config.only("router_bias", false, because: "no released LongCat has it beside the correction")
    // The first of the two feed-forwards reads what the experts read.
    mixture.shared = parts.dense
    return parts.model(
      (0..<parts.layers).flatMap { _ in
        [
          LayerKind(name: "moe", layer: parts.layer(.latent(latent), .mixture(mixture))),
          LayerKind(name: "dense", layer: parts.layer(.latent(latent))),
        ]
      })
  }
}
