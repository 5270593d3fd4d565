import CostModel

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The safetensors beside a config: one file, or the shards that `model.safetensors.index.json` names.
enum SafetensorsFolder {
  static let mostShards = 10_000

  /// Paths of the files that hold the weights; empty when there are none.
  static func files(in folder: String) throws(InputError) -> [String] {
    let index = folder + "/model.safetensors.index.json"
    if ModelFiles.exists(index) { return try shards(index, folder: folder) }
    let single = folder + "/model.safetensors"
    return ModelFiles.exists(single) ? [single] : []
  }

  /// Distinct file names of `weight_map`, which lists every tensor.
  static func shards(_ index: String, folder: String) throws(InputError) -> [String] {
    let source = try ByteSource(path: index)
    return try shardNames(source).map { "\(folder)/\($0)" }
  }

  static func shardNames(_ source: ByteSource) throws(InputError) -> [String] {
    guard source.size <= SafetensorsHeader.mostBytes else {
      throw source.failure(at: 0, "an index of \(source.size) bytes; at most \(SafetensorsHeader.mostBytes)")
    }
    var scanner = JSONScanner(source, range: 0..<source.size, limits: .header)
    var names: Set<String> = []
    try scanner.skipSpace()
    try scanner.object { (key, _, scanner) throws(InputError) in
      guard key == "weight_map" else { return try scanner.skip() }
      try scanner.object { (_, at, scanner) throws(InputError) in
        let name = try scanner.string()
        // A name, not a path: an index from elsewhere must not make rooftree open other files.
        guard !name.contains("/"), !name.hasPrefix("."), name.hasSuffix(".safetensors") else {
          throw InputError(.data, at: at, "“\(name.prefix(60))” is no file name that ends in .safetensors")
        }
        names.insert(name)
        guard names.count <= mostShards else {
          throw InputError(.data, at: at, "more than \(mostShards) files")
        }
      }
    }
    try scanner.finish()
    return names.sorted()
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
