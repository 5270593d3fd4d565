import Calibration
import CostModel
import Deployment
import Specs

/// `analyze` of a model that lies partly in its host's memory.
public enum OffloadReport {
  /// - Parameter prediction: what was asked, of the device alone.
  public static func document(
    _ prediction: Prediction, _ offloaded: OffloadedModel, _ pass: OffloadedPass
  ) -> Document {
    let work = prediction.scenario.workload
    var document = Document(
      title: "\(prediction.model.title) on \(offloaded.device.title) beside \(offloaded.host.title): "
        + Describe.workload(work),
      records: records(offloaded, pass), json: json(prediction, offloaded, pass),
      charts: { charts(offloaded, pass, Describe.workload(work)) }
    ) {
      [
        .table(table(offloaded, pass)), .paragraph(speed(work, pass)), .heading("Memory"),
        .paragraph(memory(pass.device, "The device")), .paragraph(memory(pass.host, "The host")),
        .heading("Assumptions"), .list(assumptions(prediction, offloaded)),
      ]
    }
    func need(_ memory: MemoryFootprint, _ place: String) -> String {
      "\(Units.memory(memory.totalBytes)) of \(Units.memory(memory.capacityBytes)) on the \(place),"
        + (memory.fits ? " fits" : " does not fit")
    }
    document.headlines = [
      "\(Units.seconds(pass.seconds)) at best", need(pass.device, "device"), need(pass.host, "host"),
    ]
    return document
  }

  private static func charts(_ offloaded: OffloadedModel, _ pass: OffloadedPass, _ work: String) -> [Chart] {
    let names = pass.parts.map(\.name).reduce(into: ["rows between"]) {
      if !$0.contains($1) { $0.append($1) }
    }
    let bars = Side.allCases.map { side in
      (
        name: name(side, offloaded), total: Units.seconds(pass.seconds(on: side)),
        parts: pass.parts.filter { $0.side == side }.map {
          (part: names.firstIndex(of: $0.name) ?? 0, amount: $0.seconds)
        }, limit: Double?.none
      )
    }
    let bus = (
      name: offloaded.bus.name, total: Units.seconds(pass.busSeconds),
      parts: [(part: 0, amount: pass.busSeconds)],
      limit: Double?.none
    )
    let place = "\(offloaded.device.title) beside \(offloaded.host.title): \(work)"
    return [
      StackedBars(
        name: "time", title: "Where the time goes", subtitle: place, axisTitle: "time", bars: bars + [bus],
        parts: names, shown: Units.seconds
      ).chart(
        caption: "One after the other; nothing overlaps.",
        finding: "A pass takes \(Units.seconds(pass.seconds)) at best."),
      StackedBars.memory(
        [(offloaded.device.name, pass.device), (offloaded.host.name, pass.host)], subtitle: place, caption: ""
      ),
    ]
  }

  private static func name(_ side: Side, _ offloaded: OffloadedModel) -> String {
    (side == .host ? offloaded.host : offloaded.device).name
  }

  private static func bound(_ part: OffloadedPart, _ offloaded: OffloadedModel) -> String {
    if part.streamedBytes / offloaded.bus.bytesPerSecond >= part.seconds * 0.99 { return offloaded.bus.name }
    var seconds: [Bound: Double] = [:]
    for op in part.operators { seconds[op.bound, default: 0] += op.seconds }
    let profile = part.side == .host ? offloaded.host : offloaded.device
    return seconds.max { ($0.value, $0.key.index) < ($1.value, $1.key.index) }?.key.name(profile) ?? ""
  }

  private static func table(_ offloaded: OffloadedModel, _ pass: OffloadedPass) -> Table {
    var rows = pass.parts.map { part in
      [
        part.name, name(part.side, offloaded), Units.memory(part.weightsBytes), Units.memory(part.cacheBytes),
        Units.traffic(part.farBytes), part.streamedBytes > 0 ? Units.traffic(part.streamedBytes) : "",
        Units.seconds(part.seconds), bound(part, offloaded),
      ]
    }
    rows.append([
      "rows between", offloaded.bus.name, "", "", "", Units.traffic(pass.downBytes + pass.upBytes),
      Units.seconds(pass.busSeconds), offloaded.bus.name,
    ])
    rows.append([
      "total", "", Units.memory(pass.device.weightsBytes + pass.host.weightsBytes),
      Units.memory(pass.device.cacheBytes + pass.host.cacheBytes),
      Units.traffic(pass.parts.reduce(0) { $0 + $1.farBytes }), Units.traffic(pass.busBytes),
      Units.seconds(pass.seconds), "",
    ])
    return Table(
      columns: [
        ("part", .left), ("on", .left), ("weights", .right), ("cache", .right), ("far bytes", .right),
        ("bus bytes", .right), ("time", .right), ("bound", .left),
      ], rows: rows, hasTotal: true)
  }

  private static func speed(_ work: Workload, _ pass: OffloadedPass) -> String {
    let rate = Units.plain(work.tokens / pass.seconds)
    let shares = Side.allCases.map {
      "\(Units.percent(pass.seconds(on: $0) / pass.seconds)) on the \($0.rawValue)"
    }
    return "At best \(Units.seconds(pass.seconds)) "
      + (work.queries > 1
        ? "to the first token, \(rate) prompt tokens/s" : "per output token, \(rate) tokens/s")
      + ": \(shares.joined(separator: ", ")), \(Units.percent(pass.busSeconds / pass.seconds)) on the bus."
  }

  private static func memory(_ memory: MemoryFootprint, _ who: String) -> String {
    "\(who): weights \(Units.memory(memory.weightsBytes)), KV cache \(Units.memory(memory.cacheBytes)), activations"
      + " \(Units.memory(memory.activationsBytes)): \(Units.memory(memory.totalBytes)) of"
      + " \(Units.memory(memory.capacityBytes)), \(memory.fits ? "fits" : "does not fit")."
  }

  private static func assumptions(_ prediction: Prediction, _ offloaded: OffloadedModel) -> [String] {
    let placement = offloaded.placement
    let layers = prediction.model.layerCount
    let onDevice = min(placement.deviceLayers, layers)
    return prediction.scenario.assumptions.map { $0.text(for: prediction.model) } + [
      "the token table lies on the host, \(layers - onDevice) first layers too; \(onDevice) last layers on the device"
        + (placement.deviceLayers > layers ? ", and the head" : ""),
      "\(offloaded.bus.name) at \(Units.bandwidth(offloaded.bus.bytesPerSecond)) in one direction, and"
        + " \(Units.seconds(OffloadedModel.crossingSeconds)) a crossing; nothing overlaps",
      "under a long prompt the host's layers run where they are faster: there, or on the device with weights that"
        + " cross the bus once for each \(Units.whole(OffloadedModel.microBatch)) tokens",
      "times are rooflines of both: upper bounds on speed",
    ]
  }

  private static func records(_ offloaded: OffloadedModel, _ pass: OffloadedPass) -> Records {
    Records(
      columns: [
        "part", "hardware", "weights_bytes", "kv_cache_bytes", "far_bytes", "bus_bytes", "seconds", "bound",
      ],
      rows: pass.parts.map { part in
        [
          .string(part.name), .string(name(part.side, offloaded)), .number(part.weightsBytes),
          .number(part.cacheBytes), .number(part.farBytes), .number(part.streamedBytes),
          .number(part.seconds),
          .string(bound(part, offloaded)),
        ]
      } + [
        [
          .string("rows between"), .string(offloaded.bus.name), .number(0), .number(0), .number(0),
          .number(pass.downBytes + pass.upBytes), .number(pass.busSeconds), .string(offloaded.bus.name),
        ]
      ])
  }

  private static func json(
    _ prediction: Prediction, _ offloaded: OffloadedModel, _ pass: OffloadedPass
  ) -> JSONValue {
    func far(_ side: Side) -> Double {
      pass.parts.reduce(0) { $0 + ($1.side == side ? $1.farBytes : 0) }
    }
    func held(_ memory: MemoryFootprint) -> JSONValue {
      .members(
        ("weights_bytes", .number(memory.weightsBytes)), ("kv_cache_bytes", .number(memory.cacheBytes)),
        ("activations_bytes", .number(memory.activationsBytes)), ("total_bytes", .number(memory.totalBytes)),
        ("capacity_bytes", .number(memory.capacityBytes)), ("fits", .bool(memory.fits)))
    }
    func memory() -> JSONValue {
      guard case .object(var members) = held(pass.device) else { return .null }
      members.removeAll { $0.key == "fits" }
      members += [.init("fits", .bool(pass.fits)), .init("host", held(pass.host))]
      return .object(members)
    }
    return .members(
      ("schema", .string("rooftree/analysis/1")),
      ("model", ModelReport.json(prediction.model, format: prediction.scenario.precision.kvCache)),
      ("hardware", HardwareRow.columns.json(HardwareRow(offloaded.device))),
      ("host", HardwareRow.columns.json(HardwareRow(offloaded.host))),
      ("workload", AnalysisReport.workload(prediction)),
      (
        "offload",
        .members(
          ("gpu_layers", .number(Double(offloaded.placement.deviceLayers))),
          ("experts_on_host", .number(Double(offloaded.placement.hostExperts))),
          ("kv_on_host", .bool(offloaded.placement.hostCache)), ("bus", .string(offloaded.bus.name)),
          ("bus_bytes", .number(pass.busBytes)), ("bus_down_bytes", .number(pass.downBytes)),
          ("bus_up_bytes", .number(pass.upBytes)), ("bus_seconds", .number(pass.busSeconds)),
          ("host_seconds", .number(pass.seconds(on: .host))),
          ("device_seconds", .number(pass.seconds(on: .device))))
      ),
      ("memory", memory()),
      (
        "totals",
        .members(
          ("flops", .number(pass.parts.reduce(0) { $0 + $1.operators.reduce(0) { $0 + $1.flops } })),
          (
            "bytes",
            .object([
              .init(offloaded.device.levels[0].name, .number(far(.device))),
              .init(offloaded.host.levels[0].name, .number(far(.host))),
              .init("link", .number(pass.busBytes)),
            ])
          ),
          ("seconds", .number(pass.seconds)))
      ),
      (
        "parts",
        .array(
          pass.parts.map { part in
            .members(
              ("name", .string(part.name)), ("hardware", .string(name(part.side, offloaded))),
              ("weights_bytes", .number(part.weightsBytes)), ("kv_cache_bytes", .number(part.cacheBytes)),
              ("far_bytes", .number(part.farBytes)), ("bus_bytes", .number(part.streamedBytes)),
              ("seconds", .number(part.seconds)), ("bound", .string(bound(part, offloaded))))
          })
      ))
  }
}
