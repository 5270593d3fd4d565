import CostModel
import Specs

/// Latent attention's usual keys (DeepSeek V2, arXiv:2405.04434 §2.1).
enum LatentKeys {
  static func read(
    _ config: inout ConfigFields, _ parts: DecoderParts, theta: Double = 10_000
  ) throws(InputError) -> LatentSpec {
    let limit = 1...1_000_000
    var rotary = try RotaryKeys.read(&config, theta: theta, maxPositions: parts.maxPositions)
    // The share is of other layers' heads: here a part of the head is there to be rotated.
    rotary.partialFactor = 1
    return LatentSpec(
      heads: parts.attention.heads, queryRank: try config.int("q_lora_rank", in: limit),
      cacheRank: try config.requiredInt("kv_lora_rank", in: limit),
      nopeDim: try config.requiredInt("qk_nope_head_dim", in: limit),
      rotaryDim: try config.requiredInt("qk_rope_head_dim", in: limit),
      valueDim: try config.requiredInt("v_head_dim", in: limit), rotary: rotary,
      bias: try config.bool("attention_bias", or: false))
  }
}
