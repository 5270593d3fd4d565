import CostModel

/// `models` and `hardware`: what the catalogue holds.
public enum CatalogueReport {
  public static func models(_ models: [ModelSpec]) -> Document {
    let rows = models.map { model -> [String] in
      let count = model.parameters
      return [
        model.name, Units.count(count.total),
        count.active == count.total ? "" : Units.count(count.active), "\(model.layerCount)",
        Units.whole(model.cacheBytesPerToken(.bf16)) + " B", Describe.attention(model),
        model.provenance == .speculative ? "speculative" : "",
      ]
    }
    return Document(
      title: "\(models.count) models",
      blocks: [
        .table(
          Table(
            columns: [
              ("name", .left), ("params", .right), ("active", .right), ("layers", .right),
              ("KV/token", .right), ("attention", .left), ("", .left),
            ], rows: rows)),
        .paragraph("KV/token: bytes that one token adds to the cache at bf16."),
      ],
      records: Records(
        columns: [
          "name", "title", "total_parameters", "active_parameters", "layers", "kv_bytes_per_token_bf16",
          "attention", "positions", "feed_forward", "provenance", "source",
        ],
        rows: models.map { model in
          let count = model.parameters
          return [
            .string(model.name), .string(model.title), .number(count.total), .number(count.active),
            .number(Double(model.layerCount)), .number(model.cacheBytesPerToken(.bf16)),
            .string(Describe.attention(model)), .string(Describe.positions(model)),
            .string(Describe.feedForward(model)), .string(model.provenance.rawValue),
            .string(model.source),
          ]
        }),
      json: .members(
        ("schema", .string("rooftree/models/1")),
        ("models", .array(models.map { ModelReport.modelJSON($0, format: .bf16) }))))
  }

  public static func hardware(_ profiles: [HardwareProfile]) -> Document {
    let rows = profiles.map { profile -> [String] in
      let far = profile.levels.first
      return [
        profile.name, profile.title, Units.memory(far?.capacityBytes ?? 0),
        Units.bandwidth(far?.bytesPerSecond ?? 0),
        profile.unit(for: .bf16).map { Units.flopRate($0.flopsPerSecond) } ?? "",
        profile.peak(.fp8).map { Units.flopRate($0) } ?? "",
        profile.ridgePoint(.bf16).map { Units.plain($0) } ?? "",
      ]
    }
    return Document(
      title: "\(profiles.count) devices",
      blocks: [
        .table(
          Table(
            columns: [
              ("name", .left), ("device", .left), ("memory", .right), ("bandwidth", .right),
              ("bf16", .right), ("fp8", .right), ("ridge", .right),
            ], rows: rows)),
        .paragraph("Peaks are dense. ridge: FLOPs per byte of far memory where the bf16 roof begins."),
      ],
      records: Records(
        columns: [
          "name", "title", "vendor", "memory_bytes", "bytes_per_second", "precision", "flops_per_second",
          "cores", "source", "relative",
        ],
        rows: profiles.flatMap { profile in
          profile.peaks.map { peak in
            [
              .string(profile.name), .string(profile.title), .string(profile.vendor),
              .number(profile.levels.first?.capacityBytes ?? 0),
              .number(profile.levels.first?.bytesPerSecond ?? 0), .string(peak.format.name),
              .number(peak.flopsPerSecond), .number(Double(profile.cores)), .string(peak.source),
              .string(profile.relative ?? ""),
            ]
          }
        }),
      json: .members(
        ("schema", .string("rooftree/hardware/1")),
        ("hardware", .array(profiles.map(json)))))
  }

  /// As analyses show it, and what it is carried over from.
  private static func json(_ profile: HardwareProfile) -> JSONValue {
    let shown = AnalysisReport.hardware(profile)
    guard case .object(let members) = shown, let relative = profile.relative else { return shown }
    return .object(members + [JSONValue.Member("relative", .string(relative))])
  }
}
