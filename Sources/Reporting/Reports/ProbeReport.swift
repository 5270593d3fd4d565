import CostModel
import Kernels

/// `probe`: what was measured of this machine.
public enum ProbeReport {
  public static func document(_ result: Probe.Result) -> Document {
    let profile = result.profile
    let facts = [
      "\(result.threads) threads, \(result.instructionSet)",
      "clock " + (result.clockHertz.map { Units.plain($0 / 1e9) + " GHz" } ?? "unknown"),
      "FMA peak \(Units.flopRate(result.peak32)) fp32, \(Units.flopRate(result.peak64)) fp64"
        + (result.shareOfClock.map { ", one core at \(Units.percent($0)) of clock × width" } ?? ""),
      "element-wise \(Units.flopRate(result.vectorRate))",
      "launch \(Units.seconds(result.launchSeconds)), write-allocate \(result.writeAllocate ? "yes" : "no")",
    ]
    let levels = Table(
      columns: [("level", .left), ("capacity", .right), ("bandwidth", .right)],
      rows: profile.levels.map {
        [$0.name, Units.memory($0.capacityBytes), Units.bandwidth($0.bytesPerSecond)]
      })
    let sweep = Table(
      columns: [("loop", .left), ("bytes a thread", .right), ("bandwidth", .right), ("p90/min", .right)],
      rows: result.sweep.map {
        [
          $0.operation.rawValue, Units.memory($0.bytes), Units.bandwidth($0.bytesPerSecond),
          Units.plain($0.spread),
        ]
      })
    return Document(
      title: profile.title,
      blocks: [.list(facts), .table(levels), .heading("Sweep"), .table(sweep)],
      records: Records(
        columns: ["operation", "bytes", "bytes_per_second", "p90_over_minimum"],
        rows: result.sweep.map {
          [
            .string($0.operation.rawValue), .number($0.bytes), .number($0.bytesPerSecond), .number($0.spread),
          ]
        }),
      json: .members(
        ("schema", .string("rooftree/probe/1")), ("threads", .number(Double(result.threads))),
        ("instruction_set", .string(result.instructionSet)),
        ("clock_hertz", result.clockHertz.map { .number($0) } ?? .null),
        ("flops_per_second", .number(result.peak32)), ("fp64_flops_per_second", .number(result.peak64)),
        ("share_of_clock", result.shareOfClock.map { .number($0) } ?? .null),
        ("launch_seconds", .number(result.launchSeconds)), ("write_allocate", .bool(result.writeAllocate)),
        (
          "levels",
          .array(
            profile.levels.map {
              .members(
                ("name", .string($0.name)), ("capacity_bytes", .number($0.capacityBytes)),
                ("bytes_per_second", .number($0.bytesPerSecond)))
            })
        )))
  }

  /// The hardware profile as a file that every command reads.
  public static func yaml(_ result: Probe.Result) -> String {
    let profile = result.profile
    var out = """
      name: \(profile.name)
      title: "\(profile.title.filter { $0 != "\"" && $0 != "\\" })"
      vendor: measured
      source: "\(profile.source)"
      cores: \(profile.cores)

      """
    if let clock = profile.clockHertz { out += "clock: \(Units.fixed(clock / 1e9, 3)) GHz\n" }
    if let bytes = profile.registerBytesPerCore { out += "registers_per_core: \(Int(bytes)) B\n" }
    out += "memory:\n"
    for level in profile.levels {
      out += "  - name: \(level.name)\n    capacity: \(Int(level.capacityBytes)) B\n"
      out += "    bandwidth: \(Units.fixed(level.bytesPerSecond / 1e9, 3)) GB/s\n"
      if level.perCore { out += "    per_core: true\n" }
      out += "    source: measured here\n"
    }
    out += "peaks:\n"
    for peak in profile.peaks {
      out += "  \(peak.format.name): \(Units.fixed(peak.flopsPerSecond / 1e9, 3)) GFLOP/s\n"
    }
    out += "  source: measured here\n"
    out += "vector: \(Units.fixed(profile.vectorFLOPsPerSecond / 1e9, 3)) GFLOP/s\nnotes:\n"
    for note in profile.notes { out += "  - \(note)\n" }
    if let probed = profile.probed { out += "probed:\n  write_allocate: \(probed.writeAllocate)\n" }
    return out
  }
}
