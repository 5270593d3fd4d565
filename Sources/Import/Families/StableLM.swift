import CostModel
import Specs

/// StableLM: LayerNorm with bias, a quarter of each head rotates.
enum StableLMFamily {
  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.readsHeadDim = false
    var parts = try DecoderParts(&config, names)
    parts.layerNorm()
    parts.bias(queryKeyValue: try config.bool("use_qkv_bias", or: false), output: false)
    try config.only("qk_layernorm", false, because: "its norms per head without bias cannot be expressed")
    if try config.bool("use_parallel_residual", or: false) {
      parts.parallel = true
      parts.placement = .shared
    }
    try parts.rotary(&config, partial: 0.25)
    return parts.model()
  }
}
