import CostModel
import Specs

/// Towers that read images, by what their block calls itself and by the composite they stand in.
///
/// What is read gives sizes; keys that nobody asks for are passed over, since a tower that can't be made out is left out
/// by name and not priced.
struct VisionTower {
  var block: ConfigFields
  /// Width of the decoder that takes the tokens in.
  let text: Int
  /// The whole file's keys.
  var outer: ConfigFields

  /// - Returns: nil where the block's or the composite's form isn't known.
  static func read(
    _ block: ConfigFields, of whole: String, text: Int, outer: ConfigFields
  ) throws(InputError) -> Tower? {
    var tower = VisionTower(block: block, text: text, outer: outer)
    let type = block.members.first { $0.key == "model_type" }?.value.string ?? ""
    switch whole {
    case "qwen2_vl": return try tower.qwen2()
    case "qwen2_5_vl", "qwen2_5_omni", "qwen2_5_omni_thinker": return try tower.qwen25()
    case "qwen3_vl", "qwen3_vl_moe", "qwen3_5", "qwen3_5_moe", "qwen3_omni_moe", "qwen3_omni_moe_thinker":
      return try tower.qwen3(deep: whole.hasPrefix("qwen3_5") ? [] : [8, 16, 24])
    case "llama4": return try tower.llama4()
    case "gemma4": return try tower.gemma4()
    case "kimi_k25": return try tower.moon()
    case "glm4v", "glm4v_moe", "glm46v": return try tower.glm()
    case "mllama": return try tower.mllama()
    case "internvl_chat", "internvl": return try tower.internViT(library: whole == "internvl")
    case "mistral3": return type == "pixtral" || type == "" ? try tower.pixtral(of: whole) : nil
    default:
      guard let usual = usual[whole] else { return nil }
      let form = type.isEmpty ? usual : type
      if form == "pixtral" { return try tower.pixtral(of: whole) }
      return forms.contains(form) ? try tower.clip(of: whole, form) : nil
    }
  }

  /// CLIP's form and its descendants'.
  private static let forms: Set<String> = [
    "clip_vision_model", "siglip_vision_model", "siglip2_vision_model", "idefics3_vision", "smolvlm_vision",
  ]
  /// The form that stands in a composite whose block does not say.
  private static let usual = [
    "llava": "clip_vision_model", "vipllava": "clip_vision_model", "llava_next": "clip_vision_model",
    "llava_next_video": "clip_vision_model", "llava_onevision": "siglip_vision_model",
    "gemma3": "siglip_vision_model", "paligemma": "siglip_vision_model", "aya_vision": "siglip_vision_model",
    "cohere2_vision": "siglip_vision_model", "lfm2_vl": "siglip2_vision_model",
    "idefics3": "idefics3_vision", "smolvlm": "smolvlm_vision",
  ]

  /// Patches of a square image; nil where there are none, or more than specs have.
  static func patches(_ image: Int, _ side: Int) -> Int? {
    let across = image / side
    return across > 0 && across <= mostTokens && across * across <= mostTokens ? across * across : nil
  }

  /// Layers seeing both ways, `heads` heads of width ÷ heads.
  func body(
    width: Int, layers: Int, heads: Int, dense: DenseSpec, norm: NormSpec, bias: Bool, headDim: Int? = nil,
    adjust: (Int, inout LayerSpec) -> String = { _, _ in "decoder" }
  ) throws(InputError) -> ModelSpec {
    guard headDim != nil || width % heads == 0, layers <= 10_000 else {
      throw InputError(
        .data, at: block.location,
        "a width of \(width) does not divide into \(heads) heads, or \(layers) layers are too many")
    }
    let attention = AttentionSpec(
      heads: heads, keyValueHeads: heads, headDim: headDim ?? width / heads, span: .bidirectional,
      position: .none,
      bias: bias)
    var kinds: [LayerKind] = []
    var pattern: [Int] = []
    for index in 0..<layers {
      var layer = LayerSpec(mixer: .attention(attention), feedForward: .dense(dense), norm: norm)
      let name = adjust(index, &layer)
      let kind = LayerKind(name: name, layer: layer)
      if let known = kinds.firstIndex(of: kind) {
        pattern.append(known)
      } else {
        pattern.append(kinds.count)
        kinds.append(kind)
      }
    }
    return ModelSpec(
      name: "vision", hidden: width, vocabulary: 1, kinds: kinds, pattern: pattern, tiedEmbeddings: true,
      finalNorm: nil)
  }

  mutating func size(_ names: [String], or fallback: Int? = nil) throws(InputError) -> Int {
    if let node = try block.node(names) {
      // Some sizes stand as a pair of equal ones.
      let value = node.int ?? node.array?.first?.int
      guard let value, (1...1_000_000).contains(value) else {
        throw block.wrong(node, names[0], accepted: "a whole number from 1 to 1000000")
      }
      return value
    }
    guard let fallback else { throw block.missing(names[0], accepted: "a whole number") }
    return block.defaulted(names, fallback)
  }

  mutating func activation(_ fallback: Activation) throws(InputError) -> Activation {
    try DecoderParts.activation(&block, ["hidden_act", "hidden_activation"], or: fallback)
  }

  /// Pixels of a patch, two frames of it.
  static func patch(_ side: Int, frames: Int = 1, to width: Int, bias: Bool) -> TowerProduct {
    TowerProduct("patch_embed", inputs: 3 * frames * side * side, outputs: width, bias: bias)
  }

  /// Blocks of merged patches through a product of their own width, then to the decoder's.
  static func merger(
    _ width: Int, merge: Int, to text: Int, norm: NormSpec, after: Bool = false, name: String = "merger"
  ) -> [TowerProduct] {
    let wide = merge * merge * width
    return [
      TowerProduct(
        "\(name).fc1", inputs: wide, outputs: wide, bias: true, merge: Double(merge * merge), norm: norm,
        normWidth: after ? wide : width, activation: .gelu),
      TowerProduct("\(name).fc2", inputs: wide, outputs: text, bias: true, merge: Double(merge * merge)),
    ]
  }

  /// Qwen2-VL (arXiv:2409.12191): the text's width stands under `hidden_size`.
  private mutating func qwen2() throws(InputError) -> Tower {
    let width = try size(["embed_dim"], or: 1280)
    let ratio = try size(["mlp_ratio"], or: 4)
    let merge = try size(["spatial_merge_size"], or: 2)
    let side = try size(["patch_size", "spatial_patch_size"], or: 14)
    let dense = DenseSpec(
      intermediate: ratio * width, gated: false, bias: true, activation: try activation(.quickGelu))
    return Tower(
      input: .image(
        ImageTokens(resize: .native(fewestPixels: 3136, mostPixels: 12_845_056), patch: side, merge: merge)),
      stem: [Self.patch(side, frames: try size(["temporal_patch_size"], or: 2), to: width, bias: false)],
      body: try body(
        width: width, layers: try size(["depth"], or: 32), heads: try size(["num_heads"], or: 16),
        dense: dense,
        norm: .layer, bias: true),
      projector: Self.merger(width, merge: merge, to: try size(["hidden_size"], or: 3584), norm: .layer))
  }

  /// Qwen2.5-VL (arXiv:2502.13923): windows of patches in most layers.
  private mutating func qwen25() throws(InputError) -> Tower {
    let width = try size(["hidden_size"], or: 3584)
    let merge = try size(["spatial_merge_size"], or: 2)
    let side = try size(["patch_size", "spatial_patch_size"], or: 14)
    let window = try size(["window_size"], or: 112) / side
    let out = try size(["out_hidden_size"], or: 3584)
    let full = Set(try block.ints("fullatt_block_indexes", in: 0...10_000) ?? [7, 15, 23, 31])
    let dense = DenseSpec(
      intermediate: try size(["intermediate_size"], or: 3420), gated: true, bias: true,
      activation: try activation(.silu))
    return Tower(
      input: .image(
        ImageTokens(resize: .native(fewestPixels: 3136, mostPixels: 12_845_056), patch: side, merge: merge)),
      stem: [Self.patch(side, frames: try size(["temporal_patch_size"], or: 2), to: width, bias: false)],
      body: try body(
        width: width, layers: try size(["depth"], or: 32), heads: try size(["num_heads"], or: 16),
        dense: dense,
        norm: .rms, bias: true
      ) { index, layer in
        guard !full.contains(index), case .attention(var spec) = layer.mixer else { return "full" }
        spec.span = .windows(side: max(1, window))
        layer.mixer = .attention(spec)
        return "window"
      }, projector: Self.merger(width, merge: merge, to: out, norm: .rms))
  }

  /// Qwen3-VL (arXiv:2511.21631): a table of positions, and mergers of what a few layers make (DeepStack).
  private mutating func qwen3(deep: [Int]) throws(InputError) -> Tower {
    let width = try size(["hidden_size"], or: 1152)
    let merge = try size(["spatial_merge_size"], or: 2)
    let side = try size(["patch_size"], or: 16)
    let out = try size(["out_hidden_size"], or: 3584)
    let deep = try block.ints("deepstack_visual_indexes", in: 0...10_000) ?? deep
    let dense = DenseSpec(
      intermediate: try size(["intermediate_size"], or: 4304), gated: false, bias: true,
      activation: try activation(.geluTanh))
    var body = try body(
      width: width, layers: try size(["depth"], or: 27), heads: try size(["num_heads"], or: 16), dense: dense,
      norm: .layer, bias: true)
    body.embeddingPosition = .learned(length: try size(["num_position_embeddings"], or: 2304))
    return Tower(
      input: .image(
        ImageTokens(resize: .native(fewestPixels: 65_536, mostPixels: 16_777_216), patch: side, merge: merge)),
      stem: [Self.patch(side, frames: try size(["temporal_patch_size"], or: 2), to: width, bias: true)],
      body: body,
      projector: Self.merger(width, merge: merge, to: out, norm: .layer)
        + deep.indices.flatMap {
          Self.merger(width, merge: merge, to: out, norm: .layer, after: true, name: "deepstack\($0)")
        })
  }

  /// Of an image, as specs have it.
  static let mostTokens = 1_000_000

  /// CLIP (arXiv:2103.00020) and SigLIP (arXiv:2303.15343), and what LLaVA, PaliGemma and Gemma 3 put behind them.
  private mutating func clip(of whole: String, _ form: String) throws(InputError) -> Tower? {
    let (sigmoid, later) = (form != "clip_vision_model", form.hasSuffix("_vision"))
    let width = try size(["hidden_size"], or: later ? 1152 : 768)
    let side = try size(["patch_size"], or: sigmoid && !later ? 16 : 32)
    let image = try size(["image_size"], or: form.hasPrefix("siglip2") ? 256 : 224)
    var body = try layers(
      width, inner: 3072, count: 12, heads: later ? 16 : 12, sigmoid ? .geluTanh : .quickGelu)
    guard
      let patches = form.hasPrefix("siglip2")
        ? try size(["num_patches"], or: 256) : Self.patches(image, side)
    else { return nil }
    body.embeddingPosition = .learned(length: patches + (sigmoid ? 0 : 1))
    body.embeddingNorm = sigmoid ? nil : .layer
    body.finalNorm = .layer
    var tokens = ImageTokens(
      resize: .square(side: image), patch: side, extra: sigmoid ? 0 : 1, fixed: patches)
    var extras = sigmoid ? 0 : Double(width)
    if form.hasPrefix("siglip"), try block.bool("vision_use_head") ?? true {
      // A pooling layer that image models do without, and yet have: its query, attention, norm and feed-forward.
      let (w, inner) = (Double(width), Double(try size(["intermediate_size"], or: 3072)))
      extras += w + 4 * w * (w + 1) + 2 * w + 2 * w * inner + w + inner
    }
    var projector: [TowerProduct]
    switch whole {
    case "gemma3":
      let fixed = try outer.int("mm_tokens_per_image", or: 256, in: 1...Self.mostTokens)
      tokens.fixed = fixed
      projector = [
        TowerProduct(
          "mm_input_projection", inputs: width, outputs: text, merge: Double(patches) / Double(fixed),
          norm: .rms)
      ]
    case "paligemma": projector = [TowerProduct("linear", inputs: width, outputs: text, bias: true)]
    case "idefics3", "smolvlm":
      let factor = try outer.int("scale_factor", or: 2, in: 1...100)
      tokens = tiles(image, side, patches: patches, merge: factor, most: 16)
      projector = [merged("modality_projection", width, factor, to: text)]
    case "aya_vision", "cohere2_vision":
      let factor = try outer.int("downsample_factor", or: 2, in: 1...100)
      let inner = max(
        1, try outer.int("alignment_intermediate_size", or: whole == "aya_vision" ? text : 36_864) / 2)
      tokens = tiles(image, side, patches: patches, merge: factor, most: 12)
      var first = merged("linear_1", width, factor, to: inner)
      (first.bias, first.gated, first.activation) = (true, true, .silu)
      first.norm = whole == "aya_vision" ? .layer : nil
      projector = [
        first, TowerProduct("linear_2", inputs: inner, outputs: text, bias: true, merge: first.merge),
      ]
    case "lfm2_vl":
      let factor = try outer.int("downsample_factor", or: 2, in: 1...100)
      let inner = try outer.int("projector_hidden_size", or: 2560)
      tokens = tiles(512, side, patches: (512 / side) * (512 / side), merge: factor, most: 10)
      var first = merged("linear_1", width, factor, to: inner)
      first.bias = try outer.bool("projector_bias") ?? true
      first.activation = .gelu
      first.norm = try outer.bool("projector_use_layernorm") ?? true ? .layer : nil
      projector = [
        first, TowerProduct("linear_2", inputs: inner, outputs: text, bias: first.bias, merge: first.merge),
      ]
    default:
      let listed = ["vision_feature_layer", "vision_feature_layers"]
      let taken = try outer.node(listed)?.array?.count ?? (whole == "vipllava" ? 5 : 1)
      projector = twoLayers(
        width, taken: max(1, taken), bias: try outer.bool("multimodal_projector_bias") ?? true)
      if whole == "vipllava" { projector[0].norm = .layer }
      if whole.hasPrefix("llava_") {
        // A row's end, and tiles.
        extras += Double(text)
        tokens.resize = .tiles(side: image, most: whole == "llava_onevision" ? 9 : 4)
      }
    }
    return Tower(
      input: .image(tokens), stem: [Self.patch(side, to: width, bias: sigmoid)], body: body,
      projector: projector, extras: extras)
  }

  /// Squares of an image, blocks of whose patches become one token.
  private func tiles(_ image: Int, _ side: Int, patches: Int, merge: Int, most: Int) -> ImageTokens {
    ImageTokens(
      resize: .tiles(side: image, most: most), patch: side, fixed: max(1, patches / (merge * merge)))
  }

  /// A block of patches through one product.
  private func merged(_ name: String, _ width: Int, _ factor: Int, to outputs: Int) -> TowerProduct {
    TowerProduct(name, inputs: width * factor * factor, outputs: outputs, merge: Double(factor * factor))
  }

  private func twoLayers(_ width: Int, taken: Int = 1, bias: Bool = true) -> [TowerProduct] {
    [
      TowerProduct("linear_1", inputs: width * taken, outputs: text, bias: bias, activation: .gelu),
      TowerProduct("linear_2", inputs: text, outputs: text, bias: bias),
    ]
  }

  /// Pixtral (arXiv:2410.07073), in Mistral 3 with blocks of patches merged.
  private mutating func pixtral(of whole: String) throws(InputError) -> Tower {
    let width = try size(["hidden_size"], or: 1024)
    let side = try size(["patch_size"], or: 16)
    let image = try size(["image_size"], or: 1024)
    let heads = try size(["num_attention_heads"], or: 16)
    let dense = DenseSpec(
      intermediate: try size(["intermediate_size"], or: 4096), activation: try activation(.gelu))
    var body = try body(
      width: width, layers: try size(["num_hidden_layers"], or: 24), heads: heads, dense: dense, norm: .rms,
      bias: false)
    body.embeddingNorm = .rms
    let merges = whole == "mistral3"
    let merge = merges ? try outer.int("spatial_merge_size", or: 2, in: 1...64) : 1
    let bias = try outer.bool("multimodal_projector_bias") ?? !merges
    var projector = twoLayers(width, bias: bias)
    if merges {
      let block = Double(merge * merge)
      projector = projector.map {
        var product = $0
        product.merge = block
        return product
      }
      projector.insert(
        TowerProduct(
          "merging_layer", inputs: merge * merge * width, outputs: width, merge: block, norm: .rms,
          normWidth: width),
        at: 0)
    }
    return Tower(
      input: .image(ImageTokens(resize: .longest(side: image), patch: side, merge: merge, perRow: 1)),
      stem: [Self.patch(side, to: width, bias: false)], body: body, projector: projector)
  }

  /// InternViT (arXiv:2312.14238) in InternVL: tiles of 448 pixels, four patches a token.
  private mutating func internViT(library: Bool) throws(InputError) -> Tower? {
    guard library || block.has("hidden_size") && block.has("num_hidden_layers") else { return nil }
    let width = try size(["hidden_size"], or: 1024)
    let side = try size(["patch_size"], or: 14)
    let image = try size(["image_size"], or: 448)
    let norm = try block.string("norm_type") == "rms_norm" ? NormSpec.rms : .layer
    let bias = try block.bool("qkv_bias", "attention_bias") ?? false
    let normed = try block.bool("qk_normalization", "use_qk_norm") ?? false
    var body = try layers(width, inner: 4096, count: 24, heads: 16, .gelu, norm: norm, bias: bias) {
      _, layer in
      guard case .attention(var spec) = layer.mixer else { return "decoder" }
      spec.outputBias = true
      spec.queryKeyNorm = normed ? .full : .none
      layer.mixer = .attention(spec)
      return "decoder"
    }
    guard let patches = Self.patches(image, side), patches > 1 else { return nil }
    if try block.bool("use_absolute_position_embeddings") ?? true {
      body.embeddingPosition = .learned(length: patches + 1)
    }
    if try block.bool("use_mean_pooling") == false { body.finalNorm = norm }
    // A class token, a masked patch's, and the scales of both halves of each layer.
    let rows = 1 + 2 * body.pattern.count + (try block.bool("use_mask_token") ?? false ? 1 : 0)
    return Tower(
      input: .image(
        ImageTokens(
          resize: .tiles(side: image, most: try outer.int("max_dynamic_patch", in: 1...64) ?? 12),
          patch: side, extra: 1, fixed: patches / 4)),
      stem: [Self.patch(side, to: width, bias: true)], body: body,
      projector: [
        TowerProduct(
          "mlp1.1", inputs: 4 * width, outputs: text, bias: true, merge: 4, norm: .layer, activation: .gelu),
        TowerProduct("mlp1.3", inputs: text, outputs: text, bias: true, merge: 4),
      ], extras: Double(rows) * Double(width))
  }
}
