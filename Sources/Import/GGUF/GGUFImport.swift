import CostModel
import Specs

/// GGUF metadata and tensor list → `ModelSpec`. What a layer has (biases, norms, experts, a head of its own) is
/// read off its tensors, not off a table.
enum GGUFImport {
  static func read(_ source: ByteSource, name: String) throws(InputError) -> (ImportedModel, HeaderCheck) {
    let header = try GGUFHeader.read(source)
    var reader = try GGUFModelReader(header, file: source.name)
    var model = try reader.model()
    guard model.parameters.total < 9e15 else {
      throw InputError(.data, "\(source.name): these sizes make more than 9e15 parameters")
    }
    model.name = name
    model.title = header.metadata["general.name"]?.string.map { String($0.prefix(100)) } ?? name
    if model.title.unicodeScalars.contains(where: { $0.value < 32 }) || model.title.isEmpty {
      model.title = name
    }
    model.source = "imported from \(source.name)"
    let tally = tally(header, model)
    formats(header, &model)
    if let remark = bytesRemark(model, tally) { reader.remarks.append(remark) }
    let check = HeaderCheck(model, tally, source: source.name)
    if let complaint = check.complaint { reader.remarks.append(complaint) }
    model.notes = reader.remarks
    let imported = ImportedModel(
      model: model, format: "GGUF", family: reader.architecture, origins: reader.origins,
      remarks: reader.remarks)
    return (imported, check)
  }

  private static func tally(_ header: GGUFHeader, _ model: ModelSpec) -> HeaderTally {
    var tally = HeaderTally()
    for tensor in header.tensors {
      tally.add(
        name: tensor.name, elements: Double(tensor.elements), bytes: Double(tensor.bytes),
        type: tensor.type.name,
        matrix: tensor.shape.count > 1, layers: model.layerCount, tied: model.tiedEmbeddings)
    }
    return tally
  }

  /// llama.cpp's mixed file type where the file names one and its tensors bear it out, else the most frequent
  /// types.
  private static func formats(_ header: GGUFHeader, _ model: inout ModelSpec) {
    let dense = dominant(header, experts: false)
    let experts = dominant(header, experts: true)
    let mixes: [Int: GGUFMix] = [
      11: .q3_k_s, 12: .q3_k_m, 13: .q3_k_l, 14: .q4_k_s, 15: .q4_k_m, 16: .q5_k_s, 17: .q5_k_m,
    ]
    if let type = header.metadata["general.file_type"]?.int, let mix = mixes[type],
      (dense ?? experts) == .gguf(mix.base), let format = NumberFormat(name: mix.rawValue)
    {
      model.checkpointFormat = format
      return
    }
    model.checkpointFormat = dense ?? experts
    if let experts, experts != model.checkpointFormat { model.expertFormat = experts }
  }

  /// The file's own bytes beside what the spec's precision makes of them.
  private static func bytesRemark(_ model: ModelSpec, _ tally: HeaderTally) -> String? {
    let priced = model.weightBytes(PrecisionRequest().plan(for: model).plan)
    let stored = tally.totalBytes
    guard stored > 0, stored < 9e18, priced < 9e18, abs(priced / stored - 1) > 0.02 else { return nil }
    return "the file holds \(Int64(stored)) bytes of weights; this spec's precision makes \(Int64(priced))"
  }

  /// The format that holds most bytes of the layers' matrices.
  private static func dominant(_ header: GGUFHeader, experts: Bool) -> NumberFormat? {
    var elements: [NumberFormat: Double] = [:]
    for tensor in header.tensors where tensor.shape.count > 1 && tensor.name.hasPrefix("blk.") {
      guard tensor.name.contains("_exps") == experts, let format = tensor.type.format else { continue }
      elements[format, default: 0] += Double(tensor.elements)
    }
    return elements.max { ($0.value, $0.key.name) < ($1.value, $1.key.name) }?.key
  }
}
