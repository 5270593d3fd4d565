import CostModel
import Specs

/// DBRX (Databricks, 2024): fine-grained experts, LayerNorm without bias.
enum DBRXFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.hidden = ["d_model"]
    names.layers = ["n_layers"]
    names.heads = ["n_heads"]
    names.intermediate = []
    names.positions = ["max_seq_len"]
    names.keyValueHeads = .unknown
    names.readsHeadDim = false
    var parts = try DecoderParts(&config, names)
    parts.layerNorm(bias: false)
    guard var attention = try config.fields("attn_config") else {
      throw config.missing("attn_config", accepted: "a block with kv_n_heads and rope_theta")
    }
    parts.attention.keyValueHeads = try attention.requiredInt("kv_n_heads", in: 1...parts.attention.heads)
    guard parts.attention.heads % parts.attention.keyValueHeads == 0 else {
      throw InputError(
        .data, at: attention.location,
        "\(parts.attention.heads) heads do not divide into \(parts.attention.keyValueHeads)")
    }
    parts.attention.position = .rotary(
      RotarySpec(theta: try attention.number("rope_theta", in: 1...1e12) ?? 10_000))
    attention.ignore("clip_qkv")
    try attention.finish()
    config.absorb(attention)
    config.ignore("rope_theta", "rope_parameters")

    guard var block = try config.fields("ffn_config") else {
      throw config.missing("ffn_config", accepted: "a block with moe_num_experts and its neighbours")
    }
    let mixture = try MixtureKeys.read(
      &block, experts: ["moe_num_experts"], topK: ["moe_top_k"], inner: ["ffn_hidden_size"],
      template: parts.dense)
    var expert = mixture.expert
    if var activation = try block.fields("ffn_act_fn") {
      expert.activation = try DecoderParts.activation(&activation, ["name"], or: .silu)
      try activation.finish()
    }
    let width = try block.int("hidden_size") ?? parts.hidden
    guard width == parts.hidden else {
      throw InputError(
        .data, at: block.location, "“ffn_config.hidden_size” \(width) is not d_model \(parts.hidden)")
    }
    block.ignore("uniform_expert_assignment", "moe_normalize_expert_weights", "moe_jitter_eps")
    try block.finish()
    config.absorb(block)
    var experts = mixture
    experts.expert = expert
    return parts.model(.mixture(experts))
  }
}
