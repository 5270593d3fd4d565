/// Text on its way out, handed on in pieces so that no report has to be in memory whole.
struct TextStream {
  private var waiting = ""
  private let hand: (String) throws -> Void
  private static let most = 1 << 16

  init(_ hand: @escaping (String) throws -> Void) { self.hand = hand }

  mutating func write(_ text: some StringProtocol) throws {
    waiting += text
    if waiting.utf8.count >= Self.most { try flush() }
  }

  /// Hands on what is left.
  mutating func flush() throws {
    if !waiting.isEmpty { try hand(waiting) }
    waiting = ""
  }

  /// All of it in one piece.
  static func collected(_ write: (inout TextStream) throws -> Void) rethrows -> String {
    var text = ""
    var stream = TextStream { text += $0 }
    try write(&stream)
    text += stream.waiting
    return text
  }
}
