import Specs

/// Reads little-endian GGUF fields one after the other.
struct GGUFCursor {
  let source: ByteSource
  private(set) var offset = 0
  /// Elements of lists walked over so far, in the whole file.
  private var walked = 0

  /// Longest text that is kept; longer (a chat template) is read over.
  static let keptText = 4096
  /// Longest list of numbers that is kept: one a layer.
  static let keptList = 4096
  /// A vocabulary has a million entries at most; files that claim more would only take time.
  static let mostElements = 16_000_000

  init(_ source: ByteSource) { self.source = source }

  var remaining: Int { source.size - offset }

  mutating func raw(_ count: Int, _ what: String) throws(InputError) -> [UInt8] {
    let bytes = try source.bytes(at: offset, count: count, what: what)
    offset += count
    return bytes
  }

  mutating func number<T: FixedWidthInteger>(_: T.Type, _ what: String) throws(InputError) -> T {
    var value: T = 0
    for (index, byte) in try raw(T.bitWidth / 8, what).enumerated() {
      value |= T(truncatingIfNeeded: byte) << T(8 * index)
    }
    return value
  }

  /// A count that the rest of the file has to have room for.
  mutating func count(_ what: String, most: Int, leastBytes: Int) throws(InputError) -> Int {
    let start = offset
    let value = try number(UInt64.self, "the number of \(what)")
    guard value <= UInt64(most) else {
      throw source.failure(at: start, "\(value) \(what); at most \(most) are accepted")
    }
    guard Int(value) <= remaining / leastBytes else {
      throw source.failure(at: start, "\(value) \(what) do not fit into the \(remaining) bytes that follow")
    }
    return Int(value)
  }

  private mutating func textLength(_ what: String) throws(InputError) -> Int {
    let start = offset
    let length = try number(UInt64.self, "the length of \(what)")
    guard length <= UInt64(max(0, remaining)) else {
      throw source.failure(at: start, "\(what) of \(length) bytes; \(remaining) follow")
    }
    return Int(length)
  }

  mutating func string(_ what: String, most: Int) throws(InputError) -> String {
    let start = offset
    let length = try textLength(what)
    guard length <= most else {
      throw source.failure(at: start, "\(what) of \(length) bytes; at most \(most) are accepted")
    }
    let bytes = try raw(length, what)
    guard SourceFile.firstInvalidUTF8(bytes) == nil else {
      throw source.failure(at: start, "\(what) is not valid UTF-8")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// One metadata value; types as the specification numbers them.
  mutating func value(type: UInt32, depth: Int) throws(InputError) -> GGUFValue {
    let start = offset
    switch type {
    case 0: return .whole(Int(try number(UInt8.self, "a value")))
    case 1: return .whole(Int(try number(Int8.self, "a value")))
    case 2: return .whole(Int(try number(UInt16.self, "a value")))
    case 3: return .whole(Int(try number(Int16.self, "a value")))
    case 4: return .whole(Int(try number(UInt32.self, "a value")))
    case 5: return .whole(Int(try number(Int32.self, "a value")))
    case 6: return .real(Double(Float(bitPattern: try number(UInt32.self, "a value"))))
    case 7: return .flag(try number(UInt8.self, "a value") != 0)
    case 8: return try text()
    case 9: return try list(depth: depth)
    case 10:
      let value = try number(UInt64.self, "a value")
      return Int(exactly: value).map { .whole($0) } ?? .real(Double(value))
    case 11: return .whole(Int(try number(Int64.self, "a value")))
    case 12: return .real(Double(bitPattern: try number(UInt64.self, "a value")))
    default: throw source.failure(at: start, "value type \(type) is not known; accepted: 0 to 12")
    }
  }

  private mutating func text() throws(InputError) -> GGUFValue {
    let start = offset
    let length = try textLength("a text")
    guard length <= Self.keptText else {
      offset += length
      return .list(count: length)
    }
    let bytes = try raw(length, "a text")
    guard SourceFile.firstInvalidUTF8(bytes) == nil else {
      throw source.failure(at: start, "a text is not valid UTF-8")
    }
    return .text(String(decoding: bytes, as: UTF8.self))
  }

  private mutating func list(depth: Int) throws(InputError) -> GGUFValue {
    let start = offset
    guard depth < 4 else { throw source.failure(at: start, "lists nested more than 4 deep") }
    let type = try number(UInt32.self, "a list's type")
    let widths: [UInt32: Int] = [
      0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 8: 8, 9: 12, 10: 8, 11: 8, 12: 8,
    ]
    guard let width = widths[type] else {
      throw source.failure(at: start, "value type \(type) is not known; accepted: 0 to 12")
    }
    let count = try count("list elements", most: Self.mostElements, leastBytes: width)
    walked += count
    guard walked <= Self.mostElements else {
      throw source.failure(at: start, "more than \(Self.mostElements) list elements in all")
    }
    switch type {
    case 8:
      for _ in 0..<count { offset += try textLength("a list's text") }
      return .list(count: count)
    case 9:
      for _ in 0..<count { _ = try list(depth: depth + 1) }
      return .list(count: count)
    case 6, 12:
      offset += count * width
      return .list(count: count)
    default:
      guard count <= Self.keptList else {
        offset += count * width
        return .list(count: count)
      }
      var values: [Int] = []
      for _ in 0..<count {
        switch try value(type: type, depth: depth + 1) {
        case .whole(let number): values.append(number)
        case .flag(let flag): values.append(flag ? 1 : 0)
        default: return .list(count: count)
        }
      }
      return .wholes(values)
    }
  }

  mutating func tensor() throws(InputError) -> GGUFTensor {
    let start = offset
    let name = try string("a tensor's name", most: 256)
    let rank = try number(UInt32.self, "a tensor's rank")
    guard (1...4).contains(rank) else {
      throw source.failure(at: start, "tensor “\(name)” has \(rank) dimensions; accepted: 1 to 4")
    }
    var shape: [Int] = []
    var elements = 1
    for _ in 0..<rank {
      let size = try number(UInt64.self, "a tensor's shape")
      guard size > 0, let whole = Int(exactly: size) else {
        throw source.failure(at: start, "tensor “\(name)” has a dimension of \(size)")
      }
      let (product, overflow) = elements.multipliedReportingOverflow(by: whole)
      guard !overflow, product < 1 << 56 else {
        throw source.failure(at: start, "tensor “\(name)” has more elements than can be counted")
      }
      elements = product
      shape.append(whole)
    }
    let typeNumber = try number(UInt32.self, "a tensor's type")
    guard let type = GGMLType.number(typeNumber) else {
      throw source.failure(at: start, "tensor “\(name)” is stored as type \(typeNumber), which is not known")
    }
    guard shape[0] % type.blockElements == 0 else {
      throw source.failure(
        at: start, "tensor “\(name)”: rows of \(shape[0]) do not divide into blocks of \(type.blockElements)")
    }
    let place = try number(UInt64.self, "a tensor's offset")
    guard let position = Int(exactly: place), position < 1 << 60 else {
      throw source.failure(at: start, "tensor “\(name)” begins at \(place), beyond any file")
    }
    return GGUFTensor(name: name, shape: shape, type: type, offset: position)
  }
}
