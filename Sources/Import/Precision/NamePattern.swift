import Specs

/// A regular expression as quantisation tools write them: literals, `.`, classes, groups, `|`, `* + ? {m,n}`,
/// `^ $ \b`, lookaheads.
///
/// All ways through it are followed at once (Thompson 1968), so that no pattern of any file takes more than its
/// length times the text's.
struct NamePattern: Sendable {
  private indirect enum Node {
    case set(ByteSet)
    case sequence([Node])
    case choice([Node])
    case repeated(Node, least: Int, most: Int?)
    case start, end, boundary
    case look(Node, wanted: Bool)
  }

  /// A bit a byte.
  private struct ByteSet {
    private var bits = SIMD4<UInt64>.zero
    var negated = false

    init(_ members: some Sequence<UInt8>, negated: Bool = false) {
      insert(members)
      self.negated = negated
    }

    mutating func insert(_ members: some Sequence<UInt8>) {
      for byte in members { bits[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    }

    mutating func formUnion(_ other: ByteSet) { bits |= other.bits }

    func contains(_ byte: UInt8) -> Bool { (bits[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1) != negated }
  }

  private enum Step {
    case set(ByteSet)
    case split([Int])
    case start, end, boundary
    case look([Step], wanted: Bool)
    case done
  }

  private let program: [Step]

  /// Steps that one byte may take.
  var count: Int { program.count }

  /// - Throws: `InputError`, 65, for what is none or is too long.
  init(_ text: String, at location: SourceLocation) throws(InputError) {
    var parser = Parser(bytes: Array(text.utf8))
    guard text.utf8.count <= 1_000, let node = parser.choice(depth: 0), parser.at == parser.bytes.count,
      let program = Self.compile(node)
    else {
      throw InputError(
        .data, at: location, "“\(text.prefix(80))” is no regular expression that is understood here")
    }
    self.program = program
  }

  /// Whether some beginning of `text` fits, as Python's `re.match` has it.
  func matchesStart(of text: [UInt8]) -> Bool { Self.run(program, text, from: 0) }

  // MARK: - Following all ways at once

  private static func run(_ program: [Step], _ text: [UInt8], from first: Int) -> Bool {
    // Where each step was last come by.
    var seen = [Int](repeating: -1, count: program.count)
    var (open, next) = ([0], [Int]())
    for place in first...text.count {
      while let state = open.popLast() {
        guard seen[state] != place else { continue }
        seen[state] = place
        switch program[state] {
        case .done: return true
        case .set(let set): if place < text.count, set.contains(text[place]) { next.append(state + 1) }
        case .split(let ways): open += ways
        case .start: if place == 0 { open.append(state + 1) }
        case .end: if place == text.count { open.append(state + 1) }
        case .boundary:
          let before = place > 0 && isWord(text[place - 1])
          if before != (place < text.count && isWord(text[place])) { open.append(state + 1) }
        case .look(let inner, let wanted):
          if run(inner, text, from: place) == wanted { open.append(state + 1) }
        }
      }
      if next.isEmpty { return false }
      swap(&open, &next)
    }
    return false
  }

  private static func isWord(_ byte: UInt8) -> Bool { word.contains(byte) }

  // MARK: - Program

  private static let longest = 4_000

  private static func compile(_ node: Node) -> [Step]? {
    var program: [Step] = []
    guard emit(node, &program) else { return nil }
    return program + [.done]
  }

  private static func emit(_ node: Node, _ out: inout [Step]) -> Bool {
    guard out.count < longest else { return false }
    switch node {
    case .set(let set): out.append(.set(set))
    case .start: out.append(.start)
    case .end: out.append(.end)
    case .boundary: out.append(.boundary)
    case .sequence(let parts): return parts.allSatisfy { emit($0, &out) }
    case .look(let inner, let wanted):
      guard let program = compile(inner) else { return false }
      out.append(.look(program, wanted: wanted))
    case .choice(let ways):
      let split = out.count
      out.append(.split([]))
      var starts: [Int] = []
      var ends: [Int] = []
      for way in ways {
        starts.append(out.count)
        guard emit(way, &out) else { return false }
        ends.append(out.count)
        out.append(.split([]))
      }
      out[split] = .split(starts)
      for end in ends { out[end] = .split([out.count]) }
    case .repeated(let inner, let least, let most):
      for _ in 0..<least { guard emit(inner, &out) else { return false } }
      guard let most else {
        let loop = out.count
        out.append(.split([]))
        guard emit(inner, &out) else { return false }
        out.append(.split([loop]))
        out[loop] = .split([loop + 1, out.count])
        return true
      }
      var skips: [Int] = []
      for _ in least..<max(least, most) {
        skips.append(out.count)
        out.append(.split([]))
        guard emit(inner, &out) else { return false }
      }
      for skip in skips { out[skip] = .split([skip + 1, out.count]) }
    }
    return out.count < longest
  }

  // MARK: - Parsing

  private static let digits = ByteSet("0123456789".utf8)
  private static let word = ByteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_".utf8)

  private struct Parser {
    let bytes: [UInt8]
    var at = 0
    private var looks = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func take(_ text: String) -> Bool {
      guard bytes[at...].starts(with: text.utf8) else { return false }
      at += text.utf8.count
      return true
    }

    mutating func choice(depth: Int) -> Node? {
      guard depth < 50 else { return nil }
      var ways: [Node] = []
      repeat {
        var parts: [Node] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
          guard let atom = atom(depth: depth), let part = repetition(of: atom) else { return nil }
          parts.append(part)
        }
        ways.append(.sequence(parts))
      } while take("|")
      return ways.count == 1 ? ways[0] : .choice(ways)
    }

    private mutating func atom(depth: Int) -> Node? {
      guard let byte = next else { return nil }
      at += 1
      switch byte {
      case UInt8(ascii: "."): return .set(ByteSet([10], negated: true))
      case UInt8(ascii: "^"): return .start
      case UInt8(ascii: "$"): return .end
      case UInt8(ascii: "["): return set()
      case UInt8(ascii: "\\"): return escaped()
      case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): return nil
      case UInt8(ascii: "("):
        let look: Bool? = take("?=") ? true : take("?!") ? false : nil
        // Each level of lookahead multiplies the time by the text's length.
        if look != nil { looks += 1 }
        defer { if look != nil { looks -= 1 } }
        if looks > 2 { return nil }
        if look == nil, !take("?:"), next == UInt8(ascii: "?") { return nil }
        guard let inner = choice(depth: depth + 1), take(")") else { return nil }
        return look.map { .look(inner, wanted: $0) } ?? inner
      default: return .set(ByteSet([byte]))
      }
    }

    private mutating func repetition(of atom: Node) -> Node? {
      guard let byte = next else { return atom }
      var range: (Int, Int?)
      switch byte {
      case UInt8(ascii: "*"): range = (0, nil)
      case UInt8(ascii: "+"): range = (1, nil)
      case UInt8(ascii: "?"): range = (0, 1)
      case UInt8(ascii: "{"):
        guard let close = bytes[at...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let ends = String(decoding: bytes[(at + 1)..<close], as: UTF8.self)
          .split(separator: ",", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let least = Int(ends[0]), (0...1_000).contains(least) else {
          return nil
        }
        range = (least, ends.count == 1 ? least : ends[1].isEmpty ? nil : Int(ends[1]) ?? -1)
        if let most = range.1, !(least...1_000).contains(most) { return nil }
        at = close
      default: return atom
      }
      at += 1
      // How greedy a repetition is does not change whether there is a match.
      _ = take("?")
      return .repeated(atom, least: range.0, most: range.1)
    }

    private mutating func escaped() -> Node? {
      guard let byte = next else { return nil }
      if byte == UInt8(ascii: "b") {
        at += 1
        return .boundary
      }
      return escapedSet().map { .set($0) }
    }

    private mutating func escapedSet() -> ByteSet? {
      guard let byte = next else { return nil }
      at += 1
      var set: ByteSet
      switch byte {
      case UInt8(ascii: "d"), UInt8(ascii: "D"): set = NamePattern.digits
      case UInt8(ascii: "w"), UInt8(ascii: "W"): set = NamePattern.word
      case UInt8(ascii: "s"): return ByteSet([9, 10, 11, 12, 13, 32])
      default: return NamePattern.word.contains(byte) ? nil : ByteSet([byte])
      }
      // A capital is all others.
      set.negated = byte < UInt8(ascii: "a")
      return set
    }

    private mutating func set() -> Node? {
      var set = ByteSet([], negated: take("^"))
      var first = true
      while let byte = next, byte != UInt8(ascii: "]") || first {
        at += 1
        first = false
        if byte == UInt8(ascii: "\\") {
          guard let inner = escapedSet(), !inner.negated else { return nil }
          set.formUnion(inner)
        } else if take("-"), let last = next, last != UInt8(ascii: "]") {
          guard last >= byte else { return nil }
          at += 1
          set.insert(byte...last)
        } else {
          set.insert([byte])
          // A dash before the closing bracket is itself.
          if at > 0, bytes[at - 1] == UInt8(ascii: "-") { set.insert([UInt8(ascii: "-")]) }
        }
      }
      return take("]") ? .set(set) : nil
    }
  }
}
