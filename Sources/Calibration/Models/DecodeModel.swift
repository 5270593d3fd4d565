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
          \.coreBytesPerClock, "core_bytes_per_clock", "what one core alone pulls of its run a clock", 2...128),
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

  /// Into how many runs a unit's keys are cut.
  private static let splits = [1.0, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128]

  func seconds(_ call: AttentionCall) -> Double {
    var keys = call.length
    let limit = call.mostKeys
    if limit < .infinity { keys = min(keys, limit + p.windowExtraKeys * power(128 / call.keyWidth, p.windowTileExponent)) }
    let load = Load(call, keys: keys, self)
    // The cut of the least lower bound, then all whose lower bound is not far above its time.
    var least = Double.infinity
    var chosen = 0
    var count = 0
    for parts in Self.splits {
      if parts > 1, keys < 8 * parts { break }
      let bound = load.cut(parts, self).least
      if bound < least { (least, chosen) = (bound, count) }
      count += 1
    }
    let reference = load.cut(Self.splits[chosen], self).seconds(p)
    var minimum = SoftMinimum(reference)
    let negligible = minimum.negligible
    for index in 0..<count {
      if index == chosen {
        minimum.add(reference)
      } else {
        let cut = load.cut(Self.splits[index], self)
        if cut.least < negligible { minimum.add(cut.seconds(p)) }
      }
    }
    // Grouped heads are computed as rows of one another; with several sequences and cached heads, outputs then lie
    // out of order (FlashAttention 2's grouped decode).
    let outOfOrder = load.group > 1 && call.storedHeads > 1 && call.sequences > 1
    let regrouping = outOfOrder ? p.regroupSeconds + 4 * load.outputs / farBandwidth : 0
    return p.launchSeconds + (limit < .infinity ? p.windowSeconds : 0) + minimum.value + regrouping
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.attention) }

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

    @inline(__always)
    func cut(_ parts: Double, _ model: DecodeModel) -> Cut {
      let waves = units * parts / model.cores
      let slots = waves <= 1 ? 1 : waves + model.p.waveShare * (waves.rounded(.up) - waves)
      // While the last wave runs, idle cores leave bandwidth unused.
      let bytes = memory * slots / max(1, waves)
      let longest = alone / parts
      var joining = 0.0
      var reluctance = 1.0
      if parts > 1 {
        joining =
          (group <= 1 ? model.p.joinSeconds : model.p.groupedJoinSeconds) + 8 * parts * outputs
          / model.farBandwidth
        let short = max(1, model.p.leastRun * parts / keys)
        let full = (waves / model.p.mostRuns) * (waves / model.p.mostRuns)
        reluctance = short * short * (1 + full * full)
      }
      return Cut(longest: longest, bytes: bytes, slots: slots, joining: joining, reluctance: reluctance)
    }
  }

  /// One way to cut the units.
  private struct Cut {
    /// One run on its core, all runs' bytes, and waves of runs.
    var longest, bytes, slots: Double
    var joining: Double
    /// How much more a kernel thinks such a cut costs.
    var reluctance: Double

    /// A lower bound, quickly had.
    @inline(__always) var least: Double { (max(longest, bytes) + joining) * reluctance }

    @inline(__always)
    func seconds(_ p: Parameters) -> Double {
      let fixed = p.unitSeconds * (slots > 1 ? power(slots, p.waveExponent) : 1)
      return (overlapped(overlapped(longest, bytes, p.overlap), fixed, p.waveOverlap) + joining) * reluctance
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
