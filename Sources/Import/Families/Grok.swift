import CostModel
import Specs

/// Grok-1 (xAI, 2024): eight experts, norms before and after, tied embeddings.
enum GrokFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.tied = true
    names.defaultActivation = .gelu
    var parts = try DecoderParts(&config, names)
    parts.placement = .sandwich
    parts.attention.logitSoftcap = try config.number("max_attn_value", in: 0...1e9) != nil
    config.ignore("attn_output_multiplier", "embedding_multiplier_scale", "output_multiplier_scale")
    try parts.rotary(&config)
    let mixture = try MixtureKeys.read(
      &config, experts: ["num_experts", "num_local_experts"], inner: [], template: parts.dense)
    return parts.model(.mixture(mixture))
  }
}
