import CostModel
import Specs

/// `model.safetensors.index.json`: which file holds which tensor, and how many bytes they take in all.
struct SafetensorsIndex {
  /// Distinct file names of `weight_map`.
  var files: [String] = []
  /// `metadata.total_size`.
  var totalBytes: Double?
  /// Some of its tensors are encoders, prediction layers or copies, which a spec leaves out.
  var holdsMore = false

  /// The sum that a spec's bytes can be held against.
  var comparableBytes: Double? {
    guard let totalBytes, totalBytes > 0, totalBytes < 9e15, !holdsMore else { return nil }
    return totalBytes
  }

  static let mostFiles = 10_000

  static func read(
    _ source: ByteSource, layers: Int = .max, tied: Bool = false
  ) throws(InputError) -> SafetensorsIndex {
    guard source.size <= SafetensorsHeader.mostBytes else {
      throw source.failure(at: 0, "an index of \(source.size) bytes; at most \(SafetensorsHeader.mostBytes)")
    }
    var scanner = JSONScanner(source, range: 0..<source.size, limits: .header)
    var names: Set<String> = []
    var total: Double?
    var more = false
    try scanner.skipSpace()
    try scanner.object { (key, _, scanner) throws(InputError) in
      switch key {
      case "weight_map":
        try weightMap(&scanner, &names) { name in
          switch TensorComponent(name: name, layers: layers, tied: tied) {
          case .prediction, .encoder, .buffer: more = true
          default: break
          }
        }
      case "metadata": total = try scanner.node()["total_size"]?.number
      default: try scanner.skip()
      }
    }
    try scanner.finish()
    return SafetensorsIndex(files: names.sorted(), totalBytes: total, holdsMore: more)
  }

  private static func weightMap(
    _ scanner: inout JSONScanner, _ names: inout Set<String>, _ tensor: (String) -> Void
  ) throws(InputError) {
    var found = names
    try scanner.object { (key, at, scanner) throws(InputError) in
      tensor(key)
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
    text += "; the index states \(Int64(totalBytes)) bytes"
    guard let bytes = comparableBytes else { return text + ", more than the decoder's among them" }
    let check = HeaderCheck(model, indexBytes: bytes, source: "")
    let format = (model.checkpointFormat ?? .bf16).name
    return text + ", \(Int64(check.computedBytes)) computed at \(format)"
      + (check.bytesAgree ? ": they agree" : ": they differ")
  }
}
