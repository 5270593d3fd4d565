import MicroKernels

/// Set-associative caches, near to far, least recently used, write-back and write-allocate.
///
/// A miss asks the next level; a dirty victim is written there first. Not inclusive: a victim of the far level stays
/// in the near one, as in most of today's processors. The loops are C's, in `CacheSimulator.c`.
public final class CacheHierarchy {
  public let geometry: [CacheGeometry]
  /// Lines touched since the last `reset`.
  public private(set) var accesses = 0
  private let caches: OpaquePointer
  private let shift: UInt64

  /// - Returns: nil without a level, with more than eight, when lines differ, or without memory for the tags.
  public init?(_ levels: [CacheGeometry]) {
    guard let first = levels.first, levels.allSatisfy({ $0.lineBytes == first.lineBytes }),
      let caches = mk_caches_new(
        levels.count, levels.map { UInt64($0.sets) }, levels.map { UInt64($0.ways) })
    else { return nil }
    geometry = levels
    shift = UInt64(first.lineBytes.trailingZeroBitCount)
    self.caches = caches
  }

  deinit { mk_caches_free(caches) }

  /// Touches every line of a range, in order.
  @inline(__always)
  public func touch(address: UInt64, _ bytes: Int, writes: Bool) {
    guard bytes > 0 else { return }
    let first = address >> shift
    let count = (address &+ UInt64(bytes) &- 1) >> shift &- first &+ 1
    accesses &+= Int(count)
    mk_caches_touch(caches, first, count, writes ? 1 : 0)
  }

  /// Lines that crossed below each level since the last `reset`, near to far.
  public var fills: [Int] { geometry.indices.map { Int(mk_caches_fills(caches, $0)) } }
  public var writeBacks: [Int] { geometry.indices.map { Int(mk_caches_write_backs(caches, $0)) } }

  /// Writes every dirty line back, near to far, as if all were evicted in the end.
  public func flush() { mk_caches_flush(caches) }

  /// Counts from nought; what is cached stays.
  public func reset() {
    mk_caches_reset(caches)
    accesses = 0
  }

  public func bytesBelow(_ level: Int) -> (reads: Double, writes: Double) {
    let line = Double(geometry[level].lineBytes)
    return (
      Double(mk_caches_fills(caches, level)) * line, Double(mk_caches_write_backs(caches, level)) * line
    )
  }
}
