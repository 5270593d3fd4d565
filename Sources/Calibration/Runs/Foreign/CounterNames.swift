import Basics

/// What profilers call times and bytes, and the units that they write them in.
enum CounterNames {
  /// What one figure of a launch says.
  enum Meaning: Hashable, Sendable {
    /// Seconds; of several the lowest `rank` counts.
    case duration(rank: Int)
    /// Bytes, or `size` of them each, across the boundary below a level.
    case bytes(level: String, MeasuredTraffic.Direction, size: Double)
  }

  static let meanings: [String: Meaning] = {
    let durations = [
      "gpu__time_duration.sum", "gpu__time_duration.avg", "Duration", "gpu__time_duration.max", "DurationNs",
      "Med", "Avg", "AverageNs", "Average",
    ]
    var all = Dictionary(
      uniqueKeysWithValues: durations.enumerated().map { ($1, Meaning.duration(rank: $0)) })
    // Nsight Compute, “Metrics Reference”: lts is a slice of L2, l1tex the core's own cache; a sector has 32 bytes.
    // ROCm, “Performance counters and metrics”: FETCH_SIZE and WRITE_SIZE are KiB of video memory.
    let counters: [(String, String, MeasuredTraffic.Direction, Double)] = [
      ("dram__bytes_read.sum", "hbm", .read, 1), ("dram__bytes_write.sum", "hbm", .write, 1),
      ("dram__bytes.sum", "hbm", .both, 1), ("dram__sectors_read.sum", "hbm", .read, 32),
      ("dram__sectors_write.sum", "hbm", .write, 32),
      ("lts__t_bytes.sum", "l2", .both, 1), ("lts__t_sectors.sum", "l2", .both, 32),
      ("lts__t_bytes_op_read.sum", "l2", .read, 1), ("lts__t_bytes_op_write.sum", "l2", .write, 1),
      ("lts__t_sectors_op_read.sum", "l2", .read, 32), ("lts__t_sectors_op_write.sum", "l2", .write, 32),
      ("l1tex__t_bytes.sum", "sram", .both, 1), ("FETCH_SIZE", "hbm", .read, 1024),
      ("FetchSize", "hbm", .read, 1024), ("WRITE_SIZE", "hbm", .write, 1024),
      ("WriteSize", "hbm", .write, 1024),
    ]
    for (name, level, direction, size) in counters {
      all[name] = .bytes(level: level, direction, size: size)
    }
    return all
  }()

  /// Seconds or bytes a unit; decimal prefixes, as Nsight Compute has them.
  static let units: [String: Double] = [
    "ns": 1e-9, "nsecond": 1e-9, "nsec": 1e-9, "us": 1e-6, "usecond": 1e-6, "usec": 1e-6, "µs": 1e-6,
    "μs": 1e-6,
    "Âµs": 1e-6, "ms": 1e-3, "msecond": 1e-3, "msec": 1e-3, "s": 1, "sec": 1, "second": 1, "byte": 1, "B": 1,
    "Kbyte": 1e3, "KB": 1e3, "kB": 1e3,
    "Mbyte": 1e6, "MB": 1e6, "Gbyte": 1e9, "GB": 1e9, "Tbyte": 1e12, "KiB": 1024, "MiB": 1_048_576,
    "GiB": 1_073_741_824, "sector": 32,
  ]

  /// In Nsight Compute's own unit where none is said, which may be any; the others' are nanoseconds then.
  static let scaled = "Duration"

  /// `Duration [us]`, `Med (ns)`.
  static func parts(_ heading: String) -> (name: String, unit: String?) {
    guard let open = heading.lastIndex(where: { $0 == "[" || $0 == "(" }), open != heading.startIndex,
      let close = heading.last, close == "]" || close == ")"
    else { return (heading, nil) }
    return (heading[..<open].trimmed, heading[heading.index(after: open)...].dropLast().trimmed)
  }
}
