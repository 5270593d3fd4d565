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
    if let parts = header.metadata["split.count"]?.int, parts > 1 {
      throw InputError(
        .data, "\(file): is one of \(parts) parts of a model; join them first (llama-gguf-split --merge)")
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
      guard distinct.count == 1 else {
        throw InputError(.data, "\(file): “\(full)” differs from layer to layer, which cannot be expressed")
      }
      found = distinct.first
    }
    guard let found, range.contains(found) else {
      throw InputError(
        .data, "\(file): “\(full)” has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    origins.append(FigureOrigin(key: full, value: "\(found)", line: 0))
    return found
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
    let layers = try required("block_count", 1...10_000)
    let predicting = try int("nextn_predict_layers", 0...1_000) ?? 0
    guard predicting < layers else { throw InputError(.data, "\(file): more prediction layers than layers") }
    let hidden = try required("embedding_length", 1...10_000_000)
    let context = try int("context_length")
    guard let table = shape("token_embd.weight"), table.count == 2, table[0] == hidden,
      table[1] <= 100_000_000
    else { throw InputError(.data, "\(file): “token_embd.weight” is missing or not [\(hidden), vocabulary]") }
    var norm = NormSpec(kind: family.norm)
    norm.bias = has("blk.0.attn_norm.bias")
    let attention = try attention(hidden: hidden)
    var kinds: [LayerKind] = []
    for layer in 0..<(layers - predicting) {
      kinds.append(try self.layer(layer, attention: attention, norm: norm))
    }
    var parts: [LayerKind: Int] = [:]
    var unique: [LayerKind] = []
    let pattern = kinds.map { kind -> Int in
      if let known = parts[kind] { return known }
      parts[kind] = unique.count
      unique.append(kind)
      return unique.count - 1
    }
    if unique.count == 1 { unique[0].name = "decoder" }
    guard unique.count <= 64, Set(unique.map(\.name)).count == unique.count else {
      throw InputError(.data, "\(file): layers differ in more ways than can be named")
    }
    var final = norm
    final.bias = has("output_norm.bias")
    var model = ModelSpec(
      name: "", hidden: hidden, vocabulary: table[1], kinds: unique, pattern: pattern,
      tiedEmbeddings: !has("output.weight"), finalNorm: has("output_norm.weight") ? final : nil)
    if let positions = shape("position_embd.weight"), positions.count == 2 {
      model.embeddingPosition = .learned(length: positions[1])
    }
    model.lmHeadBias = has("output.bias")
    model.maxPositions = context
    model.logitSoftcap = try number("final_logit_softcapping", 0...1e9) != nil
    if has("token_embd_norm.weight") { model.embeddingNorm = norm }
    return model
  }
}
