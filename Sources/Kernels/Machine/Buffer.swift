import Basics

/// Aligned memory of `count` elements; large ones ask for huge pages, without which page walks are measured.
public final class Buffer<Element: BitwiseCopyable>: @unchecked Sendable {
  public let count: Int
  public let base: UnsafeMutablePointer<Element>
  private let raw: UnsafeMutableRawPointer

  /// Zeroed, so that every page is there before the clock starts.
  public init(_ count: Int) {
    self.count = max(count, 1)
    let bytes = self.count * MemoryLayout<Element>.stride
    let huge = 2_097_152
    let alignment = bytes >= huge ? huge : 4096
    // One line more: an innermost loop may look, but not write, past the end.
    raw = UnsafeMutableRawPointer.allocate(byteCount: bytes + 64, alignment: alignment)
    #if os(Linux)
      if bytes >= huge { madvise(raw, bytes, MADV_HUGEPAGE) }
    #endif
    memset(raw, 0, bytes + 64)
    base = raw.bindMemory(to: Element.self, capacity: self.count)
    AddressLayout.current?.add(raw, bytes: bytes + 64, alignment: alignment)
  }

  deinit { raw.deallocate() }

  public var bytes: Int { count * MemoryLayout<Element>.stride }
  public subscript(index: Int) -> Element {
    get { base[index] }
    set { base[index] = newValue }
  }
}

extension Buffer where Element == Float {
  /// Reproducible numbers in −1…1 (a 64-bit linear congruence, Knuth's MMIX constants).
  public convenience init(_ count: Int, seed: UInt64) {
    self.init(count)
    var state = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    for index in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      base[index] = Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
    }
  }
}
