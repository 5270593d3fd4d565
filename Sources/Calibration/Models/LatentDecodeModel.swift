import Basics
import CostModel

/// Absorbed latent attention: one stored head that all query heads read.
struct LatentDecodeModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 6e-6
    var bandwidthEfficiency = 0.8
    var computeEfficiency = 0.5
    var waveSeconds = 7e-6
    var starvedExponent = 0.1
    var overlap = 1.8
    var doublingSeconds = 4e-7
    var splitAbility = 0.9
    var coreBytesPerClock = 40.0

    static let table: [ParameterEntry<Self>] =
      [
        .init(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 5e-7...8e-5),
        .init(
          \.bandwidthEfficiency, "bandwidth_efficiency",
          "share of far memory's bandwidth with all cores busy", 0.05...1),
        .init(
          \.computeEfficiency, "compute_efficiency", "share of the dense peak, heads padded to 64", 0.02...1),
        .init(\.waveSeconds, "wave_seconds", "fixed cost of a wave of units", 1e-8...1e-4),
        .init(\.starvedExponent, "starved_exponent", "how much too few units for the cores hurt", 0.001...4),
        .init(\.overlap, "overlap", "1: everything one after the other; large: the longest alone", 1...8),
        .init(\.doublingSeconds, "doubling_seconds", "each doubling of the context beyond 256", 1e-9...3e-5),
        .init(\.splitAbility, "split_ability", "1: runs split as far as cores are free, 0: never", 0.001...1),
        .init(
          \.coreBytesPerClock, "core_bytes_per_clock", "what one core alone pulls of its run a clock", 2...200
        ),
      ]
  }

  private let p: Parameters
  private let device: DeviceQuantities
  private let stored: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
    stored = group.cache.bytes
  }

  func seconds(_ call: AttentionCall) -> Double {
    let keys = min(call.length, call.mostKeys)
    let (batch, widths) = (call.sequences, call.keyWidth + call.valueWidth)
    let bytes = batch * keys * call.storedWidth * stored + 2 * batch * call.heads * widths
    let units = batch * max(1, call.heads / 64)
    let splits = power(max(1, min(keys / 256, device.cores / units)), p.splitAbility)
    let waves = units * splits / device.cores
    let heads = max(64, (call.heads / 16).rounded(.up) * 16)
    let compute = 2 * batch * heads * keys * widths / (device.peak16 * p.computeEfficiency)
    let memory = bytes / (device.farBandwidth * p.bandwidthEfficiency)
    let busy = power(max(1e-3, min(1, waves)), p.starvedExponent)
    let alone = keys * call.storedWidth * stored / splits / (device.clock * p.coreBytesPerClock)
    let kernel = overlapped(overlapped(memory, compute, p.overlap) / busy, alone, p.overlap)
    return p.launchSeconds + overlapped(kernel, p.waveSeconds * max(1, waves), p.overlap)
      + p.doublingSeconds * logarithm(1 + keys / 256) / logarithm(2)
  }

  func seconds(_ shape: RunShape) -> Double { seconds(shape.attention) }

  /// Fitted over devices the share of the peak falls to a third of this, and misleads where the balance is another.
  static func shared(of kernel: KernelClass) -> [Parameter] {
    Effect<Parameters>("", [(\.computeEfficiency, 0.4)]).parameters
  }
  static func sharedStrength(of kernel: KernelClass) -> Double { 4 }
}
