import CostModel
import Specs

/// GGUF metadata and tensor list → `ModelSpec`. What a layer has (biases, norms, experts, a head of its own) is
/// read off its tensors, not off a table.
enum GGUFImport {
  static func read(_ source: ByteSource, name: String) throws(InputError) -> (ImportedModel, HeaderCheck) {
    let header = try GGUFHeader.read(source)
    if let parts = header.metadata["split.count"]?.int, parts > 1 {
      throw InputError(
        .data,
        "\(source.name): is one of \(parts) parts of a model; name the file in a folder with the others")
    }
    return try read(header, file: source.name, name: name)
  }

  static func read(_ header: GGUFHeader, file: String, name: String) throws(InputError) -> (
    ImportedModel, HeaderCheck
  ) {
    var reader = try GGUFModelReader(header, file: file)
    var model = try reader.model()
    guard model.parameters.total < 9e15 else {
      throw InputError(.data, "\(file): these sizes make more than 9e15 parameters")
    }
    model.name = name
    model.title = header.metadata["general.name"]?.string.map { String($0.prefix(100)) } ?? name
    if model.title.unicodeScalars.contains(where: { $0.value < 32 }) || model.title.isEmpty {
      model.title = name
    }
    model.source = "imported from \(file)"
    formats(header, &model)
    let tally = tally(header, model)
    account(header, &model, &reader.remarks)
    let check = HeaderCheck(model, tally, source: file, tolerance: 0, isWhole: true)
    if let complaint = check.complaint { reader.remarks.append(complaint) }
    model.notes = reader.remarks
    if let beyond = ModelReader.refusal(of: model) { throw InputError(.data, "\(file): \(beyond.message)") }
    let imported = ImportedModel(
      model: model, format: "GGUF", family: reader.architecture, origins: reader.origins,
      remarks: reader.remarks)
    return (imported, check)
  }

  private static func tally(_ header: GGUFHeader, _ model: ModelSpec) -> HeaderTally {
    var tally = HeaderTally()
    let recurrent = Set(
      header.tensors.compactMap { tensor -> Int? in
        guard let place = GGUFNames.split(tensor.name), place.base == "ssm_conv1d" else { return nil }
        return place.layer
      })
    for tensor in header.tensors {
      // Delta layers call their projections as attention does.
      var name = tensor.name
      if let place = GGUFNames.split(name), recurrent.contains(place.layer),
        place.base == "attn_qkv" || place.base == "attn_gate"
      {
        name = "blk.\(place.layer).ssm_in.weight"
      }
      // Layers that look at an earlier one's cache have keys and values in some files, and no use for them.
      if let place = GGUFNames.split(name), ["attn_k", "attn_v", "attn_k_norm"].contains(place.base),
        place.layer < model.layerCount,
        case .attention(let spec) = model.kinds[model.pattern[place.layer]].layer.mixer, spec.sharesCache
      {
        name = "rope_freqs.weight"
      }
      tally.add(
        name: name, elements: Double(tensor.elements), bytes: Double(tensor.bytes), type: tensor.type.name,
        module: tensor.shape.count > 1 ? GGUFNames.module(tensor.name) : nil, layers: model.layerCount,
        tied: model.tiedEmbeddings)
    }
    return tally
  }

  // MARK: - Formats

  /// The file's own name for its mix where its tensors bear it out, else the most frequent type; and what each
  /// tensor is stored in.
  private static func formats(_ header: GGUFHeader, _ model: inout ModelSpec) {
    let dense = dominant(header, experts: false)
    let experts = dominant(header, experts: true)
    let mixes: [Int: GGUFMix] = [
      11: .q3_k_s, 12: .q3_k_m, 13: .q3_k_l, 14: .q4_k_s, 15: .q4_k_m, 16: .q5_k_s, 17: .q5_k_m,
    ]
    if let type = header.metadata["general.file_type"]?.int, let mix = mixes[type],
      (dense ?? experts) == .gguf(mix.base)
    {
      model.checkpointFormat = .mixed(mix)
    } else {
      model.checkpointFormat = dense ?? experts
      if let experts, experts != model.checkpointFormat { model.expertFormat = experts }
    }
    let rules = PrecisionRule.compact(stored(header, model), layers: model.layerCount)
    let standard = model.checkpointFormat
    let routed = model.expertFormat ?? standard
    model.precision = rules.filter { rule in
      // The last rule of a tensor says what its class does anyway.
      guard case .named(let name) = rule.subject, rule.layers.isEmpty, name.contains("_proj") else {
        return true
      }
      return rule.format != (name.contains("{expert}") ? routed : standard)
    }
  }

  /// What each of the model's matrices is stored in, layer by layer; of several tensors that make one, the
  /// largest counts.
  private static func stored(
    _ header: GGUFHeader, _ model: ModelSpec
  ) -> [(name: String, layer: Int?, format: NumberFormat)] {
    var list = TensorList()
    model.tensors(into: &list)
    var known: [Int?: Set<String>] = [:]
    for tensor in list.tensors where tensor.columns != nil {
      known[tensor.layerKind, default: []].insert(tensor.localName)
    }
    var largest: [Int?: [String: Int]] = [:]
    var found: [(name: String, layer: Int?, format: NumberFormat)] = []
    var places: [Int?: [String: Int]] = [:]
    for tensor in header.tensors where tensor.name.hasSuffix(".weight") {
      guard let format = tensor.type.format else { continue }
      var layer: Int?
      var names: [String] = []
      if let place = GGUFNames.split(tensor.name) {
        guard place.layer < model.layerCount else { continue }
        layer = place.layer
        names = GGUFNames.layer[place.base] ?? []
      } else if let name = GGUFNames.outer[String(tensor.name.dropLast(".weight".count))] {
        names = [name]
      }
      let kind = layer.map { model.pattern[$0] }
      for name in names.map({ $0 + ".weight" }) where known[kind]?.contains(name) == true {
        let elements = tensor.elements
        guard elements > largest[layer]?[name] ?? 0 else { continue }
        largest[layer, default: [:]][name] = elements
        if let index = places[layer]?[name] {
          found[index].format = format
        } else {
          places[layer, default: [:]][name] = found.count
          found.append((name, layer, format))
        }
      }
    }
    return found
  }

  /// Bytes of the file that no tensor of the spec stands for.
  private static func account(_ header: GGUFHeader, _ model: inout ModelSpec, _ remarks: inout [String]) {
    let stored = header.tensors.reduce(0.0) { $0 + Double($1.bytes) }
    let priced = model.weightBytes(PrecisionRequest().plan(for: model).plan)
    guard stored < 9e15, priced < 9e18, stored != priced else { return }
    if stored > priced {
      model.unreadBytes = stored - priced
      remarks.append("\(Int64(stored - priced)) bytes of the file are in tensors that no layer reads")
    } else {
      remarks.append(
        "the file holds \(Int64(stored)) bytes of weights; this spec's precision makes \(Int64(priced))")
    }
  }

  /// The format that holds most bytes of the layers' matrices.
  private static func dominant(_ header: GGUFHeader, experts: Bool) -> NumberFormat? {
    var elements: [NumberFormat: Double] = [:]
    for tensor in header.tensors where tensor.shape.count > 1 {
      guard let base = GGUFNames.split(tensor.name)?.base, base.contains("_exps") == experts,
        let format = tensor.type.format
      else { continue }
      elements[format, default: 0] += Double(tensor.elements)
    }
    return elements.max { ($0.value, $0.key.name) < ($1.value, $1.key.name) }?.key
  }
}
