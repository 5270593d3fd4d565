extension StringProtocol {
  /// Without spaces, tabs and line ends before and after.
  public var trimmed: String { drop(while: \.isWhitespace).trimmedEnd }

  /// Without spaces, tabs and line ends after.
  public var trimmedEnd: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// With so many `fill` before that it has at least `width` characters.
  public func padded(to width: Int, with fill: Character = " ") -> String {
    String(repeating: fill, count: Swift.max(0, width - count)) + self
  }
}
