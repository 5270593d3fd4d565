import Basics
import Kernels
import Testing

/// The simulator against plain lists, to the line.
@Suite struct CacheReferenceTests {
  static func level(_ sets: Int, _ ways: Int, line: Int = 64) -> CacheGeometry? {
    CacheGeometry(bytes: sets * ways * line, ways: ways, lineBytes: line)
  }

  /// One to four levels; ways below, at, between and above the vectors' widths; sets that are no power of two.
  static let geometries: [[CacheGeometry?]] = [
    [level(1, 1)], [level(4, 1), level(8, 2)], [level(8, 8)], [level(4, 3), level(16, 8)],
    [level(8, 8), level(16, 16)], [level(4, 12), level(12, 11)], [level(1, 16), level(1, 64)],
    [level(8, 4), level(8, 8), level(16, 16)], [level(4, 20), level(7, 24)],
    [level(2, 8), level(4, 8), level(8, 8), level(16, 8)], [level(4, 8, line: 32), level(24, 5, line: 32)],
  ]

  @Test(arguments: geometries.indices, [UInt64(1), 2, 3])
  func agreesOnRandomStreams(_ index: Int, _ seed: UInt64) throws {
    let geometry = Self.geometries[index].compactMap { $0 }
    #expect(geometry.count == Self.geometries[index].count)
    let caches = try #require(CacheHierarchy(geometry))
    var plain = CacheReference(geometry)
    var random = SplitMix64(seed: seed &+ UInt64(index) &* 64)
    let capacity = geometry.map(\.bytes).max() ?? 64
    for round in 0..<400 {
      // Ranges from a byte to some lines, near each other and now and then far away.
      let base: UInt64 = random.below(50) == 0 ? 0x7fff_0000_0000 : 4096
      let address = base + UInt64(random.below(capacity * 2))
      let bytes = 1 + random.below(random.below(8) == 0 ? capacity : 300)
      let writes = random.below(3) == 0
      caches.touch(address: address, bytes, writes: writes)
      plain.touch(address: address, bytes, writes: writes)
      if round % 97 == 0 { #expect(caches.fills == plain.fills) }
    }
    #expect(caches.fills == plain.fills && caches.writeBacks == plain.writeBacks)
    caches.flush()
    plain.flush()
    #expect(caches.fills == plain.fills && caches.writeBacks == plain.writeBacks)
  }
}
