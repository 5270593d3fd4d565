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

    static var table: [ParameterEntry<Self>] {
      [
        ParameterEntry(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 5e-7...5e-5),
        ParameterEntry(
          \.bandwidthEfficiency, "bandwidth_efficiency",
          "share of far memory's bandwidth with all cores busy", 0.1...1),
        ParameterEntry(
          \.coreBytesPerClock, "core_bytes_per_clock", "what one core alone pulls of its run a clock", 2...128
        ),
        ParameterEntry(\.unitSeconds, "unit_seconds", "fixed cost of a wave of units", 1e-8...5e-5),
        ParameterEntry(\.waveExponent, "wave_exponent", "below 1: waves overlap one another", 0.4...1),
        ParameterEntry(
          \.waveShare, "wave_share", "share of the last, partly filled wave that is lost", 0.01...1),
        ParameterEntry(
          \.overlap, "overlap", "1: run and bytes one after the other; large: the longest alone", 1...8),
        ParameterEntry(
          \.waveOverlap, "wave_overlap",
          "1: the units' cost beside the bytes' in full; larger: hidden behind them", 1...8),
        ParameterEntry(
          \.computeEfficiency, "compute_efficiency", "share of the dense peak, heads padded to 16", 0.01...1),
        ParameterEntry(
          \.windowExtraKeys, "window_extra_keys", "keys beyond the window that tiles of 128 columns touch",
          1...256),
        ParameterEntry(\.windowSeconds, "window_seconds", "what a windowed launch costs more", 1e-8...2e-5),
        ParameterEntry(\.leastRun, "least_run", "keys below which a run is too short to split", 16...2048),
        ParameterEntry(
          \.mostRuns, "most_runs", "runs on a core beyond which units are not split", 0.3...64),
        ParameterEntry(
          \.joinSeconds, "join_seconds",
          "joining split runs, one query head per cached head; large: never split", 1e-8...2e-2),
        ParameterEntry(
          \.groupedJoinSeconds, "grouped_join_seconds", "the same with several query heads per cached head",
          1e-8...2e-2),
        ParameterEntry(
          \.windowTileExponent, "window_tile_exponent",
          "0: tiles of any head dimension hold as many keys, 1: as many bytes", 0.05...2),
        ParameterEntry(
          \.regroupSeconds, "regroup_seconds", "a kernel that puts outputs of grouped heads in order",
          1e-8...3e-5),
      ]
    }
  }

  private let p: Parameters
  private let stored, cores, farBandwidth, farRate, coreBandwidth, corePeak: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    stored = group.cache.bytes
    cores = device.cores
    farBandwidth = device.farBandwidth
    farRate = device.farBandwidth * p.bandwidthEfficiency
    coreBandwidth = device.clock * p.coreBytesPerClock
    corePeak = device.peak16 / device.cores * p.computeEfficiency
  }

  /// Into how many runs a unit's keys are cut, eight ways at a time; what cannot be is as many as no cache has keys.
  private static let fewRuns = Lanes(1, 2, 3, 4, 6, 8, 12, 16)
  private static let manyRuns = Lanes(24, 32, 48, 64, 128, 1e12, 1e12, 1e12)
  /// Of a run.
  private static let leastKeys = 8.0

  func seconds(_ call: AttentionCall) -> Double {
    var keys = call.length
    let limit = call.mostKeys
    if limit < .infinity {
      keys = min(keys, limit + p.windowExtraKeys * power(128 / call.keyWidth, p.windowTileExponent))
    }
    let load = Load(call, keys: keys, self)
    // Grouped heads are computed as rows of one another; with several sequences and cached heads, outputs then lie
    // out of order (FlashAttention 2's grouped decode).
    let outOfOrder = load.group > 1 && call.storedHeads > 1 && call.sequences > 1
    let regrouping = outOfOrder ? p.regroupSeconds + 4 * load.outputs / farBandwidth : 0
    return p.launchSeconds + (limit < .infinity ? p.windowSeconds : 0) + fastest(load) + regrouping
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.attention) }

  /// Of all cuts whose lower bound is not far above the time of the one with the least.
  @inline(__always)
  private func fastest(_ load: Load) -> Double {
    let few = Cuts(load, runs: Self.fewRuns, self)
    let leastOfFew = few.least.min()
    guard load.keys >= Self.leastKeys * 24 else {
      let times = few.seconds(p)
      var minimum = SoftMinimum(few.time(of: leastOfFew, among: times))
      minimum.add(times, where: few.least .< minimum.negligible)
      return minimum.value
    }
    let many = Cuts(load, runs: Self.manyRuns, self)
    let leastOfMany = many.least.min()
    let fewFirst = leastOfFew <= leastOfMany
    let first = fewFirst ? few : many
    let other = fewFirst ? many : few
    let times = first.seconds(p)
    var minimum = SoftMinimum(first.time(of: min(leastOfFew, leastOfMany), among: times))
    let negligible = minimum.negligible
    minimum.add(times, where: first.least .< negligible)
    if max(leastOfFew, leastOfMany) < negligible {
      minimum.add(other.seconds(p), where: other.least .< negligible)
    }
    return minimum.value
  }

  /// What all cuts of one shape share.
  private struct Load {
    let keys, units, group, outputs: Double
    /// Seconds of all bytes from far memory, and of one unit alone on its core.
    let memory, alone: Double

    @inline(__always)
    init(_ call: AttentionCall, keys: Double, _ model: DecodeModel) {
      self.keys = keys
      units = call.sequences * call.storedHeads
      group = call.heads / call.storedHeads
      let widths = call.keyWidth + call.valueWidth
      let run = keys * widths * model.stored
      outputs = call.sequences * call.heads * call.valueWidth
      memory = (units * run + 2 * call.sequences * call.heads * widths) / model.farRate
      let padded = max(16, (group / 16).rounded(.up) * 16)
      alone = overlapped(
        run / model.coreBandwidth, 2 * padded * keys * widths / model.corePeak, model.p.overlap)
    }
  }

  /// Eight ways to cut the units.
  private struct Cuts {
    /// One run on its core, all runs' bytes, and waves of runs.
    let longest, bytes, slots: Lanes
    let joining: Lanes
    /// How much more a kernel thinks such a cut costs.
    let reluctance: Lanes
    /// A lower bound, quickly had; infinite where the keys are too few.
    let least: Lanes

    @inline(__always)
    init(_ load: Load, runs: Lanes, _ model: DecodeModel) {
      let whole = runs .<= 1
      let waves = load.units * runs / model.cores
      slots = (waves + model.p.waveShare * (waves.roundedUp - waves))
        .replacing(with: 1, where: waves .<= 1)
      // While the last wave runs, idle cores leave bandwidth unused.
      bytes = load.memory * slots / waves.larger(Lanes(repeating: 1))
      longest = load.alone / runs
      let join = load.group <= 1 ? model.p.joinSeconds : model.p.groupedJoinSeconds
      joining = (join + 8 * runs * load.outputs / model.farBandwidth).replacing(with: 0, where: whole)
      let short = (model.p.leastRun * runs / load.keys).larger(Lanes(repeating: 1))
      let full = waves / model.p.mostRuns
      let fullTwice = full * full
      reluctance = (short * short * (1 + fullTwice * fullTwice)).replacing(with: 1, where: whole)
      least = ((longest.larger(bytes) + joining) * reluctance)
        .replacing(
          with: .infinity, where: .!(whole .| (runs * DecodeModel.leastKeys .<= Lanes(repeating: load.keys))))
    }

    @inline(__always)
    func seconds(_ p: Parameters) -> Lanes {
      let fixed = p.unitSeconds * slots.power(p.waveExponent)
      return (overlapped(overlapped(longest, bytes, p.overlap), fixed, p.waveOverlap) + joining) * reluctance
    }

    /// The time of the cut whose lower bound that is.
    @inline(__always)
    func time(of bound: Double, among times: Lanes) -> Double {
      times.replacing(with: .infinity, where: least .!= bound).min()
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
