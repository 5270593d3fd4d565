import CostModel

/// The kernels that `bench` and `crosscheck` run.
public enum Grid {
  /// Small enough to simulate address by address.
  public static var witnesses: [any Kernel] {
    let heads = { (length: Int, window: Int) in
      AttentionShape(length: length, heads: 2, keyValueHeads: 1, headDim: 64, window: window)
    }
    var list: [any Kernel] = [
      StreamKernel(.read, elements: 200_000), StreamKernel(.copy, elements: 200_000),
      StreamKernel(.triad, elements: 200_000), GemmKernel(m: 288, n: 288, k: 256),
      GemvKernel(n: 1024, k: 1024), GemvKernel(n: 1024, k: 1024, bf16: true),
    ]
    list += [
      RowKernel(.rmsnorm, rows: 64, width: 4096), RowKernel(.softmax, rows: 64, width: 4096),
      RowKernel(.rope, rows: 64, width: 4096, headDim: 128), RowKernel(.swiglu, rows: 64, width: 4096),
      NaiveAttention(heads(512, 0)), FlashAttention(heads(1024, 0)), FlashAttention(heads(1024, 256)),
      DecodeAttention(batch: 2, context: 1024, heads: 8, keyValueHeads: 8, headDim: 64),
      DecodeAttention(batch: 2, context: 1024, heads: 8, keyValueHeads: 2, headDim: 64),
      DecodeAttention(batch: 2, context: 1024, heads: 8, keyValueHeads: 1, headDim: 64, pageTokens: 16),
      RouterKernel(tokens: 32, hidden: 1024, experts: 8, topK: 2),
      ExpertsKernel(tokens: 48, hidden: 256, intermediate: 384, experts: 8, topK: 2),
      RowKernel(.add, rows: 64, width: 4096),
      LayerKernel(
        LayerShape(
          .decode(batch: 1, context: 1024), hidden: 512, heads: 8, keyValueHeads: 2, headDim: 64,
          intermediate: 1024)),
      LayerKernel(
        LayerShape(
          .prefill(tokens: 96), hidden: 384, heads: 6, keyValueHeads: 2, headDim: 64, intermediate: 768,
          experts: 4, topK: 2)),
    ]
    return list
  }

  /// Larger layers are left out: their weights would not stand beside each other in a common machine's memory.
  static let mostLayerBytes = 4e9

  /// A model's first attention layer at its real widths, attention's
  /// prefill cut to two of its key/value heads.
  public static func layer(_ model: ModelSpec, tokens: Int, context: Int) -> [any Kernel] {
    guard let layer = model.kinds.first?.layer, case .attention(let attention) = layer.mixer else {
      return []
    }
    let hidden = model.hidden
    let (heads, kv, dim) = (attention.heads, attention.keyValueHeads, attention.headDim)
    // Two key/value heads with their groups: heads do not touch each other's data.
    let some = min(kv, 2)
    let shape = AttentionShape(length: context, heads: heads / kv * some, keyValueHeads: some, headDim: dim)
    var list: [any Kernel] = [
      RowKernel(.rmsnorm, rows: tokens, width: hidden),
      GemmKernel(m: tokens, n: (heads + 2 * kv) * dim, k: hidden),
      RowKernel(.rope, rows: tokens, width: (heads + kv) * dim, headDim: dim),
      NaiveAttention(shape), FlashAttention(shape),
      DecodeAttention(batch: 1, context: context, heads: heads, keyValueHeads: kv, headDim: dim),
      DecodeAttention(
        batch: 1, context: context, heads: heads, keyValueHeads: kv, headDim: dim, pageTokens: 16),
      GemvKernel(n: hidden, k: hidden),
    ]
    if case .dense(let dense) = layer.feedForward {
      list.append(RowKernel(.swiglu, rows: tokens, width: dense.intermediate))
      list.append(GemmKernel(m: tokens, n: hidden, k: dense.intermediate))
      list.append(GemvKernel(n: dense.intermediate, k: hidden, bf16: true))
    }
    let phases: [LayerShape.Phase] = [.prefill(tokens: tokens), .decode(batch: 1, context: context)]
    list += phases.compactMap { LayerShape(model, $0) }.filter { $0.weightBytes <= mostLayerBytes }
      .map(LayerKernel.init)
    return list
  }
}
