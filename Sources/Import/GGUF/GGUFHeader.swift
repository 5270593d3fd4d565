import Specs

/// Metadata and tensor list of a GGUF file (ggml's specification, versions 2 and 3); never the weights.
struct GGUFHeader: Sendable {
  var metadata: [String: GGUFValue] = [:]
  var tensors: [GGUFTensor] = []
  var version: UInt32 = 0

  static let mostTensors = 65_536
  static let mostKeys = 65_536
}

struct GGUFTensor: Hashable, Sendable {
  var name: String
  /// Fastest first: [inputs, outputs, experts].
  var shape: [Int]
  var type: GGMLType
  var offset: Int

  /// Checked when read: fits an Int.
  var elements: Int { shape.reduce(1, *) }
  var bytes: Int { elements / type.blockElements * type.blockBytes }
}

/// What of a metadata value is kept: lists of text only by their length.
enum GGUFValue: Hashable, Sendable {
  case whole(Int)
  case real(Double)
  case flag(Bool)
  case text(String)
  case wholes([Int])
  case list(count: Int)

  var int: Int? {
    if case .whole(let value) = self { return value }
    return nil
  }

  var double: Double? {
    switch self {
    case .whole(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }

  var string: String? {
    if case .text(let value) = self { return value }
    return nil
  }
}

extension GGUFHeader {
  /// - Throws: `InputError` naming the byte; nothing is allocated by what the file claims before the file is
  ///   known to be long enough.
  static func read(_ source: ByteSource) throws(InputError) -> GGUFHeader {
    var cursor = GGUFCursor(source)
    let magic = try cursor.raw(4, "the magic")
    guard magic == Array("GGUF".utf8) else {
      throw source.failure(at: 0, "not a GGUF file: it has to begin with “GGUF”")
    }
    var header = GGUFHeader()
    header.version = try cursor.number(UInt32.self, "the version")
    guard header.version == 2 || header.version == 3 else {
      throw source.failure(
        at: 4, "GGUF version \(header.version) is not read; accepted: 2 and 3, little-endian")
    }
    let tensorCount = try cursor.count("tensors", most: mostTensors, leastBytes: 24)
    let keyCount = try cursor.count("metadata keys", most: mostKeys, leastBytes: 13)
    for _ in 0..<keyCount { try header.readKey(&cursor) }
    var names: Set<String> = []
    for _ in 0..<tensorCount {
      let start = cursor.offset
      let tensor = try cursor.tensor()
      guard names.insert(tensor.name).inserted else {
        throw source.failure(at: start, "tensor “\(tensor.name)” stands twice")
      }
      header.tensors.append(tensor)
    }
    try header.checkExtents(source, headerEnd: cursor.offset)
    return header
  }

  private mutating func readKey(_ cursor: inout GGUFCursor) throws(InputError) {
    let start = cursor.offset
    let key = try cursor.string("a metadata key", most: 1024)
    let type = try cursor.number(UInt32.self, "a value's type")
    let value = try cursor.value(type: type, depth: 0)
    guard metadata[key] == nil else {
      throw cursor.source.failure(at: start, "metadata key “\(key)” stands twice")
    }
    metadata[key] = value
  }

  /// Tensors have to lie inside the file, aligned, and not in each other.
  private func checkExtents(_ source: ByteSource, headerEnd: Int) throws(InputError) {
    let alignment = metadata["general.alignment"]?.int ?? 32
    guard alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
      throw source.failure(at: 0, "general.alignment \(alignment) is no power of two up to 1048576")
    }
    let start = (headerEnd + alignment - 1) / alignment * alignment
    let room = source.size - start
    var end = 0
    var last = ""
    for tensor in tensors.sorted(by: { ($0.offset, $0.name) < ($1.offset, $1.name) }) {
      guard tensor.offset % alignment == 0 else {
        throw source.failure(
          at: headerEnd,
          "tensor “\(tensor.name)” begins at \(tensor.offset), which is not a multiple of \(alignment)")
      }
      guard tensor.offset >= end else {
        throw source.failure(at: headerEnd, "tensors “\(last)” and “\(tensor.name)” overlap")
      }
      guard tensor.offset <= room, tensor.bytes <= room - tensor.offset else {
        throw source.failure(
          at: source.size,
          "the file ends before tensor “\(tensor.name)” (\(tensor.bytes) bytes from \(start + tensor.offset))"
        )
      }
      end = tensor.offset + tensor.bytes
      last = tensor.name
    }
  }
}
