/// How far back the output at one position can depend on the input, layer by layer.
///
/// A window of W lets a layer look W − 1 tokens further than the layer below: after L such layers
/// L·(W − 1) + 1 tokens (Mistral 7B, arXiv:2310.06825 §2, which rounds to L·W). A layer that sees everything
/// ends the count; chunks never let anything cross their start.
public enum ReceptiveField {
  /// Tokens reached after each layer, the own one included; infinite from the first layer that sees all.
  public static func byDepth(_ model: ModelSpec) -> [Double] {
    var reach = 1.0
    return model.pattern.map { index in
      switch model.kinds[index].layer.mixer.traits.reach {
      case .full, .bidirectional, .windows: reach = .infinity
      case .around(let side): reach += Double(side)
      case .sliding(let window): reach += Double(window) - 1
      // At most from the chunk's start; with full layers between the chunks' walls are crossed there.
      case .chunked(let size): reach = max(reach, Double(size))
      case nil: break
      }
      return reach
    }
  }

  /// First depth (from 1) whose reach covers `context`, nil when none does.
  public static func depth(covering context: Double, in model: ModelSpec) -> Int? {
    byDepth(model).firstIndex { $0 >= context }.map { $0 + 1 }
  }
}
