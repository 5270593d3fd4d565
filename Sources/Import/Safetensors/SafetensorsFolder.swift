import CostModel
import Specs

/// The safetensors beside a config: one file, or the shards that `model.safetensors.index.json` names.
enum SafetensorsFolder {
  /// Paths of the files that hold the weights; empty when there are none.
  ///
  /// - Parameter remark: set when an index names files that are elsewhere; then none is returned.
  static func files(in folder: String, _ model: ModelSpec, remark: inout String?) throws(InputError)
    -> [String]
  {
    let path = folder + "/model.safetensors.index.json"
    guard ModelFiles.exists(path) else {
      let single = folder + "/model.safetensors"
      return ModelFiles.exists(single) ? [single] : []
    }
    let index = try SafetensorsIndex.read(try ByteSource(path: path))
    let paths = index.files.map { "\(folder)/\($0)" }
    let missing = paths.filter { !ModelFiles.exists($0) }.count
    guard missing == 0 else {
      remark = index.remark(model, missing: missing)
      return []
    }
    return paths
  }

  /// Whether the index beside a file names it: one part of a model, to be read with the others.
  static func isShard(_ path: String) throws(InputError) -> Bool {
    let index = ModelFiles.folder(of: path) + "/model.safetensors.index.json"
    guard path.lowercased().hasSuffix(".safetensors"), ModelFiles.exists(index) else { return false }
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
    try SafetensorsHeader.read(source) { tensor in
      sum.add(
        name: tensor.name, elements: tensor.elements * packing(tensor, model), bytes: Double(tensor.bytes),
        type: tensor.type, matrix: tensor.rank > 1, layers: model.layerCount, tied: model.tiedEmbeddings)
    }
    tally = sum
  }

  /// Weights that one stored number holds: 4-bit ones are packed into bytes or 32-bit words.
  private static func packing(_ tensor: SafetensorsHeader.Tensor, _ model: ModelSpec) -> Double {
    let packed = ["qweight", "weight_packed", "_blocks", ".weight"].contains { tensor.name.hasSuffix($0) }
    guard packed else { return 1 }
    let bits: Double
    switch model.expertFormat ?? model.checkpointFormat {
    case .int4, .mxfp4, .nvfp4: bits = 4
    case .int8: bits = 8
    default: return 1
    }
    switch tensor.type {
    case "i32", "u32": return 32 / bits
    case "u8": return 8 / bits
    case "i8": return bits == 4 ? 2 : 1
    default: return 1
    }
  }
}
