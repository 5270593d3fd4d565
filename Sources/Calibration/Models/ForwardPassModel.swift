/// Whole passes of a dense model, as llama-bench times them: products of all weights overlapped with reading them and the
/// cached tokens, after a fixed time a pass.
///
/// What a cached token weighs is not in such runs and fitted as a share of the weights; the products of attention's
/// scores are left out.
struct ForwardPassModel: KernelModel {
  struct Parameters: ParameterVector {
    var passSeconds = 3e-4
    var computeEfficiency = 0.4
    var bandwidthEfficiency = 0.7
    var overlap = 3.0
    var cachedTokenShare = 1e-5

    static let table: [ParameterEntry<Self>] =
      [
        .init(
          \.passSeconds, "pass_seconds", "fixed time of a pass: launches and what is between kernels",
          1e-6...1e-1),
        .init(\.computeEfficiency, "compute_efficiency", "share of the dense 16-bit peak", 0.005...1),
        .init(
          \.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth on weights",
          0.02...1),
        .init(
          \.overlap, "overlap", "1: compute and memory one after the other; large: the longer alone", 1...8),
        .init(
          \.cachedTokenShare, "cached_token_share", "bytes of a cached token over those of 16-bit weights",
          1e-8...1e-3),
      ]
  }

  /// llama-bench is run over few shapes: usual values keep what they cannot tell.
  static let fewestRuns = 6

  let p: Parameters
  private let device: DeviceQuantities

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    self.device = device
  }

  func seconds(_ shape: RunShape) -> Double {
    let pass = shape.pass
    let cached = pass.keys * pass.weights * 2 * p.cachedTokenShare
    let work = seconds(flops: 2 * pass.weights * pass.tokens, bytes: pass.weightBytes + cached)
    return pass.passes * (p.passSeconds + work)
  }

  /// A part of a pass, without a share of its fixed time.
  func seconds(flops: Double, bytes: Double) -> Double {
    overlapped(
      flops / (device.peak16 * p.computeEfficiency), bytes / (device.farBandwidth * p.bandwidthEfficiency),
      p.overlap)
  }
}
