/// One level of a simulated cache.
public struct CacheGeometry: Hashable, Sendable {
  public var bytes: Int
  public var ways: Int
  public var lineBytes: Int

  /// - Returns: nil unless the line is a power of two from 4 bytes, ways are 1 to 64 and fill whole sets. A count of
  ///   sets that is no power of two is simulated by the remainder of a division: processors hash there.
  public init?(bytes: Int, ways: Int, lineBytes: Int = 64) {
    guard bytes > 0, bytes <= 1 << 40, (1...64).contains(ways), lineBytes >= 4,
      lineBytes & (lineBytes - 1) == 0, lineBytes <= 1 << 20, bytes % (ways * lineBytes) == 0
    else { return nil }
    (self.bytes, self.ways, self.lineBytes) = (bytes, ways, lineBytes)
  }

  public var sets: Int { bytes / (ways * lineBytes) }
}

extension CacheGeometry {
  /// What traffic is simulated with, the same on every machine: 32 KiB, 256 KiB and 2 MiB of 16 ways.
  public static var standard: [(name: String, geometry: CacheGeometry)] {
    [(32, "32 KiB"), (256, "256 KiB"), (2048, "2 MiB")].compactMap { size, name in
      CacheGeometry(bytes: size << 10, ways: 16).map { (name, $0) }
    }
  }
}
