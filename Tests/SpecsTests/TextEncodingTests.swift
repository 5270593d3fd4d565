import Testing

@testable import Specs

/// Text as Windows and profilers write it.
@Suite struct TextEncodingTests {
  static let text = "kernel µs ä\n"

  @Test func marksAndUTF16AreTaken() {
    let plain = Array(Self.text.utf8)
    #expect(TextEncoding.utf8(plain) == plain)
    #expect(TextEncoding.utf8([0xEF, 0xBB, 0xBF] + plain) == plain)
    let units = Array(Self.text.utf16)
    let little = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    #expect(TextEncoding.utf8([0xFF, 0xFE] + little) == plain)
    let big = units.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    #expect(TextEncoding.utf8([0xFE, 0xFF] + big) == plain)
  }

  @Test func microSignsOfOneByteAreWidened() {
    #expect(TextEncoding.withWideMicroSigns([0x31, 0xB5, 0x73, 0xC2, 0xB5]) == Array("1µsµ".utf8))
  }
}
