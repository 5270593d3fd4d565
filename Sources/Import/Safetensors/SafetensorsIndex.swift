import CostModel
import Specs

/// `model.safetensors.index.json`: which file holds which tensor, and how many bytes they take in all.
struct SafetensorsIndex {
  /// Distinct file names of `weight_map`.
  var files: [String] = []
  /// `metadata.total_size`.
  var totalBytes: Double?

  static let mostFiles = 10_000

  static func read(_ source: ByteSource) throws(InputError) -> SafetensorsIndex {
    guard source.size <= SafetensorsHeader.mostBytes else {
      throw source.failure(at: 0, "an index of \(source.size) bytes; at most \(SafetensorsHeader.mostBytes)")
    }
    var scanner = JSONScanner(source, range: 0..<source.size, limits: .header)
    var names: Set<String> = []
    var total: Double?
    try scanner.skipSpace()
    try scanner.object { (key, _, scanner) throws(InputError) in
      switch key {
      case "weight_map": try weightMap(&scanner, &names)
      case "metadata": total = try scanner.node()["total_size"]?.number
      default: try scanner.skip()
      }
    }
    try scanner.finish()
    return SafetensorsIndex(files: names.sorted(), totalBytes: total)
  }

  private static func weightMap(_ scanner: inout JSONScanner, _ names: inout Set<String>) throws(InputError) {
    var found = names
    try scanner.object { (_, at, scanner) throws(InputError) in
      let name = try scanner.string()
      // A name, not a path: an index from elsewhere must not make rooftree open other files.
      guard !name.contains("/"), !name.hasPrefix("."), name.hasSuffix(".safetensors") else {
        throw InputError(.data, at: at, "“\(name.prefix(60))” is no file name that ends in .safetensors")
      }
      found.insert(name)
      guard found.count <= mostFiles else { throw InputError(.data, at: at, "more than \(mostFiles) files") }
    }
    names = found
  }

  /// What can be said while some of the files are elsewhere: the index's bytes beside the spec's.
  func remark(_ model: ModelSpec, missing: Int) -> String {
    var text = "\(missing) of \(files.count) weight files are not here, so no component was compared"
    guard let totalBytes, totalBytes > 0, totalBytes < 9e15 else { return text }
    let format = model.checkpointFormat ?? .bf16
    let computed = model.parameters.total * format.bytesPerElement
    text += "; the index states \(Int64(totalBytes)) bytes"
    if format.bytesPerElement >= 2, model.expertFormat == nil {
      text +=
        ", \(Int64(computed)) computed at \(format.name)"
        + (computed == totalBytes ? ": they agree" : ": they differ")
    }
    return text
  }
}
