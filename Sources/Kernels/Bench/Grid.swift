import CostModel

/// The kernels that `bench` and `crosscheck` run.
public enum Grid {
  /// Small enough to simulate address by address.
  public static var witnesses: [any Kernel] { KernelList.all.flatMap { $0.witnesses as [any Kernel] } }

  /// Shapes to calibrate with, none of which is judged.
  public static var calibration: [any Kernel] { KernelList.all.flatMap { $0.calibrating as [any Kernel] } }

  /// Those of the classes that `calibrate` fits, enough of each.
  public static var runs: [any Kernel] { calibration.filter { $0.call != nil && !($0 is NaiveAttention) } }

  /// A model's first layer at its real widths, and the bare streams of memory; nothing where it has no attention.
  public static func layer(_ model: ModelSpec, tokens: Int, context: Int) -> [any Kernel] {
    guard let layer = BenchedLayer(model, tokens: tokens, context: context) else { return [] }
    return KernelList.all.flatMap { $0.parts(of: layer) as [any Kernel] }
  }
}

/// A model's first layer, of which kernels take their parts.
public struct BenchedLayer: Sendable {
  /// Rows of the products.
  var tokens: Int
  /// Keys that attention spans.
  var context: Int
  var hidden, heads, keyValueHeads, headDim: Int
  /// Of a dense feed-forward.
  var intermediate: Int?
  /// The whole of it, prefill and decode, where it is made of the parts that kernels exist for.
  var whole: [LayerShape]

  init?(_ model: ModelSpec, tokens: Int, context: Int) {
    guard let layer = model.kinds.first?.layer, case .attention(let attention) = layer.mixer else {
      return nil
    }
    (self.tokens, self.context, hidden) = (tokens, context, model.hidden)
    (heads, keyValueHeads, headDim) = (attention.heads, attention.keyValueHeads, attention.headDim)
    if case .dense(let dense) = layer.feedForward { intermediate = dense.intermediate }
    let phases: [LayerShape.Phase] = [.prefill(tokens: tokens), .decode(batch: 1, context: context)]
    whole = phases.compactMap { LayerShape(model, $0) }
  }

  /// Attention over a prompt, cut to two key/value heads with their groups: heads do not touch each other's data.
  var attention: AttentionShape {
    let some = min(keyValueHeads, 2)
    return AttentionShape(
      length: context, heads: heads / keyValueHeads * some, keyValueHeads: some, headDim: headDim)
  }
}
