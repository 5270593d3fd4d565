import CostModel
import Specs

/// Kimi Linear (arXiv:2510.26692): three layers of Kimi Delta Attention to one of latent attention without positions.
enum KimiFamily {
  static func linear(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    // Kimi K3.
    for (key, mechanism) in [
      ("attn_res_block_size", "attention over the layers' own residuals (attention residuals)"),
      ("routed_expert_hidden_size", "experts in a latent space with a norm"),
    ] where config.has(key) {
      throw InputError(.data, at: config.location, "“\(key)”: \(mechanism) cannot be expressed")
    }
    var names = DecoderParts.Names()
    names.keyValueHeads = .unknown
    names.defaults = ["head_dim": 1]
    config.ignore("num_key_value_heads", "head_dim")
    try config.only("attention_bias", false, because: "no released model of this family has biases")
    var copy = ConfigFields.without(["head_dim"], config)
    let parts = try DecoderParts(&copy, names)
    config.adopt(copy)
    let limit = 1...1_000_000
    var latent = LatentSpec(
      heads: parts.attention.heads, queryRank: try config.int("q_lora_rank", in: limit),
      cacheRank: try config.requiredInt("kv_lora_rank", in: limit),
      nopeDim: try config.requiredInt("qk_nope_head_dim", in: limit),
      rotaryDim: try config.requiredInt("qk_rope_head_dim", in: limit),
      valueDim: try config.requiredInt("v_head_dim", in: limit))
    let rotary = try RotaryKeys.read(&config, maxPositions: parts.maxPositions)
    latent.rotary = try config.bool("mla_use_nope", or: true) ? nil : rotary
    var (delta, attends): (DeltaSpec, [Bool])
    if var block = try config.fields("linear_attn_config") {
      let width = try block.requiredInt("head_dim", in: limit)
      let heads = try block.requiredInt("num_heads", in: limit)
      delta = DeltaSpec(
        keyHeads: heads, valueHeads: heads, keyDim: width, valueDim: width,
        kernel: try block.int("short_conv_kernel_size", or: 4, in: 1...1_000), channelRank: width)
      // Counted from 1.
      let full = Set(try block.ints("full_attn_layers", in: 1...1_000_000) ?? [])
      block.ignore("kda_layers")
      attends = (1...parts.layers).map(full.contains)
      try block.finish()
      config.absorb(block)
    } else {
      let width = try config.requiredInt("linear_head_dim", in: limit)
      let heads = try config.requiredInt("linear_num_heads", in: limit)
      delta = DeltaSpec(
        keyHeads: heads, valueHeads: heads, keyDim: width, valueDim: width,
        kernel: try config.int("linear_conv_kernel_dim", or: 4, in: 1...1_000), channelRank: width)
      guard
        let types = try config.words(
          "layer_types", count: parts.layers, ["linear_attention", "full_attention"])
      else {
        throw config.missing("linear_attn_config", accepted: "which layers attend, and the others' heads")
      }
      attends = types.map { $0 == "full_attention" }
    }
    var mixture = try MixtureKeys.read(
      &config, experts: ["num_experts", "num_local_experts", "n_routed_experts"],
      topK: ["num_experts_per_token", "num_experts_per_tok"], inner: ["moe_intermediate_size"],
      template: parts.dense)
    let shared = try config.int("num_shared_experts", "n_shared_experts", in: 0...1_000) ?? 1
    if shared > 0 {
      mixture.shared = mixture.expert
      mixture.shared?.intermediate *= shared
    }
    mixture.routerBias = true
    config.ignore(
      "num_expert_group", "n_group", "topk_group", "moe_layer_freq", "moe_renormalize", "use_grouped_topk")
    config.ignore("moe_router_activation_func")
    let dense = try config.int("first_k_dense_replace", or: 1, in: 0...1_000_000)
    let sparse =
      try config.words("mlp_layer_types", count: parts.layers, ["dense", "sparse"])?.map { $0 == "sparse" }
      ?? (0..<parts.layers).map { $0 >= dense }
    return parts.model(
      zip(attends, sparse).map { sees, routed in
        LayerKind(
          name: (sees ? "latent" : "delta") + (routed ? "_moe" : "_dense"),
          layer: parts.layer(sees ? .latent(latent) : .delta(delta), routed ? .mixture(mixture) : nil))
      })
  }
}
