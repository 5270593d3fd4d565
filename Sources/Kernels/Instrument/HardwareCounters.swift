import MicroKernels

/// The processor's own counters, one thread in user mode: a fourth witness, where the kernel lets it speak.
public final class HardwareCounters {
  public enum Event: Int32, CaseIterable, Sendable {
    case cycles, instructions, l1dReadMisses, llcMisses
  }

  /// Events that this machine counts, and why it does not count the others.
  public let counted: [Event]
  public let refused: [Event: String]
  private let descriptors: [(event: Event, descriptor: Int32)]

  /// Opens what can be opened; never traps.
  public init() {
    var open: [(event: Event, descriptor: Int32)] = []
    var refused: [Event: String] = [:]
    for event in Event.allCases {
      let descriptor = mk_counter_open(event.rawValue)
      if descriptor >= 0 {
        open.append((event, descriptor))
      } else {
        refused[event] = Self.reason(errno: -descriptor, paranoid: Topology.perfEventParanoid())
      }
    }
    descriptors = open
    counted = open.map(\.event)
    self.refused = refused
  }

  deinit { for open in descriptors { mk_counter_close(open.descriptor) } }

  /// Why nothing is counted; nil where something is.
  public var skipped: String? {
    guard counted.isEmpty else { return nil }
    return "hardware counters: skipped, " + (refused[.cycles] ?? "none")
  }

  /// Counts of one run of `body` on this thread.
  public func count(_ body: () -> Void) -> [Event: Double] {
    for open in descriptors { mk_counter_start(open.descriptor) }
    body()
    var counts: [Event: Double] = [:]
    for open in descriptors {
      let value = mk_counter_stop(open.descriptor)
      if value >= 0 { counts[open.event] = value }
    }
    return counts
  }

  /// One run of a kernel on one thread, its data just made: as warm as writing it left the caches.
  public func count(_ kernel: some Kernel, _ arithmetic: Arithmetic = .best) -> [Event: Double] {
    let data = kernel.makeData(arithmetic, threads: 1)
    return count { kernel.run(data, arithmetic, threads: 1) }
  }

  /// What `perf_event_open`'s errno means here; perf_event_open(2).
  ///
  /// - Parameter paranoid: /proc/sys/kernel/perf_event_paranoid, where there is one.
  static func reason(errno: Int32, paranoid: Int?) -> String {
    let level = paranoid.map { "kernel.perf_event_paranoid is \($0)" } ?? "no perf_event_paranoid"
    return switch errno {
    case mk_eacces, mk_eperm: "not permitted (\(errno == mk_eperm ? "EPERM" : "EACCES"); \(level))"
    case mk_enoent: "this processor, or the virtual machine it is lent to, has no such counter (ENOENT)"
    case mk_enodev, mk_eopnotsupp:
      "the processor's counters are not there (\(errno == mk_enodev ? "ENODEV" : "EOPNOTSUPP"))"
    case mk_enosys: "this system has no perf_event_open (ENOSYS)"
    default: "perf_event_open failed with errno \(errno)"
    }
  }
}
