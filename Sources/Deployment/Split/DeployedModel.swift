import Basics
import CostModel

/// A model over many devices, ready to be asked about any number of passes: a rank of each stage with its messages.
///
/// Made once per split; `totals` then allocates nothing.
public struct DeployedModel: Sendable {
  /// The whole model.
  public let model: ModelSpec
  /// One of the devices.
  public let profile: HardwareProfile
  /// In which formats.
  public let precision: PrecisionPlan
  /// How it is dealt out, and where.
  public let split: Split
  /// See `split`.
  public let cluster: Cluster
  /// What is known of messages.
  public let links: FittedLinks
  /// Stages that differ, with how many there are of each, in order of their first.
  public let stages: [DeployedStage]

  /// - Throws: `EvaluationError` where the device cannot compute; check the split first.
  public init(
    _ model: ModelSpec, on profile: HardwareProfile, precision: PrecisionPlan, router: RouterLoad = .balanced,
    split: Split, cluster: Cluster, links: FittedLinks
  ) throws(EvaluationError) {
    self.model = model
    self.profile = profile
    self.precision = precision
    self.split = split
    self.cluster = cluster
    self.links = links
    var whole = model
    if split.pipeline > 1, model.tiedEmbeddings {
      // The last stage keeps a table of its own.
      whole.tiedEmbeddings = false
    }
    var stages: [DeployedStage] = []
    for layers in StageLayers.all(model.layerCount, in: split.pipeline) {
      let rank = whole.rank(split, layers)
      let plan = precision.stage(layers.range)
      if let known = stages.firstIndex(where: { $0.evaluator.model == rank && $0.evaluator.precision == plan }
      ) {
        stages[known].count += 1
        continue
      }
      let evaluator = try Evaluator(model: rank, profile: profile, precision: plan, router: router)
      stages.append(
        DeployedStage(
          evaluator: evaluator, layers: layers.range, count: 1, work: RankWork(split), overlap: split.overlap,
          seams: Seams(rank, split, cluster, profile, plan, links).list))
    }
    self.stages = stages
  }

  /// Sums of one device of the slowest stage, by the rooflines of devices and links.
  @inline(__always)
  public func totals(_ work: Workload) -> Totals {
    var slowest = stages[0].totals(work)
    for index in stages.indices.dropFirst() {
      let totals = stages[index].totals(work)
      if totals.seconds > slowest.seconds { slowest = totals }
    }
    return slowest
  }

  /// By which stage the others wait.
  public func slowest(_ work: Workload) -> DeployedStage {
    stages.max { $0.expectedSeconds(work) < $1.expectedSeconds(work) } ?? stages[0]
  }

  /// Of all stages one after the other: devices by their rooflines, messages as expected.
  public func expectedLatency(_ work: Workload) -> Double {
    stages.reduce(0) { $0 + $1.expectedSeconds(work) * Double($1.count) }
  }

  /// What the fullest rank has to hold.
  public func memory(_ work: Workload) -> MemoryFootprint {
    memories(work).max { $0.totalBytes < $1.totalBytes }
      ?? stages[0].memory(work, communicators: communicators)
  }

  /// What a rank of each stage has to hold, in the order of `stages`.
  public func memories(_ work: Workload) -> [MemoryFootprint] {
    stages.map { $0.memory(work, communicators: communicators) }
  }

  /// Groups of ranks that talk, each with buffers of its own.
  private var communicators: Double {
    let sizes = [split.dense, split.context, split.expert > 1 ? split.expertRanks : 1, split.pipeline]
    return Double(sizes.count { $0 > 1 })
  }
}

/// What a rank takes of a pass over all devices.
public struct RankWork: Hashable, Sendable {
  let batches, context: Double

  init(_ split: Split) {
    batches = Double(split.batches)
    context = Double(split.context)
  }

  /// The fullest rank's: sequences dealt out over batches; of a long prompt a part whose queries see as many keys as any
  /// other's (zig-zag), of a cache an equal share.
  @inline(__always)
  public func of(_ work: Workload) -> Workload {
    if batches == 1, context == 1 { return work }
    var own = work
    own.batch = (work.batch / batches).rounded(.up)
    if let prompts = work.prompts { own.prompts?.batch = (prompts.batch / batches).rounded(.up) }
    guard context > 1 else { return own }
    if work.queries > 1 {
      own.queries = (work.queries / context).rounded(.up)
      own.prefix = work.prefix + (work.queries - own.queries) / 2
    } else {
      own.prefix = (work.prefix / context).rounded(.up)
    }
    return own
  }
}

/// One stage's rank: its own model with its messages.
public struct DeployedStage: Sendable {
  /// What its fullest rank computes.
  public let evaluator: Evaluator
  /// Of the whole model's layers.
  public let layers: Range<Int>
  /// Stages like it.
  public internal(set) var count: Int
  /// What a rank takes of a pass.
  public let work: RankWork
  /// See `Split.overlap`.
  let overlap: Double
  let seams: [Seam]
  private let floors: MessageFloors

  init(
    evaluator: Evaluator, layers: Range<Int>, count: Int, work: RankWork, overlap: Double, seams: [Seam]
  ) {
    self.evaluator = evaluator
    self.layers = layers
    self.count = count
    self.work = work
    self.overlap = overlap
    self.seams = seams
    floors = MessageFloors(seams)
  }

  /// Sums of one pass of all devices, by the rooflines of devices and links.
  @inline(__always)
  public func totals(_ pass: Workload) -> Totals {
    let own = work.of(pass)
    var totals = evaluator.totals(own)
    if overlap == 0 {
      floors.add(own, to: &totals)
    } else {
      add(own, to: &totals, expected: false, hasIntervals: false)
    }
    return totals
  }

  /// The same by any pricing; messages take the time of their laws where it gives expectations.
  public func totals<P: Pricing>(_ pass: Workload, by pricing: P) -> Totals {
    let own = work.of(pass)
    var totals = evaluator.totals(own, by: pricing)
    add(own, to: &totals, expected: P.hasIntervals, hasIntervals: P.hasIntervals)
    return totals
  }

  /// The same by a table of its rank's kernels.
  public func totals(_ pass: Workload, by table: TabulatedPricing) -> Totals {
    let own = work.of(pass)
    var totals = evaluator.totals(own, by: table)
    add(own, to: &totals, expected: true, hasIntervals: true)
    return totals
  }

  private func add(_ own: Workload, to totals: inout Totals, expected: Bool, hasIntervals: Bool) {
    let exposed = exposed(own, beside: totals.seconds, expected: expected)
    let single = own.sendsSingly
    for index in seams.indices {
      var message = seams[index].message(seams[index].amount(own), single: single, expected: expected)
      message.exposed = exposed
      totals.add(message, layers: seams[index].layers, hasIntervals: hasIntervals)
    }
  }

  /// Multiprocessors that carry messages beside computing (NCCL's channels).
  private static let carryingCores = 16.0

  /// The share of the messages' time that no computing hides, what computing loses to the cores that carry them counted.
  private func exposed(_ own: Workload, beside computing: Double, expected: Bool) -> Double {
    guard overlap > 0 else { return 1 }
    let all = messageSeconds(own)
    let messages = expected ? all.expected : all.floor
    guard messages > 0 else { return 1 }
    let lost = min(1, Self.carryingCores / Double(max(1, evaluator.profile.cores)))
    return 1 - min(overlap, computing / messages) * (1 - lost)
  }

  /// Of all messages of a rank's part of a pass: at the links' rates, and by their laws.
  func messageSeconds(_ own: Workload) -> (floor: Double, expected: Double) {
    messageSeconds(single: own.sendsSingly) { $0.amount(own) }
  }

  /// - Parameter amount: tokens or rows that a seam sends.
  @inline(__always)
  func messageSeconds(single: Bool, _ amount: (Seam) -> Double) -> (floor: Double, expected: Double) {
    var (floor, expected) = (0.0, 0.0)
    // In place: a copy of a law is large.
    for index in seams.indices {
      let message = seams[index].message(amount(seams[index]), single: single, expected: true)
      floor += seams[index].layers * message.floorSeconds
      expected += seams[index].layers * message.seconds
    }
    return (floor, expected)
  }

  /// The device by its roofline, messages as expected.
  public func expectedSeconds(_ pass: Workload) -> Double {
    let own = work.of(pass)
    var totals = evaluator.totals(own)
    add(own, to: &totals, expected: true, hasIntervals: false)
    return totals.seconds
  }

  /// Every call with its time, messages behind the operators, and their sums.
  public func analyze<P: Pricing>(_ pass: Workload, by pricing: P) -> Analysis {
    let own = work.of(pass)
    var analysis = evaluator.analyze(own, by: pricing)
    let exposed = exposed(own, beside: analysis.totals.seconds, expected: P.hasIntervals)
    for seam in seams {
      var message = seam.message(seam.amount(own), single: own.sendsSingly, expected: P.hasIntervals)
      message.exposed = exposed
      analysis.add(
        message: Call(
          seam.kind, at: seam.place, layers: seam.layers, formats: CallFormats(uniform: .bf16),
          shape: .message(message)), hasIntervals: P.hasIntervals)
    }
    analysis.workload = pass
    return analysis
  }

  /// NCCL's buffers for one group of ranks.
  public static let communicatorBytes = 0.3 * 1_073_741_824

  func memory(_ pass: Workload, communicators: Double) -> MemoryFootprint {
    var memory = evaluator.memory(work.of(pass))
    if work.context > 1 {
      let batch = (pass.batch / work.batches).rounded(.up)
      memory.cacheBytes =
        evaluator.model.cacheBytes(
          batch: batch, length: (pass.length / work.context).rounded(.up), format: evaluator.precision.kvCache
        )
        + memory.stateBytes
    }
    memory.communicationBytes = communicators * Self.communicatorBytes
    return memory
  }
}
