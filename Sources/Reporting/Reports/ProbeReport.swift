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

  private static let units: [Column<Probe.Unit>] = [
    Column("format", word: \.format.name), Column("unit", word: \.name),
    Column("operations_per_second") { $0.operationsPerSecond },
  ]

  /// How steady the machine was.
  static func words(_ noise: Noise) -> String {
    "repeats, 90th percentile ÷ minimum: \(Units.plain(noise.compute)) in registers, \(Units.plain(noise.memory)) in far"
      + " memory" + (noise.load.map { "; load average \(Units.plain($0))" } ?? "")
      + (noise.isTooLoud ? "; above \(Noise.bound) the machine is busy with something else" : "")
  }

  static func json(_ noise: Noise) -> JSONValue {
    .members(
      ("compute_p90_over_minimum", .number(noise.compute)),
      ("memory_p90_over_minimum", .number(noise.memory)),
      ("load", noise.load.map { .number($0) } ?? .null), ("busy", .bool(noise.isTooLoud)))
  }

  /// Peaks, launch, levels, and the sweep that they were read off.
  public static func document(_ result: Probe.Result) -> Document {
    let profile = result.profile
    var document = Document(
      title: profile.title, records: Records(sweep, result.sweep),
      json: .members(
        ("schema", .string("rooftree/probe/1")), ("threads", .number(Double(result.threads))),
        ("instruction_set", .string(result.instructionSet)),
        ("clock_hertz", result.clockHertz.map { .number($0) } ?? .null),
        ("flops_per_second", .number(result.peak32)), ("fp64_flops_per_second", .number(result.peak64)),
        ("share_of_clock", result.shareOfClock.map { .number($0) } ?? .null),
        ("launch_seconds", .number(result.launchSeconds)), ("write_allocate", .bool(result.writeAllocate)),
        ("units", units.json(result.units)), ("noise", json(result.noise)),
        ("levels", levels.json(profile.levels))),
      charts: { [ProbeCharts.chart(result)] }
    ) {
      let facts =
        [
          "\(result.threads) threads, \(result.instructionSet)",
          "clock " + (result.clockHertz.map { Units.plain($0 / 1e9) + " GHz" } ?? "unknown"),
          "FMA peak \(Units.flopRate(result.peak32)) fp32, \(Units.flopRate(result.peak64)) fp64"
            + (result.shareOfClock.map { ", one core at \(Units.percent($0)) of clock × width" } ?? ""),
          result.units.isEmpty
            ? "no dot products of narrow formats"
            : "dot products "
              + result.units.map {
                "\(Units.flopRate($0.operationsPerSecond)) \($0.format.name) (\($0.name))"
              }
              .joined(separator: ", "),
          "element-wise \(Units.flopRate(result.vectorRate))",
          "launch \(Units.seconds(result.launchSeconds)), write-allocate \(result.writeAllocate ? "yes" : "no")",
          words(result.noise),
        ] + profile.notes
      return [
        .list(facts), .table(levels.table(profile.levels)), .heading("Sweep"),
        .table(sweep.table(result.sweep)),
      ]
    }
    document.headlines =
      profile.levels.map {
        "\($0.name) \(Units.bandwidth($0.bytesPerSecond)), \(Units.memory($0.capacityBytes))"
      } + ["fp32 \(Units.flopRate(result.peak32)), \(result.threads) threads"]
    return document
  }
}
