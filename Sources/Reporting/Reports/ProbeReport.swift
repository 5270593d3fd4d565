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
}
