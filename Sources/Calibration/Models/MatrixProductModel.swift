/// [m, k] × [k, n]: products at an efficiency that ramps with k and with how well tiles fill the cores, overlapped
/// with the operands' bytes; narrow formats first quantise their input, one kernel after the other.
struct MatrixProductModel: KernelModel {
  let dtype: String
  var quantises: Bool { ["fp8", "fp8_block", "nvfp4", "mxfp4", "int8"].contains(dtype) }

  var parameters: [Parameter] {
    var list = [
      Parameter("launch_seconds", "launching and ending the kernel", 3e-6, 3e-7, 3e-5),
      Parameter("compute_efficiency", "share of the dense peak on long products", 0.75, 0.05, 1),
      Parameter("bandwidth_efficiency", "share of far memory's bandwidth", 0.8, 0.05, 1),
      Parameter("ramp_inputs", "inputs after which half the ramp-up of a tile is paid back", 128, 1, 3000),
      Parameter("overlap", "1: compute and memory one after the other; large: the longer alone", 2.5, 1, 8),
      Parameter(
        "starved_exponent", "how much too few tiles for the cores hurt; 0: split inputs mend it", 0.5, 0.01, 1
      ),
      Parameter("wave_share", "share of the last, partly filled wave that is lost", 0.3, 0.001, 1),
      Parameter("least_rows", "rows that the smallest tile computes", 16, 8, 256),
    ]
    if quantises {
      list += [
        Parameter("quantise_seconds", "launching the kernel that quantises the input", 2e-6, 1e-7, 2e-5),
        Parameter("quantise_efficiency", "its share of far memory's bandwidth", 0.5, 0.02, 1),
        Parameter("quantise_cached_gain", "how much faster it is inside the shared level", 0.7, 0.01, 4),
        Parameter("quantise_row_seconds", "its time for 128 inputs of one row", 1e-8, 1e-10, 1e-6),
      ]
    }
    return list
  }

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    let stored = storedBytes(dtype)
    let peak = device.peak(dtype) * p[1]
    return shapes.map { shape in
      let (m, n, k) = (shape.m, shape.n, shape.k)
      var rows = m
      if m >= 128 {
        rows = (m / 128).rounded(.up) * 128
      } else {
        rows = m > 64 ? 128 : m > 32 ? 64 : m > 16 ? 32 : 16
      }
      rows = max(rows, p[7])
      let waves = max(1, rows / 128) * (n / 128).rounded(.up) / device.cores
      let filled = waves < 1 ? power(waves, p[5]) : 1 / (1 + p[6] * (waves.rounded(.up) / waves - 1))
      let compute = 2 * rows * (n / 64).rounded(.up) * 64 * k / peak / filled * (1 + p[3] / k)
      let memory = (stored * n * k + stored * m * k + 2 * m * n) / (device.farBandwidth * p[2])
      var total = p[0] + overlapped(compute, memory, p[4])
      if quantises {
        total +=
          p[8] + p[11] * k / 128
          + cachedSeconds(m * k * (2 + stored), on: device, efficiency: p[9], gain: p[10], share: 0.8)
      }
      return total
    }
  }
}
