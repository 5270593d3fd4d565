import CostModel
import Kernels

/// `probe`: what was measured of this machine.
public enum ProbeReport {
  private static let levels: [Column<MemoryLevel>] = [
    Column("name", "level", word: \.name),
    Column("capacity_bytes", "capacity", Units.memory) { $0.capacityBytes },
    Column("bytes_per_second", "bandwidth", Units.bandwidth) { $0.bytesPerSecond },
  ]

  private static let sweep: [Column<Probe.Bandwidth>] = [
    Column("operation", "loop", word: \.operation.rawValue),
    Column("bytes", "bytes a thread", Units.memory) { $0.bytes },
    Column("bytes_per_second", "bandwidth", Units.bandwidth) { $0.bytesPerSecond },
    Column("p90_over_minimum", "p90/min", Units.plain) { $0.spread },
  ]

  /// Peaks, launch, levels, and the sweep that they were read off.
  public static func document(_ result: Probe.Result) -> Document {
    let profile = result.profile
    return Document(
      title: profile.title, records: Records(sweep, result.sweep),
      json: .members(
        ("schema", .string("rooftree/probe/1")), ("threads", .number(Double(result.threads))),
        ("instruction_set", .string(result.instructionSet)),
        ("clock_hertz", result.clockHertz.map { .number($0) } ?? .null),
        ("flops_per_second", .number(result.peak32)), ("fp64_flops_per_second", .number(result.peak64)),
        ("share_of_clock", result.shareOfClock.map { .number($0) } ?? .null),
        ("launch_seconds", .number(result.launchSeconds)), ("write_allocate", .bool(result.writeAllocate)),
        ("levels", levels.json(profile.levels)))
    ) {
      let facts = [
        "\(result.threads) threads, \(result.instructionSet)",
        "clock " + (result.clockHertz.map { Units.plain($0 / 1e9) + " GHz" } ?? "unknown"),
        "FMA peak \(Units.flopRate(result.peak32)) fp32, \(Units.flopRate(result.peak64)) fp64"
          + (result.shareOfClock.map { ", one core at \(Units.percent($0)) of clock × width" } ?? ""),
        "element-wise \(Units.flopRate(result.vectorRate))",
        "launch \(Units.seconds(result.launchSeconds)), write-allocate \(result.writeAllocate ? "yes" : "no")",
      ]
      return [
        .list(facts), .table(levels.table(profile.levels)), .heading("Sweep"),
        .table(sweep.table(result.sweep)),
      ]
    }
  }
}
