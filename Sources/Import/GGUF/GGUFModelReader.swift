import CostModel
import Specs

/// Reads the model out of a header's metadata and tensor shapes.
struct GGUFModelReader {
  let header: GGUFHeader
  let file: String
  let architecture: String
  let family: GGUFFamily
  private let shapes: [String: [Int]]
  private(set) var origins: [FigureOrigin] = []
  var remarks: [String] = []

  init(_ header: GGUFHeader, file: String) throws(InputError) {
    self.header = header
    self.file = file
    guard let architecture = header.metadata["general.architecture"]?.string else {
      throw InputError(.data, "\(file): “general.architecture” is missing; it says which model this is")
    }
    guard let family = GGUFFamily.named(architecture) else {
      throw InputError(
        .data,
        "\(file): architecture “\(architecture.prefix(60))” is not known"
          + Suggestion.phrase(for: architecture, among: GGUFFamily.names)
          + "; import the model's config.json, or write the spec by hand (known: \(GGUFFamily.names.joined(separator: ", ")))"
      )
    }
    self.architecture = architecture
    self.family = family
    shapes = Dictionary(header.tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    try checkTensors()
  }

  /// What makes the family is there, and nothing that no spec can express.
  private func checkTensors() throws(InputError) {
    var bases: Set<String> = []
    var strange: [String] = []
    for tensor in header.tensors {
      let base =
        GGUFNames.split(tensor.name)?.base ?? tensor.name.split(separator: ".").first.map(String.init) ?? ""
      guard bases.insert(base).inserted else { continue }
      let layered = GGUFNames.split(tensor.name) != nil && !base.hasPrefix("nextn") && !base.hasPrefix("vis_")
      if family.inexpressible.contains(where: base.hasPrefix) || (layered && !GGUFNames.knows(base)) {
        strange.append(tensor.name)
      }
    }
    let lacking = family.needs.filter { !bases.contains($0) }
    guard lacking.isEmpty else {
      throw InputError(
        .data,
        "\(file): architecture \(architecture) is known, and this file lacks its tensors \(lacking.map { "blk.*.\($0)" }.joined(separator: ", "));"
          + " import the model's config.json, or put all parts of the file together")
    }
    guard strange.isEmpty else {
      throw InputError(
        .data,
        "\(file): architecture \(architecture) has tensors that a spec cannot express: "
          + strange.prefix(6).joined(separator: ", ")
          + "; write the spec by hand with what its layers share with others")
    }
  }

  func has(_ tensor: String) -> Bool { shapes[tensor] != nil }
  func shape(_ tensor: String) -> [Int]? { shapes[tensor] }

  // MARK: - Metadata

  mutating func int(_ key: String, _ range: ClosedRange<Int> = 1...1_000_000_000) throws(InputError) -> Int? {
    let full = "\(architecture).\(key)"
    guard let value = header.metadata[full] else { return nil }
    var found = value.int
    if case .wholes(let list) = value {
      // One value a layer: taken where all agree, zeros aside (layers without attention).
      let distinct = Set(list.filter { $0 != 0 })
      guard distinct.count <= 1 else {
        throw InputError(.data, "\(file): “\(full)” differs from layer to layer, which cannot be expressed")
      }
      found = distinct.first ?? list.first
    }
    guard let found, range.contains(found) else {
      throw InputError(
        .data, "\(file): “\(full)” has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    origins.append(FigureOrigin(key: full, value: "\(found)", line: 0))
    return found
  }

  /// One number a layer: a list of them, or the same for all.
  mutating func perLayer(_ key: String, _ range: ClosedRange<Int>, layers: Int) throws(InputError) -> [Int]? {
    let full = "\(architecture).\(key)"
    guard case .wholes(let list)? = header.metadata[full] else {
      return try int(key, range).map { Array(repeating: $0, count: layers) }
    }
    guard list.count >= layers, list.allSatisfy(range.contains) else {
      throw InputError(
        .data,
        "\(file): “\(full)” has to be \(layers) whole numbers from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    let shown = list.prefix(8).map(String.init).joined(separator: ", ")
    origins.append(FigureOrigin(key: full, value: "[\(shown)\(list.count > 8 ? ", …" : "")]", line: 0))
    return Array(list.prefix(layers))
  }

  mutating func required(_ key: String, _ range: ClosedRange<Int> = 1...1_000_000_000) throws(InputError)
    -> Int
  {
    guard let value = try int(key, range) else {
      throw InputError(.data, "\(file): “\(architecture).\(key)” is missing")
    }
    return value
  }

  mutating func number(_ key: String, _ range: ClosedRange<Double>) throws(InputError) -> Double? {
    let full = "\(architecture).\(key)"
    guard let value = header.metadata[full] else { return nil }
    guard let found = value.double, range.contains(found) else {
      throw InputError(
        .data, "\(file): “\(full)” has to be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    origins.append(FigureOrigin(key: full, value: "\(found)", line: 0))
    return found
  }

  // MARK: - Model

  mutating func model() throws(InputError) -> ModelSpec {
    let blocks = try required("block_count", 1...10_000)
    let predicting = try int("nextn_predict_layers", 0...1_000) ?? 0
    guard predicting < blocks else { throw InputError(.data, "\(file): more prediction layers than layers") }
    let hidden = try required("embedding_length", 1...10_000_000)
    let context = try int("context_length")
    guard let table = shape("token_embd.weight"), table.count == 2, table[0] == hidden,
      table[1] <= 100_000_000
    else { throw InputError(.data, "\(file): “token_embd.weight” is missing or not [\(hidden), vocabulary]") }
    var norm = NormSpec(kind: family.norm)
    norm.bias = has("blk.0.attn_norm.bias")
    if architecture == "olmo" { norm.weight = false }
    let layers = try GGUFLayers(&self, hidden: hidden, count: blocks - predicting)
    var parts: [LayerKind: Int] = [:]
    var unique: [LayerKind] = []
    var pattern: [Int] = []
    for layer in 0..<(blocks - predicting) {
      let kind = try self.layer(layer, layers, norm: norm)
      let index = parts[kind] ?? unique.count
      if index == unique.count {
        parts[kind] = index
        unique.append(kind)
      }
      pattern.append(index)
    }
    if unique.count == 1 { unique[0].name = "decoder" }
    Self.tellApart(&unique)
    guard unique.count <= 256, Set(unique.map(\.layer.norms)).count == 1 else {
      throw InputError(
        .data, "\(file): layers differ in where their norms stand, or in more ways than can be named")
    }
    var final = norm
    final.bias = has("output_norm.bias")
    let named = has("output_norm.weight") || family.norm == .layer && !norm.weight
    var model = ModelSpec(
      name: "", hidden: hidden, vocabulary: table[1], kinds: unique, pattern: pattern,
      tiedEmbeddings: !has("output.weight"), finalNorm: named ? final : nil)
    if let positions = shape("position_embd.weight"), positions.count == 2 {
      model.embeddingPosition = .learned(length: positions[1])
    }
    model.lmHeadBias = has("output.bias")
    model.maxPositions = context
    model.logitSoftcap = try number("final_logit_softcapping", 0...1e9) != nil
    if has("token_embd_norm.weight") { model.embeddingNorm = norm }
    let count = pattern.count
    if let own = shape("per_layer_token_embd.weight") {
      guard own.count == 2, own[0] % count == 0, (1...1_000_000).contains(own[0] / count),
        own[1] <= 100_000_000
      else {
        throw InputError(.data, "\(file): “per_layer_token_embd.weight” is not a row of \(count) parts")
      }
      model.layerEmbedding = LayerEmbeddingSpec(
        width: own[0] / count, vocabulary: own[1], layers: count, activation: family.activation)
    }
    if let streams = shape("altup_proj.weight") {
      guard streams.count == 3, (1...63).contains(streams[2]) else {
        throw InputError(.data, "\(file): “altup_proj.weight” is not one product for each further stream")
      }
      let rank = shape("blk.0.laurel_l.weight").flatMap { $0.count == 2 ? $0[1] : nil }
      model.alternating = AlternatingSpec(streams: streams[2] + 1, lowRank: rank.map { min($0, 1_000_000) })
    }
    return model
  }

  /// Kinds of one name are numbered.
  private static func tellApart(_ kinds: inout [LayerKind]) {
    var seen: [String: Int] = [:]
    for index in kinds.indices {
      let name = kinds[index].name
      seen[name, default: 0] += 1
      if let count = seen[name], count > 1 { kinds[index].name = "\(name)_\(count)" }
    }
  }
}
