/// A device as its data sheet (or `probe`) describes it.
public struct HardwareProfile: Hashable, Sendable {
  /// As the catalogue and the command line name it.
  public var name: String
  /// For people.
  public var title: String
  /// Lower case: `nvidia`, `amd`, ….
  public var vendor: String
  /// The catalogue's device whose calibration holds here, carried over, where none of this one was measured.
  public var relative: String?
  /// Memory levels from far to near: `hbm`, `l2`, `sram`; on a CPU `dram`, `l3`, `l2`, `l1`. At most four.
  public var levels: [MemoryLevel]
  /// Dense peaks of the matrix units.
  public var peaks: [Peak]
  /// FLOP/s of plain vector arithmetic, which softmax, norms and activations run on.
  public var vectorFLOPsPerSecond: Double
  /// Streaming multiprocessors, compute units or cores.
  public var cores: Int
  /// Of the cores, at which the peaks are stated; Hz.
  public var clockHertz: Double?
  /// Register file of one core, which tiles of products live in.
  public var registerBytesPerCore: Double?
  /// A memory of one core's matrix unit for its accumulators (Blackwell's TMEM), beside the registers.
  public var tensorMemoryBytesPerCore: Double?
  /// Exponentials a clock and core that special-function units make, and those that kernels are known to emulate on
  /// the vector units beside them (FlashAttention-4 on Blackwell); nil where nobody says.
  public var specialFunctionsPerClock, emulatedExponentialsPerClock: Double?
  /// How it reaches others of its kind, from near to far.
  public var fabric: [FabricDomain]
  /// Board power limit in watts.
  public var powerWatts: Double?
  /// Price of an hour in US dollars.
  public var priceUSD: Double?
  /// Where the figures come from.
  public var source: String
  /// What a reader should know besides.
  public var notes: [String]
  /// What its file left out and was taken as usual, in words.
  public var defaults: [String] = []
  /// What was found out by running on the device; nil for a data sheet.
  public var probed: ProbedFacts?
  /// What somebody set away from the data sheet; the other figures hold there.
  public internal(set) var point = OperatingPoint()

  /// A profile of the given figures; all others are empty.
  public init(
    name: String, levels: [MemoryLevel], peaks: [Peak], vectorFLOPsPerSecond: Double, cores: Int
  ) {
    self.name = name
    title = name
    vendor = ""
    relative = nil
    self.levels = levels
    self.peaks = peaks
    self.vectorFLOPsPerSecond = vectorFLOPsPerSecond
    self.cores = cores
    clockHertz = nil
    registerBytesPerCore = nil
    tensorMemoryBytesPerCore = nil
    specialFunctionsPerClock = nil
    emulatedExponentialsPerClock = nil
    fabric = []
    powerWatts = nil
    priceUSD = nil
    source = ""
    notes = []
    probed = nil
  }

  /// FLOP/s of the unit of exactly that format; nil where there is none.
  public func peak(_ format: ComputeFormat) -> Double? {
    peaks.first { $0.format == format }?.flopsPerSecond
  }

  /// The unit that `format` runs on here: its own, or the nearest at least as precise.
  public func unit(for format: ComputeFormat) -> Peak? {
    for candidate in [format] + format.fallbacks {
      if let found = peaks.first(where: { $0.format == candidate }) { return found }
    }
    return nil
  }

  /// Its levels are a processor's: `l3` or `l1` among them.
  public var isProcessor: Bool { levels.contains { $0.name == "l3" || $0.name == "l1" } }

  /// Of the last level that cores share, else of all their own together; 0 with far memory alone.
  public var keptBytes: Double {
    let near = levels.dropFirst()
    return near.lazy.filter { !$0.perCore }.map(\.capacityBytes).max()
      ?? near.reduce(0) { $0 + $1.capacityBytes * Double(cores) }
  }

  /// Of all cores, by special-function units and emulated; nil where nobody says.
  public var exponentialsPerSecond: Double? {
    guard let special = specialFunctionsPerClock, let clockHertz else { return nil }
    let rate = (special + (emulatedExponentialsPerClock ?? 0)) * clockHertz * Double(cores)
    return rate > 0 ? rate : nil
  }

  /// Most matrix FLOP/s in `format` ÷ bytes/s of the farthest memory: FLOPs per byte where the roofs meet.
  public func ridgePoint(_ format: ComputeFormat) -> Double? {
    guard let peak = unit(for: format), let far = levels.first else { return nil }
    return peak.flopsPerSecond / far.bytesPerSecond
  }
}

/// What no data sheet says.
public struct ProbedFacts: Hashable, Sendable {
  /// A store to a line that no cache holds reads the line first.
  public var writeAllocate: Bool

  /// What `probe` found.
  public init(writeAllocate: Bool) { self.writeAllocate = writeAllocate }
}

/// A memory and the boundary below it: what crosses it is counted as this level's traffic.
public struct MemoryLevel: Hashable, Sendable {
  /// `hbm`, `l2`, `sram`, `dram`, ….
  public var name: String
  /// All of it, or one core's when `perCore`.
  public var capacityBytes: Double
  /// Of the whole device, reads and writes together.
  public var bytesPerSecond: Double
  /// What a copy far larger than the caches was measured to reach; expectations know it, bounds do not.
  public var copyBytesPerSecond: Double?
  /// Each core has its own.
  public var perCore: Bool
  /// Where the figures come from.
  public var source: String
  /// How sure they are; nil where nobody says.
  public var confidence: Confidence?

  /// A level of the given capacity and rate.
  public init(
    name: String, capacityBytes: Double, bytesPerSecond: Double, copyBytesPerSecond: Double? = nil,
    perCore: Bool = false, source: String = "", confidence: Confidence? = nil
  ) {
    self.name = name
    self.capacityBytes = capacityBytes
    self.bytesPerSecond = bytesPerSecond
    self.copyBytesPerSecond = copyBytesPerSecond
    self.perCore = perCore
    self.source = source
    self.confidence = confidence
  }
}

extension MemoryLevel {
  /// Sure enough to be a roof that nothing beats.
  public var isProven: Bool { confidence == .high || confidence == .medium }
}

/// How sure a figure is: printed by the vendor, computed or measured, estimated.
public enum Confidence: String, CaseIterable, Hashable, Sendable { case high, medium, low }

/// The rate of one kind of matrix unit.
public struct Peak: Hashable, Sendable {
  /// What it computes in.
  public var format: ComputeFormat
  /// Dense: zeros are not skipped.
  public var flopsPerSecond: Double
  /// Where the figure comes from.
  public var source: String

  /// A dense peak in FLOP/s.
  public init(_ format: ComputeFormat, flopsPerSecond: Double, source: String = "") {
    self.format = format
    self.flopsPerSecond = flopsPerSecond
    self.source = source
  }
}
