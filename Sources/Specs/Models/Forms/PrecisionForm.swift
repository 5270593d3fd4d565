import CostModel

/// What a spec says of its checkpoint's precision beside `dtype` and `expert_dtype`: `precision` (rules by
/// component or tensor name), `activation_dtype`, `activation_scales`, `kv_cache_dtype`, `unread_bytes`.
enum PrecisionForm {
  static let mostRules = 10_000

  static func read(_ top: inout YAMLFields, into model: inout ModelSpec) throws(InputError) {
    model.operandFormat = try top.numberFormat("activation_dtype")
    model.staticScales = try top.word("activation_scales", ["static", "dynamic"]) == "static"
    model.cacheFormat = try top.numberFormat("kv_cache_dtype")
    model.unreadBytes = try top.number("unread_bytes", in: 0...9e15) ?? 0
    guard var blocks = try top.blocks("precision", .precisionRule) else { return }
    guard blocks.count <= mostRules else {
      throw InputError(.data, at: top.location, "more than \(mostRules) “precision” rules")
    }
    for index in blocks.indices { model.precision.append(try rule(&blocks[index], layers: model.layerCount)) }
    if let stray = model.firstRuleWithoutTensors {
      throw InputError(
        .data, at: blocks[stray].location,
        "“\(blocks[stray].path)” fits no tensor of the model; names are as in \(model.someTensorNames)")
    }
  }

  private static func rule(_ fields: inout YAMLFields, layers: Int) throws(InputError) -> PrecisionRule {
    let component = try fields.choice("component", Tensor.Component.self)
    let tensors = try fields.string("tensors")
    let subject: PrecisionRule.Subject
    switch (component, tensors) {
    case (let component?, nil): subject = .component(component)
    case (nil, let tensors?) where !tensors.isEmpty && tensors.utf8.count <= 500: subject = .named(tensors)
    default:
      throw fields.missing("tensors", accepted: "a tensor's name with * for any text, or a “component”")
    }
    guard let format = try fields.numberFormat("dtype") else {
      throw fields.missing("dtype", accepted: "the number format of these tensors")
    }
    let ranges = try fields.value(["layers"], accepted: "layers below num_hidden_layers, such as “0-3, 7”") {
      $0.string.flatMap { Self.ranges($0, below: layers) }
    }
    try fields.finish()
    return PrecisionRule(subject, layers: ranges ?? [], format: format)
  }

  /// `0-3, 7` → 0…3, 7…7.
  private static func ranges(_ text: String, below count: Int) -> [ClosedRange<Int>]? {
    var found: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
        Int($0.filter { $0 != " " })
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0,
        first <= last, last < count
      else { return nil }
      found.append(first...last)
    }
    return found
  }

  static func write(_ model: ModelSpec, into out: inout YAMLText) {
    if let format = model.operandFormat { out.raw("activation_dtype", format.name) }
    if model.staticScales { out.raw("activation_scales", "static") }
    if let format = model.cacheFormat { out.raw("kv_cache_dtype", format.name) }
    if model.unreadBytes > 0 { out.put("unread_bytes", model.unreadBytes) }
    guard !model.precision.isEmpty else { return }
    out.blocks("precision", model.precision) { rule, out in
      switch rule.subject {
      case .component(let component): out.raw("component", component.rawValue)
      case .named(let pattern): out.put("tensors", text: pattern)
      }
      if !rule.layers.isEmpty {
        let ranges = rule.layers.map {
          $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        out.put("layers", text: ranges.joined(separator: ", "))
      }
      out.raw("dtype", rule.format.name)
    }
  }
}

extension Block {
  /// Keys of the model itself.
  static let precisionKeys = [
    Key("activation_dtype", "What products' inputs are brought to.", else: "as the weights' format implies"),
    Key("activation_scales", "`static`: the checkpoint holds their scales.", else: "dynamic"),
    Key("kv_cache_dtype", "Format of keys and values.", else: "as the activations"),
    Key("unread_bytes", "Bytes of the checkpoint that no layer reads.", else: "0"),
    Key("precision", "Tensors stored otherwise; the first rule that fits holds.", else: "none"),
  ]

  static let precisionRule = Block(
    "precision", "A rule: these tensors have that format. It names a component or tensors.",
    [
      Key("component", "Which part of the model.", else: "by `tensors`"),
      Key("tensors", "A tensor's name, `*` for any text, as `show` lists them.", else: "by `component`"),
      Key("layers", "Only in these layers, counted from 0.", else: "all layers"),
      Key("dtype", "Their number format.", else: nil),
    ])
}
