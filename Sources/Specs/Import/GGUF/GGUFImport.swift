import CostModel

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
    model.checkpointFormat = dominant(header, experts: false)
    let experts = dominant(header, experts: true)
    if experts != model.checkpointFormat { model.expertFormat = experts }
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
