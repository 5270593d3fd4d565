import Basics
import CostModel

/// One query token over a cache: (sequence × key/value head) units, each cut into as many runs of keys as is fastest.
/// The longest run on its core, the keys' bytes from far memory and a fixed cost per unit overlap; joining the runs
/// follows, and putting outputs in order where the kernel needs it.
struct DecodeModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 6e-6
    var bandwidthEfficiency = 0.8
    var coreBytesPerClock = 20.0
    var unitSeconds = 4e-6
    var waveExponent = 0.95
    var waveShare = 0.5
    var overlap = 4.0
    var waveOverlap = 2.5
    var computeEfficiency = 0.2
    var windowExtraKeys = 64.0
    var windowSeconds = 1e-6
    var leastRun = 130.0
    var mostRuns = 5.0
    var joinSeconds = 3e-6
    var groupedJoinSeconds = 3e-6
    var windowTileExponent = 0.5
    var regroupSeconds = 1e-6

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 5e-7...5e-5),
        .init(
          \.bandwidthEfficiency, "bandwidth_efficiency",
          "share of far memory's bandwidth with all cores busy", 0.1...1),
        .init(
          \.coreBytesPerClock, "core_bytes_per_clock", "what one core alone pulls of its run a clock", 2...128
        ),
        .init(\.unitSeconds, "unit_seconds", "fixed cost of a wave of units", 1e-8...5e-5),
        .init(\.waveExponent, "wave_exponent", "below 1: waves overlap one another", 0.4...1),
        .init(\.waveShare, "wave_share", "share of the last, partly filled wave that is lost", 0.01...1),
        .init(\.overlap, "overlap", "1: run and bytes one after the other; large: the longest alone", 1...8),
        .init(
          \.waveOverlap, "wave_overlap",
          "1: the units' cost beside the bytes' in full; larger: hidden behind them", 1...8),
        .init(
          \.computeEfficiency, "compute_efficiency", "share of the dense peak, heads padded to 16", 0.01...1),
        .init(
          \.windowExtraKeys, "window_extra_keys", "keys beyond the window that tiles of 128 columns touch",
          1...256),
        .init(\.windowSeconds, "window_seconds", "what a windowed launch costs more", 1e-8...2e-5),
        .init(\.leastRun, "least_run", "keys below which a run is too short to split", 16...2048),
        .init(\.mostRuns, "most_runs", "runs on a core beyond which units are not split", 0.3...64),
        .init(
          \.joinSeconds, "join_seconds",
          "joining split runs, one query head per cached head; large: never split", 1e-8...2e-2),
        .init(
          \.groupedJoinSeconds, "grouped_join_seconds", "the same with several query heads per cached head",
          1e-8...2e-2),
        .init(
          \.windowTileExponent, "window_tile_exponent",
          "0: tiles of any head dimension hold as many keys, 1: as many bytes", 0.05...2),
        .init(
          \.regroupSeconds, "regroup_seconds", "a kernel that puts outputs of grouped heads in order",
          1e-8...3e-5),
      ]
  }

  private let p: Parameters
  private let device: DeviceQuantities
  private let stored, cores, farBandwidth, farRate, coreBandwidth, corePeak, logUnitSeconds: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    stored = group.cache.bytes
    cores = device.cores
    farBandwidth = device.farBandwidth
    farRate = device.farBandwidth * p.bandwidthEfficiency
    coreBandwidth = device.clock * p.coreBytesPerClock
    corePeak = device.peak16 / device.cores * p.computeEfficiency
    logUnitSeconds = log2(p.unitSeconds)
  }

  /// Into how many runs a unit's keys are cut, eight ways at a time; what cannot be is as many as no cache has keys.
  private struct Runs {
    let count, logarithm: Lanes

    static let few = Runs(Lanes(1, 2, 3, 4, 6, 8, 12, 16))
    static let many = Runs(Lanes(24, 32, 48, 64, 128, 1e12, 1e12, 1e12))

    private init(_ count: Lanes) {
      self.count = count
      logarithm = count.logarithm2
    }
  }
  /// Of a run.
  private static let leastKeys = 8.0

  /// - Parameter repeated: over the same cache again and again, as benchmarks do; in a pass, other layers come between.
  func seconds(_ call: AttentionCall, repeated: Bool = false) -> Double {
    var keys = call.length
    let limit = call.mostKeys
    if limit < .infinity {
      keys = min(keys, limit + p.windowExtraKeys * power(128 / call.keyWidth, p.windowTileExponent))
    }
    let load = Load(call, keys: keys, repeated, self)
    // Grouped heads are computed as rows of one another; with several sequences and cached heads, outputs then lie
    // out of order (FlashAttention 2's grouped decode).
    let outOfOrder = load.group > 1 && call.storedHeads > 1 && call.sequences > 1
    let regrouping = outOfOrder ? p.regroupSeconds + 4 * load.outputs / farBandwidth : 0
    return p.launchSeconds + (limit < .infinity ? p.windowSeconds : 0) + fastest(load) + regrouping
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.attention, repeated: true) }

  /// Fitted over devices the share of the peak falls to a third of this, and misleads where the balance is another.
  static func shared(of kernel: KernelClass) -> [Parameter] {
    Effect<Parameters>("", [(\.computeEfficiency, 0.5)]).parameters
  }
  static func sharedStrength(of kernel: KernelClass) -> Double { 3 }

  @inline(__always)
  private func fastest(_ load: Load) -> Double {
    let few = Cuts(load, .few, self)
    let leastOfFew = few.least.smallest
    guard load.keys >= Self.leastKeys * 24 else { return fastest(few, leastOfFew, nil, .infinity, load) }
    let many = Cuts(load, .many, self)
    let leastOfMany = many.least.smallest
    return leastOfFew <= leastOfMany
      ? fastest(few, leastOfFew, many, leastOfMany, load) : fastest(many, leastOfMany, few, leastOfFew, load)
  }

  /// Of all cuts whose lower bound is not far above the time of the one with the least, which is among `first`.
  private func fastest(
    _ first: Cuts, _ least: Double, _ other: Cuts?, _ leastOfOther: Double, _ load: Load
  ) -> Double {
    let times = first.seconds(load, self)
    var minimum = SoftMinimum(times.replacing(with: .infinity, where: first.least .!= least).smallest)
    let negligible = minimum.negligible
    minimum.add(times, where: first.least .< negligible)
    if let other, leastOfOther < negligible {
      minimum.add(other.seconds(load, self), where: other.least .< negligible)
    }
    return minimum.value
  }

  /// Of bytes that lie in the shared level where they fit, from which each core pulls what one alone does.
  private func cachedSeconds(_ bytes: Double) -> Double {
    Calibration.cachedSeconds(
      bytes, on: device, efficiency: p.bandwidthEfficiency, bytesPerClock: p.coreBytesPerClock, share: 0.8)
  }

  /// What all cuts of one shape share.
  private struct Load {
    let keys, group, outputs: Double
    /// Units for each core.
    let units: Double
    /// Seconds of all bytes from far memory, and of one unit alone on its core.
    let memory, alone: Double
    /// Binary logarithms.
    let logUnits, logMemory, logAlone: Double

    @inline(__always)
    init(_ call: AttentionCall, keys: Double, _ repeated: Bool, _ model: DecodeModel) {
      self.keys = keys
      let sequences = call.sequences
      let stored = sequences * call.storedHeads
      group = call.heads / call.storedHeads
      let widths = call.keyWidth + call.valueWidth
      let run = keys * widths * model.stored
      outputs = sequences * call.heads * call.valueWidth
      units = stored / model.cores
      let bytes = stored * run + 2 * sequences * call.heads * widths
      memory = repeated ? model.cachedSeconds(bytes) : bytes / model.farRate
      let padded = max(16, (group / 16).rounded(.up) * 16)
      logUnits = log2(units)
      logMemory = log2(memory)
      logAlone = logarithmOverlapped(
        log2(run / model.coreBandwidth), log2(2 * padded * keys * widths / model.corePeak), model.p.overlap)
      alone = exp2(logAlone)
    }
  }

  /// Eight ways to cut the units.
  private struct Cuts {
    private let runs: Runs
    /// Waves of runs, the last one counted as it is lost.
    private let slots: Lanes
    private let joining: Lanes
    /// How much more a kernel thinks such a cut costs.
    private let reluctance: Lanes
    /// A lower bound, quickly had; infinite where the keys are too few.
    let least: Lanes

    @inline(__always)
    init(_ load: Load, _ runs: Runs, _ model: DecodeModel) {
      self.runs = runs
      let p = model.p
      let one = Lanes(repeating: 1)
      let whole = runs.count .<= one
      let waves = runs.count * load.units
      let lost = (waves.roundedUp - waves) * p.waveShare
      slots = (waves + lost).replacing(with: one, where: waves .<= one)
      // One run on its core; of all runs' bytes while the last wave runs, idle cores leave bandwidth unused.
      let longest = load.alone / runs.count
      let bytes = slots * load.memory / waves.larger(one)
      let join = load.group <= 1 ? p.joinSeconds : p.groupedJoinSeconds
      let partial = runs.count * (8 * load.outputs) / model.farBandwidth
      joining = (partial + join).replacing(with: 0, where: whole)
      let short = (runs.count * p.leastRun / load.keys).larger(one)
      let full = waves / p.mostRuns
      let fullTwice = full * full
      reluctance = (short * short * (fullTwice * fullTwice + 1)).replacing(with: 1, where: whole)
      let possible = whole .| (runs.count * DecodeModel.leastKeys .<= Lanes(repeating: load.keys))
      least = ((longest.larger(bytes) + joining) * reluctance).replacing(with: .infinity, where: .!possible)
    }

    /// Times, all but their sums in logarithms.
    @inline(__always)
    func seconds(_ load: Load, _ model: DecodeModel) -> Lanes {
      let p = model.p
      let logSlots = slots.logarithm2
      let logWaves = (runs.logarithm + load.logUnits).larger(.zero)
      let reading = logarithmOverlapped(
        load.logAlone - runs.logarithm, logSlots + load.logMemory - logWaves, p.overlap)
      let kernel = logarithmOverlapped(
        reading, logSlots * p.waveExponent + model.logUnitSeconds, p.waveOverlap)
      return (kernel.exponential2 + joining) * reluctance
    }
  }

  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    [
      Effect("fixed cost per wave", [(\.unitSeconds, 1e-8)]),
      Effect("one core's bandwidth", [(\.coreBytesPerClock, 128)]),
      Effect("the last wave", [(\.waveShare, 0.01)]),
      Effect("splitting the keys", [(\.joinSeconds, 2e-2), (\.groupedJoinSeconds, 2e-2)]),
      Effect("keys beyond the window", [(\.windowExtraKeys, 1)]),
      Effect("outputs put in order", [(\.regroupSeconds, 1e-8)]),
    ]
  }
}
