import Specs

extension JSONNode {
  /// The objects and lists that begin a line of a text, whatever stands between them: one document, JSON lines, or
  /// either with a program's log around it.
  ///
  /// - Returns: also why lines that began an object held none; of lists where nothing was found: logs have brackets.
  package static func fragments(of source: SourceFile) -> (nodes: [JSONNode], failures: [InputError]) {
    let bytes = Array(source.text.utf8)
    let file = ByteSource(name: source.name, bytes: bytes)
    var nodes: [JSONNode] = []
    var failures: [InputError] = []
    var lists: [InputError] = []
    var (start, line) = (0, 1)
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let first = bytes[start..<end].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
      if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
        var scanner = JSONScanner(file, range: start..<bytes.count, limits: .records, line: line)
        do throws(InputError) {
          nodes.append(try scanner.node())
          // What stands behind it in its last line is no beginning of another.
          line += bytes[start..<scanner.offset].count { $0 == UInt8(ascii: "\n") }
          start = scanner.offset
          continue
        } catch {
          if first == UInt8(ascii: "{") { failures.append(error) } else if lists.isEmpty { lists = [error] }
        }
      }
      line += 1
      start = end + 1
    }
    return (nodes, nodes.isEmpty ? lists + failures : failures)
  }

  /// The objects in this value, however deep, that have all of the keys; none within another.
  package func objects(with keys: [String]) -> [JSONNode] {
    switch value {
    case .object(let members):
      if keys.allSatisfy({ key in members.contains { $0.key == key } }) { return [self] }
      return members.flatMap { $0.value.objects(with: keys) }
    case .array(let items): return items.flatMap { $0.objects(with: keys) }
    default: return []
    }
  }
}
