import Basics

/// One query token over a cache: (sequence × key/value head) units, each cut into as many runs of keys as is fastest.
/// The longest run on its core, the keys' bytes from far memory and a fixed cost per unit overlap; joining the runs
/// follows, and putting outputs in order where the kernel needs it.
struct DecodeModel: KernelModel {
  let cacheDtype: String

  /// Into how many runs a unit's keys are cut.
  static let splits = [1.0, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128]

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 6e-6, 5e-7, 5e-5),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth with all cores busy", 0.8, 0.1, 1),
    Parameter("core_bytes_per_clock", "what one core alone pulls of its run a clock", 20, 2, 128),
    Parameter("unit_seconds", "fixed cost of a wave of units", 4e-6, 1e-8, 5e-5),
    Parameter("wave_exponent", "below 1: waves overlap one another", 0.95, 0.4, 1),
    Parameter("wave_share", "share of the last, partly filled wave that is lost", 0.5, 0.01, 1),
    Parameter("overlap", "1: run and bytes one after the other; large: the longest alone", 4, 1, 8),
    Parameter(
      "wave_overlap", "1: the units' cost beside the bytes' in full; larger: hidden behind them", 2.5, 1, 8),
    Parameter("compute_efficiency", "share of the dense peak, heads padded to 16", 0.2, 0.01, 1),
    Parameter("window_extra_keys", "keys beyond the window that tiles of 128 columns touch", 64, 1, 256),
    Parameter("window_seconds", "what a windowed launch costs more", 1e-6, 1e-8, 2e-5),
    Parameter("least_run", "keys below which a run is too short to split", 130, 16, 2048),
    Parameter("most_runs", "runs on a core beyond which units are not split", 5, 0.3, 64),
    Parameter(
      "join_seconds", "joining split runs, one query head per cached head; large: never split", 3e-6, 1e-8,
      2e-2
    ),
    Parameter(
      "grouped_join_seconds", "the same with several query heads per cached head", 3e-6, 1e-8, 2e-2),
    Parameter(
      "window_tile_exponent", "0: tiles of any head dimension hold as many keys, 1: as many bytes", 0.5, 0.05,
      2),
    Parameter(
      "regroup_seconds", "a kernel that puts outputs of grouped heads in order", 1e-6, 1e-8, 3e-5),
  ]

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    let stored = storedBytes(cacheDtype)
    let coreBandwidth = device.clock * p[2]
    let corePeak = device.peak16 / device.cores * p[8]
    var cuts: [Cut] = []
    cuts.reserveCapacity(Self.splits.count)
    return shapes.map { shape in
      var keys = shape.keys
      if shape.window > 0 { keys = min(keys, shape.window + p[9] * power(128 / shape.headDim, p[15])) }
      let units = shape.batch * shape.keyValueHeads
      let group = shape.heads / shape.keyValueHeads
      let run = keys * 2 * shape.headDim * stored
      let outputs = shape.batch * shape.heads * shape.headDim
      let memory = (units * run + 4 * outputs) / (device.farBandwidth * p[1])
      let padded = max(16, (group / 16).rounded(.up) * 16)
      let alone = overlapped(run / coreBandwidth, 4 * padded * keys * shape.headDim / corePeak, p[6])
      cuts.removeAll(keepingCapacity: true)
      for parts in Self.splits {
        if parts > 1, keys < 8 * parts { break }
        let waves = units * parts / device.cores
        let slots = waves <= 1 ? 1 : waves + p[5] * (waves.rounded(.up) - waves)
        // While the last wave runs, idle cores leave bandwidth unused.
        let bytes = memory * slots / max(1, waves)
        let longest = alone / parts
        var joining = 0.0
        var reluctance = 1.0
        if parts > 1 {
          joining = (group <= 1 ? p[13] : p[14]) + 8 * parts * outputs / device.farBandwidth
          let short = max(1, p[11] * parts / keys)
          let full = (waves / p[12]) * (waves / p[12])
          reluctance = short * short * (1 + full * full)
        }
        cuts.append(
          Cut(
            longest: longest, bytes: bytes, slots: slots, joining: joining, reluctance: reluctance,
            least: (max(longest, bytes) + joining) * reluctance))
      }
      // Grouped heads are computed as rows of one another; with several sequences and cached heads, outputs then lie
      // out of order (FlashAttention 2's grouped decode).
      let outOfOrder = group > 1 && shape.keyValueHeads > 1 && shape.batch > 1
      let regrouping = outOfOrder ? p[16] + 4 * outputs / device.farBandwidth : 0
      return p[0] + (shape.window > 0 ? p[10] : 0) + fastest(cuts, p) + regrouping
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
    var least: Double

    @inline(__always)
    func seconds(_ p: [Double]) -> Double {
      let fixed = p[3] * (slots > 1 ? power(slots, p[4]) : 1)
      return (overlapped(overlapped(longest, bytes, p[6]), fixed, p[7]) + joining) * reluctance
    }
  }

  private func fastest(_ cuts: [Cut], _ p: [Double]) -> Double {
    guard let best = cuts.min(by: { $0.least < $1.least }) else { return 0 }
    var minimum = SoftMinimum(best.seconds(p))
    for cut in cuts where cut.least < minimum.negligible { minimum.add(cut.seconds(p)) }
    return minimum.value
  }
}

/// Absorbed latent attention: one stored head that all query heads read.
struct LatentDecodeModel: KernelModel {
  let cacheDtype: String

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 6e-6, 5e-7, 8e-5),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth with all cores busy", 0.8, 0.05, 1),
    Parameter("compute_efficiency", "share of the dense peak, heads padded to 64", 0.5, 0.02, 1),
    Parameter("wave_seconds", "fixed cost of a wave of units", 7e-6, 1e-8, 1e-4),
    Parameter("starved_exponent", "how much too few units for the cores hurt", 0.1, 0.001, 4),
    Parameter("overlap", "1: everything one after the other; large: the longest alone", 1.8, 1, 8),
    Parameter("doubling_seconds", "each doubling of the context beyond 256", 4e-7, 1e-9, 3e-5),
    Parameter("split_ability", "1: runs split as far as cores are free, 0: never", 0.9, 0.001, 1),
    Parameter("core_bytes_per_clock", "what one core alone pulls of its run a clock", 40, 2, 200),
  ]

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    let stored = storedBytes(cacheDtype)
    return shapes.map { shape in
      let bytes = shape.batch * shape.keys * 576 * stored + 2 * shape.batch * shape.heads * (576 + 512)
      let units = shape.batch * max(1, shape.heads / 64)
      let splits = power(max(1, min(shape.keys / 256, device.cores / units)), p[7])
      let waves = units * splits / device.cores
      let heads = max(64, (shape.heads / 16).rounded(.up) * 16)
      let compute = 2 * shape.batch * heads * shape.keys * (576 + 512) / (device.peak16 * p[2])
      let memory = bytes / (device.farBandwidth * p[1])
      let busy = power(max(1e-3, min(1, waves)), p[4])
      let alone = shape.keys * 576 * stored / splits / (device.clock * p[8])
      let kernel = overlapped(overlapped(memory, compute, p[5]) / busy, alone, p[5])
      return p[0] + overlapped(kernel, p[3] * max(1, waves), p[5])
        + p[6] * logarithm(1 + shape.keys / 256) / logarithm(2)
    }
  }
}
