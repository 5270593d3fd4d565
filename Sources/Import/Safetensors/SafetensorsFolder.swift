import CostModel
import Specs

/// The safetensors beside a config: one file, or the shards that `model.safetensors.index.json` names.
enum SafetensorsFolder {
  /// Paths of the files that hold the weights; empty when there are none.
  ///
  /// - Parameters:
  ///   - remark: set when an index names files that are elsewhere; then none is returned.
  ///   - check: what the index's own sum of bytes says then.
  static func files(
    in folder: String, _ model: ModelSpec, remark: inout String?, check: inout HeaderCheck?
  ) throws(InputError) -> [String] {
    let path = folder + "/model.safetensors.index.json"
    guard try ModelFiles.exists(path) else {
      let single = folder + "/model.safetensors"
      return try ModelFiles.exists(single) ? [single] : []
    }
    let index = try SafetensorsIndex.read(
      try ByteSource(path: path), layers: model.layerCount, tied: model.tiedEmbeddings)
    let paths = index.files.map { "\(folder)/\($0)" }
    let missing = try ModelFiles.missing(paths).count
    guard missing == 0 else {
      remark = index.remark(model, missing: missing)
      if let bytes = index.comparableBytes { check = HeaderCheck(model, indexBytes: bytes, source: path) }
      return []
    }
    return paths
  }

  /// Whether the index beside a file names it: one part of a model, to be read with the others.
  static func isShard(_ path: String) throws(InputError) -> Bool {
    let index = ModelFiles.folder(of: path) + "/model.safetensors.index.json"
    guard path.lowercased().hasSuffix(".safetensors"), try ModelFiles.exists(index) else { return false }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return try SafetensorsIndex.read(try ByteSource(path: index)).files.contains(name)
  }

  /// All tensors of `files`, by component of `model`.
  static func tally(_ files: [String], _ model: ModelSpec) throws(InputError) -> HeaderTally {
    var tally = HeaderTally()
    for file in files { try add(try ByteSource(path: file), model, to: &tally) }
    return tally
  }

  static func add(_ source: ByteSource, _ model: ModelSpec, to tally: inout HeaderTally) throws(InputError) {
    var sum = tally
    sum.stateful = Set(
      model.pattern.indices.filter { model.kinds[model.pattern[$0]].layer.mixer.traits.stateElements > 0 })
    let modules = ModuleIndex(model)
    let main = model.expertFormat ?? model.checkpointFormat
    try SafetensorsHeader.read(source) { tensor in
      let place = modules.place(of: tensor.name)
      let format = modules.format(of: place) ?? main
      sum.add(
        name: tensor.name, elements: packed(tensor, format) ?? tensor.elements, bytes: Double(tensor.bytes),
        type: tensor.type, module: tensor.rank > 1 ? place.module : nil, layers: model.layerCount,
        tied: model.tiedEmbeddings)
    }
    tally = sum
  }

  /// Weights in a tensor that packs several into one stored number; nil for any other.
  private static func packed(_ tensor: SafetensorsHeader.Tensor, _ format: NumberFormat?) -> Double? {
    guard ["qweight", "weight_packed", "_blocks", ".weight"].contains(where: tensor.name.hasSuffix),
      ["i32", "u32", "u8", "i8"].contains(tensor.type)
    else { return nil }
    let bits: Double
    switch format {
    case .int4, .mxfp4, .nvfp4, .nf4: bits = 4
    case .int8, .mxfp8: bits = 8
    case .grouped(let own, _, _): bits = Double(own)
    default: return nil
    }
    return (Double(tensor.bytes) * 8 / bits).rounded()
  }

  /// What most bytes of a header are stored in, where the config does not say.
  static func dominant(_ tally: HeaderTally) -> NumberFormat? {
    let most = tally.bytesByType.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    return ["f32": .fp32, "f16": .fp16, "bf16": .bf16][most ?? ""]
  }
}
