import Kernels

/// The simulator's rules in the plainest words: lists in order of use, one request at a time, level after level.
struct CacheReference {
  struct Line { var number: UInt64, dirty: Bool }
  let geometry: [CacheGeometry]
  /// By level and set, most recent first.
  var sets: [[[Line]]]
  var fills: [Int]
  var writeBacks: [Int]

  init(_ geometry: [CacheGeometry]) {
    self.geometry = geometry
    sets = geometry.map { Array(repeating: [], count: $0.sets) }
    fills = geometry.map { _ in 0 }
    writeBacks = fills
  }

  mutating func touch(address: UInt64, _ bytes: Int, writes: Bool) {
    let width = UInt64(geometry[0].lineBytes)
    for number in address / width...(address + UInt64(bytes) - 1) / width {
      access(0, number, dirty: writes, fetches: true)
    }
  }

  /// A line written back from above comes whole and fetches nothing.
  private mutating func access(_ level: Int, _ number: UInt64, dirty: Bool, fetches: Bool) {
    guard level < geometry.count else { return }
    let set = Int(number % UInt64(geometry[level].sets))
    if let at = sets[level][set].firstIndex(where: { $0.number == number }) {
      let line = sets[level][set].remove(at: at)
      sets[level][set].insert(Line(number: number, dirty: line.dirty || dirty), at: 0)
      return
    }
    if sets[level][set].count == geometry[level].ways {
      let victim = sets[level][set].removeLast()
      if victim.dirty {
        writeBacks[level] += 1
        access(level + 1, victim.number, dirty: true, fetches: false)
      }
    }
    sets[level][set].insert(Line(number: number, dirty: dirty), at: 0)
    if fetches {
      fills[level] += 1
      access(level + 1, number, dirty: false, fetches: true)
    }
  }

  mutating func flush() {
    for level in geometry.indices {
      for set in sets[level].indices {
        for way in sets[level][set].indices where sets[level][set][way].dirty {
          sets[level][set][way].dirty = false
          writeBacks[level] += 1
          access(level + 1, sets[level][set][way].number, dirty: true, fetches: false)
        }
      }
    }
  }
}
