import CostModel

/// `models` and `hardware`: what the catalogue holds.
public enum CatalogueReport {
  /// A line a model.
  public static func models(_ models: [ModelSpec]) -> Document {
    let columns = ModelReport.columns(.bf16)
    return Document(
      title: "\(models.count) models", records: Records(columns, models),
      json: .members(("schema", .string("rooftree/models/1")), ("models", columns.json(models))),
      charts: { CatalogueCharts.models(models) }
    ) {
      [
        .table(catalogue(columns.table(models, sortable: true))),
        .paragraph("KV/token: bytes that one token adds to the cache at bf16."),
      ]
    }
  }

  private static func catalogue(_ table: Table) -> Table {
    var table = table
    table.isCatalogue = true
    return table
  }

  /// A line a device; in CSV one for each of its peaks.
  public static func hardware(_ profiles: [HardwareProfile]) -> Document {
    let rows = profiles.map { HardwareRow($0) }
    return Document(
      title: "\(profiles.count) devices",
      records: Records(
        HardwareRow.columns,
        profiles.flatMap { profile in profile.peaks.map { HardwareRow(profile, $0) } }),
      json: .members(
        ("schema", .string("rooftree/hardware/1")),
        ("hardware", (HardwareRow.columns + [HardwareRow.relative.only(.jsonIfKnown)]).json(rows))),
      charts: { CatalogueCharts.hardware(profiles) }
    ) {
      [
        .table(catalogue(HardwareRow.columns.table(rows, sortable: true))),
        .paragraph("Peaks are dense. ridge: FLOPs per byte of far memory where the bf16 roof begins."),
      ]
    }
  }
}

/// A device, or one of its peaks.
struct HardwareRow: Sendable {
  var profile: HardwareProfile
  var peak: Peak?

  init(_ profile: HardwareProfile, _ peak: Peak? = nil) {
    self.profile = profile
    self.peak = peak
  }

  static let relative = Column<HardwareRow>("relative", at: .csv, word: \.profile.relative)

  static let columns: [Column<HardwareRow>] = [
    Column("name", "name", word: \.profile.name), Column("title", "device", word: \.profile.title),
    Column("vendor", at: .data, word: \.profile.vendor),
    Column("cores", at: .json) { Double($0.profile.cores) },
    Column("memory_bytes", "memory", Units.memory, at: [.table, .csv]) {
      $0.profile.levels.first?.capacityBytes ?? 0
    },
    Column("bytes_per_second", "bandwidth", Units.bandwidth, at: [.table, .csv]) {
      $0.profile.levels.first?.bytesPerSecond ?? 0
    },
    Column("", "bf16", Units.flopRate, at: .table) { $0.profile.unit(for: .bf16)?.flopsPerSecond },
    Column("", "fp8", Units.flopRate, at: .table) { $0.profile.peak(.fp8) },
    .shown("ridge") { $0.profile.ridgePoint(.bf16).map(Units.plain) ?? "" },
    Column("precision", at: .csv, word: \.peak?.format.name),
    Column("flops_per_second", at: .csv) { $0.peak?.flopsPerSecond },
    Column("cores", at: .csv) { Double($0.profile.cores) },
    Column("source", at: .csv, word: \.peak?.source),
    relative,
    .member("memory") { row in
      .array(
        row.profile.levels.map {
          .members(
            ("name", .string($0.name)), ("capacity_bytes", .number($0.capacityBytes)),
            ("bytes_per_second", .number($0.bytesPerSecond)), ("per_core", .bool($0.perCore)))
        })
    },
    .member("peaks") { row in
      .object(row.profile.peaks.map { JSONValue.Member($0.format.name, .number($0.flopsPerSecond)) })
    },
    Column("vector_flops_per_second", at: .json) { $0.profile.vectorFLOPsPerSecond },
  ]
}
