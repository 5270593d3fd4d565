extension StringProtocol {
  /// With what `replacement` gives in place of the scalars that it gives something for.
  ///
  /// Every format's escaping goes through here, by scalars: a quote and the accent behind it are one `Character`, which
  /// equals no quote.
  public func escaped(_ replacement: (Unicode.Scalar) -> String?) -> String {
    var out = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if let text = replacement(scalar) {
        out.append(contentsOf: text.unicodeScalars)
      } else {
        out.append(scalar)
      }
    }
    return String(out)
  }

  /// Fit to be shown in a line: what would move a cursor or turn writing round is a space.
  public var inert: String { escaped { $0.isControl ? " " : nil } }
}

extension Unicode.Scalar {
  /// Steers whoever shows it and shows nothing itself: C0, DEL, C1, separators of lines, controls of direction (Unicode
  /// Standard Annex 9; they let `cba` read as `abc`), the byte-order mark and other non-characters.
  public var isControl: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF,
      0xFFF9...0xFFFB,
      0xFFFE, 0xFFFF, 0xE0000...0xE007F:
      true
    default: false
    }
  }
}
