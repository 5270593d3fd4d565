import CostModel

/// A tower in the list `towers`: a model's keys, what it reads, and the products around its layers.
extension Tower {
  static func read(_ block: inout YAMLFields) throws(InputError) -> Tower {
    let input: Input
    switch try block.word("reads", ["image", "audio", "text"]) {
    case "image": input = .image(try ImageTokens.read(&block))
    case "audio":
      input = .audio(
        AudioTokens(
          perSecond: try block.int("tokens_per_second", in: 1...1_000_000) ?? 50,
          piece: try block.int("piece_seconds", in: 0...1_000_000) ?? 30,
          merge: try block.int("merge", in: 1...1_000_000) ?? 1))
    case "text": input = .text
    default: throw block.missing("reads", accepted: "image, audio or text")
    }
    let stem = try TowerProduct.read(&block, "stem")
    let projector = try TowerProduct.read(&block, "projector")
    let extras = try block.int("extras", in: 0...1_000_000_000_000) ?? 0
    let isLookedAt = try block.bool("looked_at") ?? false
    let body = try ModelReader.body(&block)
    guard body.layerEmbedding == nil, body.alternating == nil else {
      throw InputError(
        .data, at: block.location,
        "a tower has neither embeddings of each layer's own nor alternating updates")
    }
    return Tower(
      input: input, stem: stem, body: body, projector: projector,
      extras: Double(extras),
      isLookedAt: isLookedAt)
  }

  func write(into out: inout YAMLText) {
    switch input {
    case .image(let tokens):
      out.raw("reads", "image")
      tokens.write(into: &out)
    case .audio(let tokens):
      out.raw("reads", "audio")
      out.put("tokens_per_second", tokens.perSecond)
      out.put("piece_seconds", tokens.piece)
      out.put("merge", tokens.merge)
    case .text: out.raw("reads", "text")
    }
    if !stem.isEmpty { out.blocks("stem", stem) { $0.write(into: &$1) } }
    if !projector.isEmpty { out.blocks("projector", projector) { $0.write(into: &$1) } }
    if extras > 0 { out.put("extras", extras) }
    if isLookedAt { out.put("looked_at", true) }
    ModelWriter.write(body, into: &out)
  }
}

extension TowerProduct {
  static func read(_ block: inout YAMLFields, _ key: String) throws(InputError) -> [TowerProduct] {
    var products: [TowerProduct] = []
    for var fields in try block.blocks(key, .towerProduct) ?? [] {
      var product = TowerProduct(
        try fields.label("name") ?? "product", inputs: try fields.requiredInt("inputs"),
        outputs: try fields.requiredInt("outputs"), bias: try fields.bool("bias") ?? false,
        merge: try fields.number("merge", in: 0.001...1e9) ?? 1, norm: try NormReader.read(&fields, "norm"),
        activation: try fields.choice("activation", Activation.self), gated: try fields.bool("gated") ?? false
      )
      product.normWidth = try fields.int("norm_width") ?? product.inputs
      try fields.finish()
      products.append(product)
    }
    return products
  }

  func write(into out: inout YAMLText) {
    out.put("name", text: name)
    out.put("inputs", inputs)
    out.put("outputs", outputs)
    if bias { out.put("bias", true) }
    if merge != 1 { out.put("merge", merge) }
    if let norm { out.raw("norm", NormReader.name(of: norm)) }
    if normWidth != inputs { out.put("norm_width", normWidth) }
    if let activation { out.raw("activation", activation.rawValue) }
    if gated { out.put("gated", true) }
  }
}

extension ImageTokens {
  static func read(_ block: inout YAMLFields) throws(InputError) -> ImageTokens {
    let side = try block.int("image_size", in: 1...1_000_000)
    let needed = block.missing("image_size", accepted: "pixels")
    let resize: Resize
    switch try block.word("resize", ["square", "native", "longest", "tiles"]) ?? "square" {
    case "native":
      resize = .native(
        fewestPixels: try block.requiredInt("min_pixels"), mostPixels: try block.requiredInt("max_pixels"))
    case "longest":
      guard let side else { throw needed }
      resize = .longest(side: side)
    case "tiles":
      guard let side else { throw needed }
      resize = .tiles(side: side, most: try block.int("max_tiles", in: 1...64) ?? 12)
    default:
      guard let side else { throw needed }
      resize = .square(side: side)
    }
    return ImageTokens(
      resize: resize, patch: try block.requiredInt("patch_size", in: 1...10_000),
      merge: try block.int("spatial_merge_size", in: 1...1_000) ?? 1,
      extra: try block.int("extra_tokens", in: 0...1_000) ?? 0,
      fixed: try block.int("tokens_per_image", in: 1...1_000_000),
      perRow: try block.int("tokens_per_row", in: 0...1_000) ?? 0)
  }

  func write(into out: inout YAMLText) {
    switch resize {
    case .square(let side):
      out.raw("resize", "square")
      out.put("image_size", side)
    case .native(let fewest, let most):
      out.raw("resize", "native")
      out.put("min_pixels", fewest)
      out.put("max_pixels", most)
    case .longest(let side):
      out.raw("resize", "longest")
      out.put("image_size", side)
    case .tiles(let side, let most):
      out.raw("resize", "tiles")
      out.put("image_size", side)
      out.put("max_tiles", most)
    }
    out.put("patch_size", patch)
    if merge != 1 { out.put("spatial_merge_size", merge) }
    if extra != 0 { out.put("extra_tokens", extra) }
    if let fixed { out.put("tokens_per_image", fixed) }
    if perRow != 0 { out.put("tokens_per_row", perRow) }
  }
}

extension Block {
  static let tower = Block(
    "towers",
    "An encoder that runs before the decoder: what it reads, and the keys of a model (name, sizes, layers).",
    [
      Key("reads", "Pixels, sound, or the prompt's text.", else: nil),
      Key("stem", "Products that make tokens of the input.", else: "none"),
      Key("projector", "Products that bring its tokens to the decoder.", else: "none"),
      Key("extras", "Trained numbers that stand in no product.", else: "0"),
      Key("looked_at", "The decoder looks at its tokens (`crosses`) instead of reading them.", else: "false"),
      Key("resize", "`image`: how a picture is brought to size.", else: "square"),
      Key("image_size", "`image`: pixels of a side; all but `native` need it.", else: "`native` has none"),
      Key("min_pixels", "`native`: fewest pixels of a picture.", else: "the others have none"),
      Key("max_pixels", "`native`: most pixels of a picture.", else: "the others have none"),
      Key("max_tiles", "`tiles`: most squares that a picture is cut into.", else: "12"),
      Key("patch_size", "`image`, needed: pixels of a patch's side.", else: "sound and text have none"),
      Key("spatial_merge_size", "`image`: patches a side that become one token.", else: "1"),
      Key("extra_tokens", "`image`: tokens beside the patches, such as a class token.", else: "0"),
      Key(
        "tokens_per_image", "`image`: tokens of one pass, where a pooling fixes them.", else: "by the patches"
      ),
      Key("tokens_per_row", "`image`: tokens behind each row of blocks.", else: "0"),
      Key("tokens_per_second", "`audio`: tokens a second of sound.", else: "50"),
      Key("piece_seconds", "`audio`: seconds that sound is padded to; 0: not at all.", else: "30"),
      Key("merge", "`audio`: tokens that become one of the prompt.", else: "1"),
    ] + model.keys.filter { $0.names != ["base"] })

  static let towerProduct = Block(
    "product", "A product of a tower's stem or projector, with what stands around it.",
    [
      Key("name", "For reports.", else: "product"), Key("inputs", "Elements of a row.", else: nil),
      Key("outputs", "Elements of a result's row.", else: nil), Key("bias", "It adds a bias.", else: "false"),
      Key("merge", "The tower's tokens that one row is made of.", else: "1"),
      Key("norm", "A norm before it.", else: "none"),
      Key("norm_width", "Elements that the norm runs over.", else: "`inputs`"),
      Key("activation", "Behind it.", else: "none"),
      Key("gated", "A second product gates it.", else: "false"),
    ])
}
