/// One level of a simulated cache.
public struct CacheGeometry: Hashable, Sendable {
  public var bytes: Int
  public var ways: Int
  public var lineBytes: Int

  /// - Returns: nil unless ways and line are powers of two or ways is any count, sets a whole power of two.
  public init?(bytes: Int, ways: Int, lineBytes: Int = 64) {
    guard bytes > 0, ways > 0, ways <= 64, lineBytes >= 4, lineBytes & (lineBytes - 1) == 0,
      bytes % (ways * lineBytes) == 0
    else { return nil }
    let sets = bytes / (ways * lineBytes)
    guard sets & (sets - 1) == 0 else { return nil }
    (self.bytes, self.ways, self.lineBytes) = (bytes, ways, lineBytes)
  }

  var sets: Int { bytes / (ways * lineBytes) }
}

/// Set-associative caches, near to far, least recently used, write-back and write-allocate.
///
/// A miss asks the next level; a dirty victim is written there. Not inclusive: a victim of the far level stays
/// in the near one, as in most of today's processors.
public final class CacheHierarchy {
  /// Lines that crossed below each level since the last `reset`, near to far.
  public private(set) var fills: [Int]
  public private(set) var writeBacks: [Int]
  public private(set) var accesses = 0
  public let geometry: [CacheGeometry]
  private let tags: [UnsafeMutablePointer<UInt64>]
  private let masks: [UInt64]
  private let ways: [Int]
  private let shift: UInt64
  // The nearest level once more, outside arrays: every access passes here.
  private let nearTags: UnsafeMutablePointer<UInt64>
  private let nearMask: UInt64
  private let nearWays: Int

  /// - Returns: nil without a level or when lines differ.
  public init?(_ levels: [CacheGeometry]) {
    guard let first = levels.first, levels.allSatisfy({ $0.lineBytes == first.lineBytes }) else { return nil }
    geometry = levels
    shift = UInt64(first.lineBytes.trailingZeroBitCount)
    masks = levels.map { UInt64($0.sets - 1) }
    ways = levels.map(\.ways)
    tags = levels.map { level in
      let pointer = UnsafeMutablePointer<UInt64>.allocate(capacity: level.sets * level.ways)
      pointer.initialize(repeating: 0, count: level.sets * level.ways)
      return pointer
    }
    (nearTags, nearMask, nearWays) = (tags[0], masks[0], ways[0])
    fills = levels.map { _ in 0 }
    writeBacks = levels.map { _ in 0 }
  }

  deinit { for pointer in tags { pointer.deallocate() } }

  /// Touches every line of a range, in order.
  public func touch(_ address: UnsafeRawPointer, _ bytes: Int, writes: Bool) {
    guard bytes > 0 else { return }
    touch(address: UInt64(UInt(bitPattern: address)), bytes, writes: writes)
  }

  public func touch(address: UInt64, _ bytes: Int, writes: Bool) {
    let first = address >> shift
    let last = (address + UInt64(bytes) - 1) >> shift
    accesses += Int(last - first) + 1
    let (near, mask, ways) = (nearTags, nearMask, nearWays)
    let dirty: UInt64 = writes ? 1 : 0
    var line = first
    while line <= last {
      // An entry is (line + 1) · 2 + dirty, most recent first; 0 is empty.
      let entry = (line + 1) << 1
      let set = near + Int(line & mask) * ways
      let head = set[0]
      if head & ~1 == entry {
        set[0] = head | dirty
      } else {
        access(set, ways, entry | dirty, level: 0)
      }
      line += 1
    }
  }

  /// Looks beyond the most recent way; moves what it passes one way down, so that a hit or a fill ends in front.
  @inline(__always)
  private func access(_ set: UnsafeMutablePointer<UInt64>, _ ways: Int, _ entry: UInt64, level: Int) {
    let wanted = entry & ~1
    var carried = set[0]
    var way = 1
    while way < ways {
      let here = set[way]
      set[way] = carried
      if here & ~1 == wanted {
        set[0] = here | entry
        return
      }
      carried = here
      way += 1
    }
    set[0] = entry
    miss(wanted, victim: carried, level: level)
  }

  @inline(never)
  private func miss(_ wanted: UInt64, victim: UInt64, level: Int) {
    fills[level] += 1
    if victim & 1 != 0 {
      writeBacks[level] += 1
      below(level, victim)
    }
    below(level, wanted)
  }

  private func below(_ level: Int, _ entry: UInt64) {
    let next = level + 1
    guard next < tags.count else { return }
    let line = (entry >> 1) - 1
    let set = tags[next] + Int(line & masks[next]) * ways[next]
    if set[0] & ~1 == entry & ~1 {
      set[0] |= entry
      return
    }
    if entry & 1 != 0 {
      writeInto(set, entry, level: next)
    } else {
      access(set, ways[next], entry, level: next)
    }
  }

  /// A whole dirty line from above needs no fill.
  private func writeInto(_ set: UnsafeMutablePointer<UInt64>, _ entry: UInt64, level: Int) {
    let ways = ways[level]
    var carried = set[0]
    for way in 1..<max(ways, 1) {
      let here = set[way]
      set[way] = carried
      if here & ~1 == entry & ~1 {
        set[0] = entry
        return
      }
      carried = here
    }
    set[0] = entry
    if carried & 1 != 0 {
      writeBacks[level] += 1
      below(level, carried)
    }
  }

  /// Writes every dirty line back, near to far, as if all were evicted in the end.
  public func flush() {
    for level in tags.indices {
      let count = geometry[level].sets * ways[level]
      for index in 0..<count where tags[level][index] & 1 != 0 {
        let entry = tags[level][index]
        tags[level][index] = entry & ~1
        writeBacks[level] += 1
        below(level, entry)
      }
    }
  }

  /// Counts from nought; what is cached stays.
  public func reset() {
    for level in tags.indices { (fills[level], writeBacks[level]) = (0, 0) }
    accesses = 0
  }

  public func bytesBelow(_ level: Int) -> (reads: Double, writes: Double) {
    let line = Double(geometry[level].lineBytes)
    return (Double(fills[level]) * line, Double(writeBacks[level]) * line)
  }
}

extension CacheGeometry {
  /// What traffic is simulated with, the same on every machine: 32 KiB, 256 KiB and 2 MiB of 16 ways.
  public static var standard: [(name: String, geometry: CacheGeometry)] {
    [(32, "32 KiB"), (256, "256 KiB"), (2048, "2 MiB")].compactMap { size, name in
      CacheGeometry(bytes: size << 10, ways: 16).map { (name, $0) }
    }
  }
}
