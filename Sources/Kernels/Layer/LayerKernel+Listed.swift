extension LayerKernel: ListedKernel {
  public static let forms = [false, true].flatMap { experts in
    [false, true].map { decode in form(decode: decode, experts: experts) }
  }

  private static func form(decode: Bool, experts: Bool) -> KernelForm<LayerKernel> {
    let blank = LayerKernel(
      LayerShape(
        decode ? .decode(batch: 1, context: 1) : .prefill(tokens: 1), hidden: 1, heads: 1, keyValueHeads: 1,
        headDim: 2, intermediate: 1, experts: experts ? 2 : 1))
    let work: [Dimension<LayerKernel>] =
      decode
      ? [
        Dimension("batch", \.layer.tokens, 1, 1...65_536, columns: .m, .batch),
        Dimension("context", \.layer.context, label: "ctx=", columns: .keys),
      ] : [Dimension("tokens", \.layer.tokens, columns: .m, .queries, .keys)]
    let mixture: [Dimension<LayerKernel>] = [
      Dimension("top_k", \.layer.topK, 2, 1...4096, label: "experts="),
      Dimension("experts", \.layer.experts, nil, 2...4096, label: "/"),
    ]
    return KernelForm(
      blank, measured: blank.name.replacing("-", with: "_"), same: [decode ? .queries : .batch: 1],
      work + [
        Dimension("hidden", \.layer.hidden, columns: .k),
        Dimension("heads", \.layer.heads, 1, 1...65_536, columns: .heads),
        Dimension("kv_heads", \.layer.keyValueHeads, 1, 1...65_536, label: "/", columns: .keyValueHeads),
        Dimension("head_dim", \.layer.headDim, nil, 2...4096, label: "dim=", columns: .headDim),
      ] + (experts ? mixture : []) + [
        Dimension("intermediate", \.layer.intermediate, label: "inner=", columns: .n)
      ])
  }

  public var elements: Double {
    let rows = Double(6 * layer.hidden + 6 * layer.heads * layer.headDim + 4 * layer.intermediate)
    let cache = 2 * Double(layer.keyValueHeads * layer.headDim) * Double(max(1, layer.context))
    return layer.weightBytes / 4 + Double(layer.tokens) * (rows + cache)
  }

  public var refusal: String? {
    if layer.headDim % 2 != 0 { return "head_dim has to be even" }
    if layer.topK > layer.experts { return "top_k has to be at most experts" }
    return AttentionShape.refusal(heads: layer.heads, keyValueHeads: layer.keyValueHeads)
  }

  public static var witnesses: [LayerKernel] {
    [
      LayerShape(
        .decode(batch: 1, context: 1024), hidden: 512, heads: 8, keyValueHeads: 2, headDim: 64,
        intermediate: 1024),
      LayerShape(
        .prefill(tokens: 96), hidden: 384, heads: 6, keyValueHeads: 2, headDim: 64, intermediate: 768,
        experts: 4, topK: 2),
    ].map(LayerKernel.init)
  }

  public static let draws: [ShapeDraw] = [
    { random in
      let keyValueHeads = random.size(4)
      let experts = random.pick([1, 1, random.size(8)])
      let phases: [LayerShape.Phase] = [
        .prefill(tokens: random.size(100)), .decode(batch: random.size(4), context: random.size(1000)),
      ]
      return LayerKernel(
        LayerShape(
          random.pick(phases), hidden: random.size(500), heads: keyValueHeads * random.size(4),
          keyValueHeads: keyValueHeads, headDim: random.pick([32, 64, 80, 2 * random.size(32)]),
          intermediate: random.size(1000), experts: experts, topK: 1 + random.below(experts)))
    }
  ]

  /// Larger layers are left out: their weights would not stand beside each other in a common machine's memory.
  static let mostWeightBytes = 4e9

  public static func parts(of layer: BenchedLayer) -> [LayerKernel] {
    layer.whole.filter { $0.weightBytes <= mostWeightBytes }.map(LayerKernel.init)
  }

  public static var calibrating: [LayerKernel] {
    let widths = [(2048, 16, 4, 5632), (2560, 20, 4, 6912), (3072, 24, 8, 8192)]
    let lengths = [(64, 1024), (192, 3072), (320, 6144)]
    return zip(widths, lengths).flatMap { widths, lengths in
      let phases: [LayerShape.Phase] = [
        .prefill(tokens: lengths.0), .decode(batch: 1, context: lengths.1),
      ]
      return phases.map {
        LayerKernel(
          LayerShape(
            $0, hidden: widths.0, heads: widths.1, keyValueHeads: widths.2, headDim: 128,
            intermediate: widths.3))
      }
    }
  }
}
