/// Files made byte by byte, so that tests own every field of them.
struct GGUFBuilder {
  var magic = Array("GGUF".utf8)
  var version: UInt32 = 3
  var tensorCount: UInt64?
  var keyCount: UInt64?
  var keys: [[UInt8]] = []
  var tensors: [(name: String, shape: [UInt64], type: UInt32, offset: UInt64?)] = []

  static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
  }

  static func text(_ string: String) -> [UInt8] { little(UInt64(string.utf8.count)) + Array(string.utf8) }

  mutating func set(_ key: String, _ value: String) {
    keys.append(Self.text(key) + Self.little(UInt32(8)) + Self.text(value))
  }

  mutating func set(_ key: String, _ value: UInt32) {
    keys.append(Self.text(key) + Self.little(UInt32(4)) + Self.little(value))
  }

  mutating func set(_ key: String, real value: Float) {
    keys.append(Self.text(key) + Self.little(UInt32(6)) + Self.little(value.bitPattern))
  }

  mutating func set(_ key: String, list: [UInt32]) {
    keys.append(
      Self.text(key) + Self.little(UInt32(9)) + Self.little(UInt32(4)) + Self.little(UInt64(list.count))
        + list.flatMap { Self.little($0) })
  }

  mutating func set(_ key: String, texts: [String]) {
    keys.append(
      Self.text(key) + Self.little(UInt32(9)) + Self.little(UInt32(8)) + Self.little(UInt64(texts.count))
        + texts.flatMap { Self.text($0) })
  }

  /// type 0: f32, 1: f16, 8: q8_0, 12: q4_k, 14: q6_k.
  mutating func tensor(_ name: String, _ shape: [UInt64], type: UInt32 = 0, offset: UInt64? = nil) {
    tensors.append((name, shape, type, offset))
  }

  var bytes: [UInt8] {
    var out = magic + Self.little(version)
    out += Self.little(tensorCount ?? UInt64(tensors.count)) + Self.little(keyCount ?? UInt64(keys.count))
    for key in keys { out += key }
    var place: UInt64 = 0
    for tensor in tensors {
      out += Self.text(tensor.name) + Self.little(UInt32(tensor.shape.count))
      for size in tensor.shape { out += Self.little(size) }
      out += Self.little(tensor.type) + Self.little(tensor.offset ?? place)
      let elements = tensor.shape.reduce(1, &*)
      let block = GGUFBytesTests.blocks[tensor.type] ?? (1, 4)
      let size = elements / block.elements &* block.bytes
      place = (place &+ size &+ 31) / 32 &* 32
    }
    out += [UInt8](repeating: 0, count: (32 - out.count % 32) % 32)
    return out + [UInt8](repeating: 0, count: Int(min(place, 1 << 24)))
  }
}

enum SafetensorsBuilder {
  static func bytes(_ header: String, data: Int) -> [UInt8] {
    GGUFBuilder.little(UInt64(header.utf8.count)) + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  /// Tensors of bf16 one after the other.
  static func file(_ tensors: [(String, [Int])]) -> [UInt8] {
    var members: [String] = []
    var offset = 0
    for (name, shape) in tensors {
      let end = offset + 2 * shape.reduce(1, *)
      members.append(
        "\"\(name)\": {\"dtype\": \"BF16\", \"shape\": \(shape), \"data_offsets\": [\(offset), \(end)]}")
      offset = end
    }
    return bytes("{" + members.joined(separator: ", ") + "}", data: offset)
  }
}
