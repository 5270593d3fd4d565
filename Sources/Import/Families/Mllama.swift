import CostModel
import Specs

/// Llama 3.2 Vision (Meta, 2024): Llama 3 with layers between that look at an image in place of the text.
enum MllamaFamily {
  /// Where they stand unless the file says so.
  static let crossed = [3, 8, 13, 18, 23, 28, 33, 38]

  static func read(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    var names = DecoderParts.Names()
    names.readsHeadDim = false
    var parts = try DecoderParts(&config, names)
    try parts.rotary(&config, theta: 500_000)
    let looks = Set(try config.ints("cross_attention_layers", in: 0...10_000) ?? crossed)
    var attention = parts.attention
    attention.crosses = true
    attention.span = .bidirectional
    attention.position = .none
    attention.queryKeyNorm = .perHead
    return parts.model(
      (0..<parts.layers).map {
        looks.contains($0)
          ? LayerKind(name: "cross", layer: parts.layer(.attention(attention)))
          : LayerKind(name: "self", layer: parts.layer())
      })
  }
}
