extension ModelSpec {
  /// A rule for each tensor that `llama-quantize` would write in a file of the type; vectors, routers and
  /// convolutions are left out: they stay in fp32.
  public func rules(_ mix: GGUFMix) -> [PrecisionRule] {
    var places = MixPlaces(self)
    tensors(into: &places)
    var rules = MixRules(mix, model: self, place: places.place, valueLayers: places.valueLayers)
    tensors(into: &rules)
    return PrecisionRule.compact(rules.stored, layers: layerCount)
  }
}

extension PrecisionRule {
  /// Formats of single tensors in single layers (nil: outside the layers), as few rules as say the same.
  ///
  /// A tensor's most frequent format comes last, without layers.
  public static func compact(
    _ stored: [(name: String, layer: Int?, format: NumberFormat)], layers: Int
  ) -> [PrecisionRule] {
    var names: [String] = []
    var formats: [String: [(format: NumberFormat, layers: [Int])]] = [:]
    for entry in stored {
      if formats[entry.name] == nil { names.append(entry.name) }
      var own = formats[entry.name] ?? []
      let index = own.firstIndex { $0.format == entry.format } ?? own.count
      if index == own.count { own.append((entry.format, [])) }
      if let layer = entry.layer { own[index].layers.append(layer) }
      formats[entry.name] = own
    }
    return names.flatMap { name -> [PrecisionRule] in
      let own = (formats[name] ?? []).sorted { $0.layers.count < $1.layers.count }
      return own.enumerated().map { index, entry in
        PrecisionRule(
          .named(name), layers: index == own.count - 1 ? [] : ranges(entry.layers.sorted()),
          format: entry.format)
      }
    }
  }

  /// Runs of consecutive numbers.
  private static func ranges(_ numbers: [Int]) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, number == last.upperBound + 1 {
        runs[runs.count - 1] = last.lowerBound...number
      } else if runs.last?.upperBound != number {
        runs.append(number...number)
      }
    }
    return runs
  }
}

/// Heads, experts and the layers with a value projection.
private struct MixPlaces: TensorSink {
  let pattern: [Int]
  var place = GGUFPlace()
  private var valueKinds: Set<Int> = []

  init(_ model: ModelSpec) {
    pattern = model.pattern
    place.layers = model.layerCount
  }

  var valueLayers: [Int] { pattern.indices.filter { valueKinds.contains(pattern[$0]) } }

  mutating func add(_ tensor: Tensor) {
    if let routed = tensor.routed { place.experts = max(place.experts, Int(routed.experts)) }
    guard case .value(let queriesPerKey) = tensor.role, let kind = tensor.layerKind else { return }
    place.queriesPerKey = max(place.queriesPerKey, queriesPerKey)
    valueKinds.insert(kind)
  }
}

private struct MixRules: TensorSink {
  let mix: GGUFMix
  let model: ModelSpec
  let place: GGUFPlace
  /// Which of the layers with a value projection each layer is.
  let valueLayer: [Int: Int]
  var stored: [(name: String, layer: Int?, format: NumberFormat)] = []

  init(_ mix: GGUFMix, model: ModelSpec, place: GGUFPlace, valueLayers: [Int]) {
    self.mix = mix
    self.model = model
    self.place = place
    valueLayer = Dictionary(uniqueKeysWithValues: zip(valueLayers, valueLayers.indices))
  }

  mutating func add(_ tensor: Tensor) {
    guard let columns = tensor.columns, tensor.storage != .small else { return }
    guard let kind = tensor.layerKind else {
      guard tensor.member != "embed_positions" else { return }
      let shared = tensor.storage == .lmHead || model.tiedEmbeddings
      add(tensor, nil, shared ? mix.head : mix.embedding, columns)
      return
    }
    var place = place
    place.valueLayers = valueLayer.count
    for (layer, own) in model.pattern.enumerated() where own == kind {
      place.layer = layer
      place.valueLayer = valueLayer[layer] ?? 0
      if mix == .mxfp4_moe, tensor.storage == .experts {
        stored.append((tensor.localName, layer, .mxfp4))
      } else {
        add(tensor, layer, mix.type(of: tensor.role, at: place), columns)
      }
    }
  }

  private mutating func add(_ tensor: Tensor, _ layer: Int?, _ type: GGUFType, _ columns: Double) {
    stored.append((tensor.localName, layer, type.fitting(columns: Int(columns))))
  }
}

extension GGUFType {
  /// What rows that its blocks do not divide are stored in instead (`tensor_type_fallback`).
  func fitting(columns: Int) -> NumberFormat {
    if columns % Int(blockElements) == 0 { return .gguf(self) }
    let fallback: GGUFType?
    switch self {
    case .iq1_s, .iq1_m, .iq2_xxs, .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s, .iq4_xs: fallback = .iq4_nl
    case .q2_k, .q3_k, .tq1_0, .tq2_0: fallback = .q4_0
    case .q4_k: fallback = .q5_0
    case .q5_k: fallback = .q5_1
    case .q6_k: fallback = .q8_0
    default: fallback = nil
    }
    guard let fallback, columns % Int(fallback.blockElements) == 0 else { return .fp16 }
    return .gguf(fallback)
  }
}
