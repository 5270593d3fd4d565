import Basics
import Testing

@testable import Kernels

@Suite struct HardwareCountersTests {
  @Test func refusalsAreSaidInWords() {
    let words = { HardwareCounters.reason(errno: $0, paranoid: 3) }
    #expect(words(EACCES) == "not permitted (EACCES; kernel.perf_event_paranoid is 3)")
    #expect(words(EPERM).contains("EPERM; kernel.perf_event_paranoid is 3"))
    #expect(words(ENOENT).contains("no such counter (ENOENT)"))
    #expect(words(ENODEV).contains("ENODEV") && words(EOPNOTSUPP).contains("EOPNOTSUPP"))
    #expect(words(ENOSYS).contains("no perf_event_open"))
    #expect(words(EMFILE) == "perf_event_open failed with errno \(EMFILE)")
    #expect(HardwareCounters.reason(errno: EACCES, paranoid: nil).contains("no perf_event_paranoid"))
  }

  /// Wherever this runs: every event is counted or refused with a reason, and counting changes no result.
  @Test func openingNeverTraps() {
    let counters = HardwareCounters()
    #expect(counters.counted.count + counters.refused.count == HardwareCounters.Event.allCases.count)
    #expect((counters.skipped == nil) == !counters.counted.isEmpty)
    #expect(counters.skipped?.hasPrefix("hardware counters: skipped, ") ?? true)
    var sum = 0
    let counts = counters.count { for index in 0..<1000 { sum += index } }
    #expect(sum == 499_500 && Set(counts.keys).isSubset(of: counters.counted))
    #expect(counts.values.allSatisfy { $0 >= 0 })
  }

  @Test func missesStandBesideThisMachinesNearestAndLastCache() throws {
    let geometry = try #require(CacheGeometry(bytes: 4096, ways: 8))
    let system = CacheSystem(
      name: "this machine", levels: [("L1", geometry), ("L2", geometry), ("L3", geometry)])
    var rows = Crosscheck.traffic(
      StreamKernel(.read, elements: 1000), systems: CacheSystem.standard + [system])
    rows.add([.l1dReadMisses: 10, .llcMisses: 2], of: system)
    #expect(rows.suffix(3).map(\.hardware) == [640, nil, 128])
    #expect(rows.dropLast(3).allSatisfy { $0.hardware == nil })
  }
}
