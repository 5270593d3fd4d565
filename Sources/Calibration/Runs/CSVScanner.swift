/// RFC 4180, line by line.
struct CSVScanner {
  private var rest: Substring.UTF8View
  private var line = 0

  init(_ text: String) { rest = Substring(text).utf8 }

  mutating func next() -> (fields: [String], line: Int)? {
    guard !rest.isEmpty else { return nil }
    line += 1
    let start = line
    var fields: [String] = []
    var field: [UInt8] = []
    var quoted = false
    var index = rest.startIndex
    scan: while index != rest.endIndex {
      let byte = rest[index]
      let after = rest.index(after: index)
      switch byte {
      case UInt8(ascii: "\""):
        if quoted, after != rest.endIndex, rest[after] == byte {
          field.append(byte)
          index = rest.index(after: after)
          continue scan
        }
        quoted.toggle()
      case UInt8(ascii: ",") where !quoted:
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
      case UInt8(ascii: "\n") where !quoted:
        index = after
        break scan
      case UInt8(ascii: "\r") where !quoted: break
      default:
        if byte == UInt8(ascii: "\n") { line += 1 }
        field.append(byte)
      }
      index = after
    }
    rest = rest[index...]
    fields.append(String(decoding: field, as: UTF8.self))
    return (fields, start)
  }
}
