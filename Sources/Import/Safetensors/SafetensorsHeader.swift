import CostModel
import Specs

/// The header of a safetensors file: a JSON object from name to dtype, shape and place; never the weights.
enum SafetensorsHeader {
  struct Tensor {
    var name: String
    var type: String
    var elements: Double
    var bytes: Int
    var rank: Int
  }

  /// The reference implementation's own limit.
  static let mostBytes = 100_000_000
  static let mostTensors = 500_000

  /// Bits of one element.
  static let bits: [String: Int] = [
    "F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "BF16": 16, "F16": 16, "I16": 16,
    "U16": 16,
    "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I8": 8, "U8": 8, "BOOL": 8,
    "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4, "C64": 64,
  ]

  /// Calls `body` for each tensor, then checks that they fill the file without gap or overlap.
  static func read(_ source: ByteSource, _ body: (Tensor) -> Void) throws(InputError) {
    let lengthBytes = try source.bytes(at: 0, count: 8, what: "the header's length")
    var length: UInt64 = 0
    for (index, byte) in lengthBytes.enumerated() { length |= UInt64(byte) << UInt64(8 * index) }
    guard length <= UInt64(mostBytes) else {
      throw source.failure(
        at: 0, "a header of \(length) bytes; at most \(mostBytes) are accepted (is it safetensors?)")
    }
    guard Int(length) <= source.size - 8 else {
      throw source.failure(at: 0, "a header of \(length) bytes in a file of \(source.size)")
    }
    let end = 8 + Int(length)
    var scanner = JSONScanner(source, range: 8..<end, limits: .header)
    var extents: [(begin: Int, end: Int)] = []
    try scanner.object { (name, at, scanner) throws(InputError) in
      if name == "__metadata__" { return try scanner.skip() }
      guard extents.count < mostTensors else {
        throw InputError(.data, at: at, "more than \(mostTensors) tensors")
      }
      let (tensor, extent) = try entry(name, at: at, &scanner)
      extents.append(extent)
      body(tensor)
    }
    try scanner.finish()
    try check(&extents, data: source.size - end, source)
  }

  private static func entry(
    _ name: String, at place: SourceLocation, _ scanner: inout JSONScanner
  ) throws(InputError) -> (Tensor, (begin: Int, end: Int)) {
    var type = ""
    var shape: [UInt64]?
    var offsets: [UInt64] = []
    try scanner.object { (key, at, scanner) throws(InputError) in
      switch key {
      case "dtype": type = try scanner.string()
      case "shape": shape = try numbers(&scanner, most: 16, "a dimension")
      case "data_offsets": offsets = try numbers(&scanner, most: 2, "an offset")
      default:
        throw InputError(
          .data, at: at, "unknown key “\(key.prefix(60))”; accepted: dtype, shape, data_offsets")
      }
    }
    func wrong(_ what: String) -> InputError {
      InputError(.data, at: place, "tensor “\(name.prefix(80))”: \(what)")
    }
    guard let width = bits[type] else {
      throw wrong(
        "dtype “\(type.prefix(20))” is not known; accepted: \(bits.keys.sorted().joined(separator: ", "))")
    }
    guard let shape else { throw wrong("“shape” is missing") }
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] < 1 << 60 else {
      throw wrong("“data_offsets” has to be [begin, end]")
    }
    var elements: UInt64 = 1
    for size in shape {
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard !overflow, product < 1 << 56 else { throw wrong("has more elements than can be counted") }
      elements = product
    }
    let size = Int(offsets[1] - offsets[0])
    guard elements * UInt64(width) == UInt64(size) * 8 else {
      throw wrong("\(elements) elements of \(width) bits are not the \(size) bytes it takes")
    }
    let tensor = Tensor(
      name: name, type: type.lowercased(), elements: Double(elements), bytes: size, rank: shape.count)
    return (tensor, (Int(offsets[0]), Int(offsets[1])))
  }

  private static func numbers(
    _ scanner: inout JSONScanner, most: Int, _ what: String
  ) throws(InputError) -> [UInt64] {
    var values: [UInt64] = []
    try scanner.array { (scanner) throws(InputError) in
      guard values.count < most else { throw scanner.failure("more than \(most) entries") }
      values.append(try scanner.unsigned(what))
    }
    return values
  }

  private static func check(
    _ extents: inout [(begin: Int, end: Int)], data: Int, _ source: ByteSource
  ) throws(InputError) {
    extents.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var end = 0
    for extent in extents {
      guard extent.begin == end else {
        throw source.failure(
          at: 8, extent.begin < end ? "tensors overlap at offset \(extent.begin)" : "a gap at offset \(end)")
      }
      end = extent.end
    }
    guard end == data else {
      throw source.failure(
        at: source.size, "the tensors take \(end) bytes, the file holds \(data) behind its header")
    }
  }
}
