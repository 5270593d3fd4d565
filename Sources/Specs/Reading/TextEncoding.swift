/// How the bytes of a text file are to be read: Windows writes marks in front, UTF-16, and µ as one byte.
enum TextEncoding {
  /// The same text in UTF-8 without a byte-order mark; what is neither stays as it is.
  static func utf8(_ bytes: [UInt8]) -> [UInt8] {
    switch bytes.prefix(2) {
    case [0xFF, 0xFE]: return transcoded(bytes) { UInt16($0) | UInt16($1) << 8 }
    case [0xFE, 0xFF]: return transcoded(bytes) { UInt16($1) | UInt16($0) << 8 }
    default: return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }
  }

  private static func transcoded(_ bytes: [UInt8], _ unit: (UInt8, UInt8) -> UInt16) -> [UInt8] {
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  /// `µ` alone of ISO 8859-1 and Windows-1252 (0xB5), as profilers print microseconds, made UTF-8.
  static func withWideMicroSigns(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + 64)
    for byte in bytes {
      if byte == 0xB5, text.last ?? 0 < 0x80 { text.append(0xC2) }
      text.append(byte)
    }
    return text
  }
}
