import CostModel
import Specs

/// Towers whose blocks of patches become one token of the decoder, each with products of its own between.
extension VisionTower {
  /// Layers of the usual keys, with the class's defaults.
  mutating func layers(
    _ width: Int, inner: Int, count: Int, heads: Int, _ fallback: Activation, norm: NormSpec = .layer,
    bias: Bool = true, denseBias: Bool = true, gated: Bool = false, headDim: Int? = nil, more: Int = 0,
    adjust: (Int, inout LayerSpec) -> String = { _, _ in "decoder" }
  ) throws(InputError) -> ModelSpec {
    let dense = DenseSpec(
      intermediate: try size(["intermediate_size", "vt_intermediate_size"], or: inner), gated: gated,
      bias: denseBias, activation: try activation(fallback))
    return try body(
      width: width,
      layers: try size(["num_hidden_layers", "depth", "vt_num_hidden_layers"], or: count) + more,
      heads: try size(
        ["num_attention_heads", "num_heads", "attention_heads", "vt_num_attention_heads"], or: heads),
      dense: dense, norm: norm, bias: bias, headDim: headDim, adjust: adjust)
  }

  /// Llama 4: blocks of 2 × 2 shuffled into one row of `intermediate_size`.
  mutating func llama4() throws(InputError) -> Tower? {
    let width = try size(["hidden_size"], or: 768)
    let side = try size(["patch_size"], or: 14)
    let image = try size(["image_size"], or: 448)
    guard let patches = Self.patches(image, side) else { return nil }
    var body = try layers(width, inner: 5632, count: 34, heads: 16, .gelu)
    body.embeddingPosition = .learned(length: patches + 1)
    (body.embeddingNorm, body.finalNorm) = (.layer, .layer)
    let widths = [
      try size(["intermediate_size"], or: 5632), try size(["projector_input_dim"], or: 4096),
      try size(["projector_output_dim"], or: 4096),
    ]
    return Tower(
      input: .image(
        ImageTokens(
          resize: .tiles(side: image, most: 16), patch: side, extra: 1, fixed: max(1, patches / 4))),
      stem: [Self.patch(side, to: width, bias: false)], body: body,
      projector: [
        TowerProduct("adapter.fc1", inputs: widths[0], outputs: widths[1], merge: 4, activation: .gelu),
        TowerProduct("adapter.fc2", inputs: widths[1], outputs: widths[2], merge: 4, activation: .gelu),
        TowerProduct(
          "linear_1", inputs: try size(["vision_output_dim"], or: 7680), outputs: text, merge: 4),
      ], extras: Double(width))
  }

  /// Gemma 4: heads, norms and feed-forward as in its decoder, two tables of positions; 3 × 3 patches pooled into a token.
  mutating func gemma4() throws(InputError) -> Tower {
    let width = try size(["hidden_size"], or: 768)
    let side = try size(["patch_size"], or: 16)
    let pool = try size(["pooling_kernel_size"], or: 3)
    let stored = try size(["num_key_value_heads"], or: 12)
    let bias = try block.bool("attention_bias") ?? false
    let headDim = try size(["head_dim"], or: 64)
    let body = try layers(
      width, inner: 3072, count: 16, heads: 12, .geluTanh, norm: .rms, bias: bias, denseBias: false,
      gated: true, headDim: headDim
    ) { _, layer in
      guard case .attention(var spec) = layer.mixer else { return "decoder" }
      if spec.heads % stored == 0 { spec.keyValueHeads = stored }
      spec.queryKeyNorm = .perHead
      layer.mixer = .attention(spec)
      layer.norms = .sandwich
      return "decoder"
    }
    let positions = try size(["position_embedding_size"], or: 10_240)
    let tokens = try outer.int("vision_soft_tokens_per_image", or: 280, in: 1...Self.mostTokens)
    let across = max(1, Int(Double(tokens).squareRoot()))
    return Tower(
      input: .image(ImageTokens(resize: .square(side: across * pool * side), patch: side, merge: pool)),
      stem: [Self.patch(side, to: width, bias: false)], body: body,
      projector: [
        TowerProduct(
          "embedding_projection", inputs: width, outputs: text, merge: Double(pool * pool),
          norm: NormSpec(kind: .rms, weight: false))
      ], extras: Double(width) * Double(2 * positions))
  }

  /// MoonViT in Kimi K2.5 (arXiv:2504.07491).
  mutating func moon() throws(InputError) -> Tower {
    let width = try size(["hidden_size", "vt_hidden_size"], or: 1152)
    let side = try size(["patch_size"], or: 14)
    let merge = try size(["merge_kernel_size"], or: 2)
    var body = try layers(width, inner: 4304, count: 27, heads: 16, .geluTanh)
    body.embeddingPosition = .learned(
      length: try size(["pos_emb_height", "init_pos_emb_height"], or: 64)
        * (try size(["pos_emb_width", "init_pos_emb_width"], or: 64)))
    body.finalNorm = .layer
    return Tower(
      input: .image(
        ImageTokens(
          resize: .native(fewestPixels: side * side, mostPixels: 16_384 * side * side), patch: side,
          merge: merge)),
      stem: [Self.patch(side, to: width, bias: true)], body: body,
      projector: Self.merger(width, merge: merge, to: text, norm: .layer))
  }

  /// GLM-4.1V and 4.5V (arXiv:2507.01006): a convolution over blocks, then a gated feed-forward of the decoder's width.
  mutating func glm() throws(InputError) -> Tower? {
    let width = try size(["hidden_size"], or: 1536)
    let side = try size(["patch_size"], or: 14)
    let merge = try size(["spatial_merge_size"], or: 2)
    let out = try size(["out_hidden_size"], or: 4096)
    let inner = try size(["intermediate_size"], or: 13_696)
    guard let patches = Self.patches(try size(["image_size"], or: 336), side) else { return nil }
    let bias = try block.bool("attention_bias") ?? false
    var body = try body(
      width: width, layers: try size(["depth"], or: 24), heads: try size(["num_heads"], or: 12),
      dense: DenseSpec(intermediate: out, activation: try activation(.silu)), norm: .rms, bias: bias
    ) { _, layer in
      guard case .attention(var spec) = layer.mixer else { return "decoder" }
      spec.outputBias = false
      layer.mixer = .attention(spec)
      return "decoder"
    }
    body.embeddingPosition = .learned(length: patches)
    (body.embeddingNorm, body.finalNorm) = (.rms, .rms)
    let rows = Double(merge * merge)
    return Tower(
      input: .image(
        ImageTokens(
          resize: .native(fewestPixels: 12_544, mostPixels: 9_633_792), patch: side, merge: merge)),
      stem: [Self.patch(side, frames: try size(["temporal_patch_size"], or: 2), to: width, bias: true)],
      body: body,
      projector: [
        TowerProduct("downsample", inputs: merge * merge * width, outputs: out, bias: true, merge: rows),
        TowerProduct("merger.proj", inputs: out, outputs: out, merge: rows, activation: .gelu),
        TowerProduct(
          "merger.up_proj", inputs: out, outputs: inner, merge: rows, norm: .layer, activation: .silu,
          gated: true),
        TowerProduct("merger.down_proj", inputs: inner, outputs: out, merge: rows),
      ])
  }

  /// Llama 3.2 Vision: a second stack behind the first, tables of tiles, what five layers make beside the end's; the decoder
  /// looks at all of it.
  mutating func mllama() throws(InputError) -> Tower? {
    let width = try size(["hidden_size"], or: 1280)
    let side = try size(["patch_size"], or: 14)
    let image = try size(["image_size"], or: 448)
    let tiles = try size(["max_num_tiles"], or: 4)
    guard let patches = Self.patches(image, side) else { return nil }
    let further = try block.int("num_global_layers", or: 8, in: 0...1_000)
    var body = try layers(width, inner: 5120, count: 32, heads: 16, .gelu, bias: false, more: further)
    body.embeddingPosition = .learned(length: patches + 1)
    (body.embeddingNorm, body.finalNorm) = (.layer, .layer)
    let shapes = 1 + (try block.node(["supported_aspect_ratios"])?.array?.count ?? 8)
    let tables = shapes * tiles * (patches + 1 + 2) + 1
    // The decoder's part: eight more rows of its table, two gates in each layer that looks.
    let decoder = outer.members.first { $0.key == "text_config" }?.value
    let count = decoder?["num_hidden_layers"]?.int ?? 40
    let looks =
      decoder?["cross_attention_layers"]?.array?.count ?? MllamaFamily.crossed.count { $0 < count }
    let numbers = Double(tables) * Double(width) + Double(3 + 2 * further + 8 * text + 2 * looks)
    return Tower(
      input: .image(ImageTokens(resize: .tiles(side: image, most: tiles), patch: side, extra: 1)),
      stem: [Self.patch(side, to: width, bias: false)], body: body,
      projector: [
        TowerProduct(
          "multi_modal_projector", inputs: try size(["vision_output_dim"], or: 7680), outputs: text,
          bias: true)
      ],
      extras: numbers, isLookedAt: true)
  }
}
