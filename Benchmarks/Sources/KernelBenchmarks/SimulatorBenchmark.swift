import Kernels

/// What a kernel touches, kept to be replayed: the simulator alone is timed, not the kernel's arithmetic.
struct Recorder: Instrument {
  struct Range {
    var address: UInt64
    var bytes: Int32
    var writes: Bool
  }
  var ranges: [Range] = []

  mutating func add(_ address: UnsafeRawPointer, _ bytes: Int, _ depth: Int, _ writes: Bool) {
    guard depth == 0, bytes > 0 else { return }
    ranges.append(Range(address: UInt64(UInt(bitPattern: address)), bytes: Int32(bytes), writes: writes))
  }
  mutating func load(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    add(address, bytes, depth, false)
  }
  mutating func store(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    add(address, bytes, depth, true)
  }
  mutating func update(_ address: UnsafeRawPointer, _ bytes: Int, depth: Int) {
    add(address, bytes, depth, true)
  }
}

/// The least that a simulator can do: one load, comparison and store an access, in a table of 512 lines.
func directMapped(_ ranges: [Recorder.Range], _ table: UnsafeMutablePointer<UInt64>) -> Int {
  var misses = 0
  for range in ranges {
    let last = (range.address &+ UInt64(range.bytes) &- 1) >> 6
    var line = range.address >> 6
    while line <= last {
      misses &+= table[Int(line & 511)] == line ? 0 : 1
      table[Int(line & 511)] = line
      line &+= 1
    }
  }
  return misses
}

func simulate(_ kernel: some Kernel) {
  let sizes = [32 << 10, 1 << 20, 16 << 20]
  let levels = sizes.compactMap { CacheGeometry(bytes: $0, ways: 8) }
  let data = kernel.makeData(.best, threads: 1)
  var recorder = Recorder()
  kernel.execute(data, .best, &recorder)
  let ranges = recorder.ranges
  let table = UnsafeMutablePointer<UInt64>.allocate(capacity: 512)
  defer { table.deallocate() }
  table.initialize(repeating: 0, count: 512)
  var misses = 0
  let limit = best(5) { misses = directMapped(ranges, table) }
  for count in [1, 3] {
    guard let caches = CacheHierarchy(Array(levels.prefix(count))) else { continue }
    let time = best(5) {
      caches.reset()
      for range in ranges { caches.touch(address: range.address, Int(range.bytes), writes: range.writes) }
    }
    let (rate, bare) = (Double(caches.accesses) / time / 1e6, Double(caches.accesses) / limit / 1e6)
    let missed = caches.fills.map { String(Int(1000 * Double($0) / Double(caches.accesses))) }
    print(
      "simulator, \(kernel.name) \(kernel.shape), \(count) × 8 ways: \(Int(rate)) M line accesses/s,",
      "\(Int(100 * rate / bare)) % of a direct-mapped table's \(Int(bare));",
      "\(caches.accesses) accesses in \(ranges.count) ranges, missed ‰ \(missed.joined(separator: ", "))",
      misses >= 0 ? "" : "-")
  }
}
