/// One query token over a cache: the keys' bytes, the longest run of keys that one core walks alone, a fixed cost per
/// wave of (sequence × key/value head) units, and joining the runs.
struct DecodeModel: KernelModel {
  let cacheDtype: String

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 6e-6, 5e-7, 5e-5),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth with all cores busy", 0.75, 0.1, 1),
    Parameter("core_bandwidth", "what one core alone pulls, over its even share", 2, 0.2, 10),
    Parameter("wave_seconds", "fixed cost of a wave of units", 1e-6, 1e-9, 5e-5),
    Parameter("wave_exponent", "below 1: waves overlap", 0.8, 0.3, 1),
    Parameter("overlap", "1: everything one after the other; large: the longest alone", 3, 1, 8),
    Parameter("window_extra_keys", "keys beyond the window that tiles touch", 64, 1, 256),
    Parameter("least_run", "keys below which a run is not split", 256, 32, 2048),
    Parameter(
      "split_ability", "1: runs split as far as cores are free, 0: never; one query head per cached head",
      0.9, 0.001, 1),
    Parameter("grouped_split_ability", "the same with several query heads per cached head", 0.9, 0.001, 1),
    Parameter("compute_efficiency", "share of the dense peak, heads padded to 16", 0.3, 0.01, 1),
    Parameter("join_seconds", "joining split runs", 1e-6, 1e-8, 2e-5),
    Parameter("window_seconds", "what a windowed launch costs more", 1e-6, 1e-8, 2e-5),
    Parameter(
      "wave_overlap", "1: the waves' cost beside the bytes' in full; larger: hidden behind them", 1.3, 1, 6),
  ]

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    let stored = storedBytes(cacheDtype)
    return shapes.map { shape in
      let keys = shape.window > 0 ? min(shape.keys, shape.window + p[6]) : shape.keys
      let run = keys * 2 * shape.headDim * stored
      let units = shape.batch * shape.keyValueHeads
      let bytes = units * run + 4 * shape.batch * shape.heads * shape.headDim
      let group = shape.heads / shape.keyValueHeads
      let free = max(1, min(keys / p[7], device.cores / units))
      let splits = power(free, group <= 1 ? p[8] : p[9])
      let waves = units * splits / device.cores
      let memory = bytes / (device.farBandwidth * p[1])
      let padded = shape.keyValueHeads * max(16, (group / 16).rounded(.up) * 16)
      let compute =
        4 * shape.batch * padded * keys * shape.headDim / (device.peak16 * p[10]) / min(1, waves)
      let alone = run / splits / (device.farBandwidth / device.cores * p[2])
      let kernel = overlapped(overlapped(memory, compute, p[5]), alone, p[5])
      return p[0] + (shape.window > 0 ? p[12] : 0)
        + overlapped(p[3] * power(max(1, waves), p[4]), kernel, p[13]) + p[11] * (1 - 1 / splits)
    }
  }
}

/// Absorbed latent attention: one stored head that all query heads read.
struct LatentDecodeModel: KernelModel {
  let cacheDtype: String

  let parameters = [
    Parameter("launch_seconds", "launching and ending the kernel", 8e-6, 5e-7, 8e-5),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth with all cores busy", 0.7, 0.05, 1),
    Parameter("compute_efficiency", "share of the dense peak, heads padded to 64", 0.5, 0.02, 1),
    Parameter("wave_seconds", "fixed cost of a wave of units", 2e-6, 1e-8, 1e-4),
    Parameter("starved_exponent", "how much too few units for the cores hurt", 0.5, 0.001, 4),
    Parameter("overlap", "1: everything one after the other; large: the longest alone", 3, 1, 8),
    Parameter("doubling_seconds", "each doubling of the context beyond 256", 1e-6, 1e-9, 3e-5),
    Parameter("split_ability", "1: runs split as far as cores are free, 0: never", 0.9, 0.001, 1),
    Parameter("core_bandwidth", "what one core alone pulls, over its even share", 2, 0.2, 10),
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
      let alone = shape.keys * 576 * stored / splits / (device.farBandwidth / device.cores * p[8])
      let kernel = overlapped(overlapped(memory, compute, p[5]) / busy, alone, p[5])
      return p[0] + overlapped(kernel, p[3] * max(1, waves), p[5])
        + p[6] * logarithm(1 + shape.keys / 256) / logarithm(2)
    }
  }
}
