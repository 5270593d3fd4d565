import Calibration
import CostModel

extension Places {
  /// Lines of a comparison's tables: what a model is, what each phase costs, what has to be held.
  static let architecture = Places(rawValue: 16)
  static let prefill = Places(rawValue: 32)
  static let decode = Places(rawValue: 64)
  static let memory = Places(rawValue: 128)
  static let phases: Places = [.prefill, .decode]
}

/// What `compare` says of a model on a device in one phase.
enum ComparisonColumns {
  /// - Parameter rows: what is compared; the first one's workload and device stand in the titles.
  static func all(_ rows: [Prediction]) -> [Column<Prediction>] {
    let isFitted = rows.contains { $0.pricing != nil }
    let isDeployed = rows.contains { $0.scenario.deployed != nil }
    return asked + model + (isDeployed ? devices : []) + memory(Set(rows.map(\.memory.capacityBytes)))
      + pass(
        rows.first?.scenario.workload, isFitted: isFitted,
        isPriced: rows.contains { $0.profile.priceUSD != nil })
      + [Column("provenance", at: .csv, word: \.model.provenance.rawValue)]
      + (isFitted
        ? [
          Column("seconds_low", at: .csv) { $0.low },
          Column("seconds_high", at: .csv) { $0.high },
        ] : [])
  }

  private static let asked: [Column<Prediction>] = [
    Column("model", at: .csv, word: \.model.name), Column("hardware", at: .csv, word: \.profile.name),
    Column("phase", at: .csv, word: \.scenario.workload.phase.rawValue),
    Column("batch_size", at: .csv) { $0.scenario.workload.batch },
    Column("new_tokens", at: .csv) { $0.scenario.workload.queries },
    Column("context_len", at: .csv) { $0.scenario.workload.prefix },
  ]

  private static let model: [Column<Prediction>] = [
    Column("attention", "attention", at: [.csv, .architecture], word: { Describe.attention($0.model) }),
    Column("positions", "positions", at: [.csv, .architecture], word: { Describe.positions($0.model) }),
    Column(
      "feed_forward", "feed-forward", at: [.csv, .architecture], word: { Describe.feedForward($0.model) }),
    .shown("norm", at: .architecture) { Describe.norm($0.model) },
    .shown("layers × hidden", at: .architecture) {
      "\($0.model.layerCount) × \(Units.whole(Double($0.model.hidden)))"
    },
    .shown("vocabulary", at: .architecture) { Units.whole(Double($0.model.vocabulary)) },
    Column("", "context", at: .architecture, absent: "not stated") {
      $0.model.maxPositions.map { Double($0) }
    },
    Column("total_parameters", "parameters", Units.count, at: [.csv, .architecture]) {
      $0.model.parameters.total
    },
    Column("active_parameters", "active per token", Units.count, at: [.csv, .architecture]) {
      $0.model.parameters.active
    },
    .shown("weights", at: .architecture) {
      "\(Units.memory($0.model.weightBytes($0.scenario.precision))) (\($0.scenario.precision.weights.name))"
    },
    Column("kv_bytes_per_token", "KV bytes per token", at: [.csv, .architecture]) {
      $0.model.cacheBytesPerToken($0.scenario.precision.kvCache)
    },
  ]

  private static let devices: [Column<Prediction>] = [
    Column("devices", "devices", at: [.csv, .memory]) { Double($0.scenario.deployed?.split.devices ?? 1) },
    .shown("split", at: .memory) { $0.scenario.deployed?.split.words ?? "" },
    Column("sent_bytes", at: .csv) { $0.totals.sentBytes },
  ]

  private static func memory(_ capacities: Set<Double>) -> [Column<Prediction>] {
    let only = capacities.count == 1 ? capacities.first : nil
    return [
      Column("weights_bytes", at: .csv) { $0.memory.weightsBytes },
      Column("kv_cache_bytes", "KV cache", Units.memory, at: [.csv, .memory]) { $0.memory.cacheBytes },
      Column("activations_bytes", at: .csv) { $0.memory.activationsBytes },
      Column("total_bytes", "memory needed", Units.memory, at: [.csv, .memory]) { $0.memory.totalBytes },
      Column("capacity_bytes", at: .csv) { $0.memory.capacityBytes },
      .member("fits", at: .csv) { .bool($0.memory.fits) },
      .shown("fits\(only.map { " \(Units.memory($0))" } ?? "")", at: .memory) {
        ($0.memory.fits ? "yes" : "no") + (only == nil ? ", of \(Units.memory($0.memory.capacityBytes))" : "")
          + ($0.scenario.deployed.map { ", on each of \($0.split.devices)" } ?? "")
      },
    ]
  }

  private static func pass(_ work: Workload?, isFitted: Bool, isPriced: Bool) -> [Column<Prediction>] {
    guard let work else { return [] }
    let phase = work.phase.rawValue
    let seconds = Column<Prediction>("seconds", Describe.workload(work), Units.seconds) { $0.latency }
    let bound = Column<Prediction>("bound", "\(phase) bound", word: { $0.totals.bound.name($0.profile) })
    let interval = Column<Prediction>.shown("… 80 % interval", at: .phases) {
      "\(Units.seconds($0.low)) to \(Units.seconds($0.high))"
    }
    let price = Column<Prediction>(
      "usd_per_million_tokens", "USD a million tokens", Units.plain, at: [.csv, .decode]
    ) { $0.usdPerToken.map { $0 * 1e6 } }
    let figures: [Column<Prediction>] = [
      bound.only(.phases),
      Column("flops", "\(phase) FLOPs", Units.flops, at: [.csv, .prefill]) { $0.totals.flops },
      Column("matmul_flops", at: .csv) { $0.totals.matmulFLOPs },
      Column("far_memory_bytes", "\(phase) far-memory bytes", Units.traffic, at: [.csv, .decode]) {
        $0.totals.traffic.total[0]
      },
      Column("arithmetic_intensity", "\(phase) FLOP/B", Units.plain, at: [.csv, .prefill, .decode]) {
        $0.totals.arithmeticIntensity
      },
      Column("", "\(phase) tokens/s", Units.rate, at: .decode) { $0.tokensPerSecond },
    ]
    return [seconds.only(.phases)] + (isFitted ? [interval] : []) + figures + (isPriced ? [price] : [])
      + [seconds.only(.csv), bound.only(.csv)]
  }
}
