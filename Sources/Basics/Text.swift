extension StringProtocol {
  /// Without spaces, tabs and line ends before and after.
  public var trimmed: String {
    unicodeScalars.first.map(Self.isPlain) == true ? trimmedEnd : drop(while: \.isWhitespace).trimmedEnd
  }

  /// An ASCII character that is no space: most texts begin and end with one.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool { ("!"..."~").contains(scalar) }

  /// Without spaces, tabs and line ends after.
  public var trimmedEnd: String {
    if unicodeScalars.last.map(Self.isPlain) == true { return String(self) }
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// With so many `fill` before that it has at least `width` characters.
  public func padded(to width: Int, with fill: Character = " ") -> String {
    String(repeating: fill, count: Swift.max(0, width - count)) + self
  }
}
