import CostModel
import Deployment
import Specs

/// Measured memory of training and serving, a rank's, held against what is worked out.
public enum MeasuredMemory {
  /// What a caching allocator reserves beyond what is allocated (PyTorch).
  static let reservedShare = 1.04
  /// What 80 % of rows lie within.
  static let spread = 1.15

  private static let units: [String: Double] = [
    "GiB": 1_073_741_824, "MiB": 1_048_576, "GB": 1e9, "MB": 1e6,
  ]

  /// - Returns: nil where the file's heading is another.
  public static func read(_ source: SourceFile) -> [DeploymentRow]? {
    guard var table = DeploymentTable(source, as: .measuredMemory) else { return nil }
    var known = KnownModels()
    var rows: [DeploymentRow] = []
    while let row = table.next() {
      let metric = row.text("metric")
      let unit = units[row.text("unit")] ?? 1
      var result = DeploymentRow(
        id: row.id,
        metric: metric == "fits" ? "fits" : "bytes", measured: (row.number("value") ?? 0) * unit,
        hardware: row.text("hardware"), framework: row.text("source"), model: row.text("model"))
      do throws(Unpredicted) {
        let value = try MemoryRow(row, &known).value(metric)
        result.expected =
          metric == "fits" ? (value, value, value) : (value, value / spread, value * spread)
        result.basis = Basis.prior.rawValue
      } catch {
        result.note = error.text
      }
      rows.append(result)
    }
    return rows
  }
}

/// One row: a model dealt out, and what is done with it.
private struct MemoryRow {
  private let row: DeploymentTable.Row
  private let deployed: DeployedModel
  private let zero: Int
  private let isTraining: Bool

  init(_ row: DeploymentTable.Row, _ known: inout KnownModels) throws(Unpredicted) {
    self.row = row
    let method = row.text("method").lowercased()
    isTraining = !["serv", "infer", "generat"].contains { method.contains($0) }
    if isTraining, !method.contains("pre-train") {
      throw Unpredicted(
        "of training, only pre-training of all weights is worked out: “\(row.text("method"))”")
    }
    var split = Split()
    var zero = 0
    for part in row.text("parallelism").split(separator: " ") {
      let word = part.prefix { $0.isLetter }
      guard let count = Int(part.dropFirst(word.count)), count >= 1 || word == "zero" else { continue }
      switch word {
      case "tp", "t": split.tensor = count
      case "pp", "p": split.pipeline = count
      case "cp", "c": split.context = count
      case "ep", "e": split.expert = count
      case "dp", "d": split.data = count
      case "zero": zero = count
      default: throw Unpredicted("“\(part)” is no part of a split")
      }
    }
    self.zero = zero
    if row.text("parallelism").isEmpty {
      split.tensor = row.number("gpus").map { Int(min(max(1, $0), 65_536)) } ?? 1
    }
    let changes: [SpecChange]
    var model = try known.model(row.text("model"))
    do throws(InputError) {
      var list: [SpecChange] = []
      for text in row.text("overrides").split(separator: ";") {
        list.append(try SpecChange(String(text).trimmed))
      }
      changes = list
      model = try model.changed(by: changes)
    } catch { throw Unpredicted(error.message) }
    var plan = PrecisionPlan(uniform: .bf16)
    let word = row.text("precision").lowercased().prefix { !$0.isWhitespace }
    guard let format = word.isEmpty ? .bf16 : NumberFormat(name: String(word)) else {
      throw Unpredicted("no number format is called “\(word)”")
    }
    if format.bytesPerElement < 2 {
      (plan.weights, plan.experts) = (format, format)
      plan.operand = format.operand(beside: .bf16)
    }
    deployed = try known.deployed(model, try known.device(row.text("hardware")), plan, split)
  }

  func value(_ metric: String) throws(Unpredicted) -> Double {
    guard isTraining else { return try serving(metric) }
    let batch = row.number("micro_batch") ?? 1
    let length = try row.required("seq_len")
    let recompute = row.text("recompute").hasPrefix("full") ? TrainingMemory.Recomputation.full : .none
    var first = 0
    var fullest: TrainingMemory?
    for stage in deployed.stages {
      guard
        let own = TrainingMemory(
          stage, of: deployed.split, index: first, tokens: batch * length, microBatches: 1, zero: zero,
          recomputation: recompute)
      else { throw Unpredicted("activations of such layers are not worked out") }
      if own.totalBytes > fullest?.totalBytes ?? 0 { fullest = own }
      first += stage.count
    }
    guard let memory = fullest else { throw Unpredicted("no stage") }
    switch metric {
    case "fits":
      return memory.totalBytes * MeasuredMemory.reservedShare
        <= deployed.profile.levels.first?.capacityBytes ?? 0 ? 1 : 0
    case "model_states_per_gpu": return memory.totalBytes - memory.activationsBytes
    case _ where metric.contains("reserved"): return memory.totalBytes * MeasuredMemory.reservedShare
    case _ where metric.hasPrefix("peak"): return memory.totalBytes
    default: throw Unpredicted("“\(metric)” is not worked out")
    }
  }

  /// A batch whose sequences are all in the cache.
  private func serving(_ metric: String) throws(Unpredicted) -> Double {
    let work = Workload.decode(
      batch: max(row.number("micro_batch") ?? 1, Double(deployed.split.batches)),
      contextLength: max(0, (row.number("seq_len") ?? 1) - 1))
    let memory = deployed.memory(work)
    switch metric {
    case "fits": return memory.fits ? 1 : 0
    case _ where metric.contains("weight"): return memory.weightsBytes
    case _ where metric.contains("kv") || metric.contains("cache"): return memory.cacheBytes
    case _ where metric.contains("activation"): return memory.activationsBytes
    case _ where metric.contains("communication"): return memory.communicationBytes
    case _ where metric.hasPrefix("peak") || metric.hasPrefix("total"): return memory.totalBytes
    default: throw Unpredicted("“\(metric)” is not worked out")
    }
  }
}
