/// Whole passes of a dense model, as llama-bench times them: products of all weights overlapped with reading them and the
/// cached tokens, after a fixed time a pass.
///
/// What a cached token weighs is not in such runs and fitted as a share of the weights; the products of attention's
/// scores are left out.
struct ForwardPassModel: KernelModel {
  let parameters = [
    Parameter("pass_seconds", "fixed time of a pass: launches and what is between kernels", 3e-4, 1e-6, 1e-1),
    Parameter("compute_efficiency", "share of the dense 16-bit peak", 0.4, 0.005, 1),
    Parameter("bandwidth_efficiency", "share of far memory's bandwidth on weights", 0.7, 0.02, 1),
    Parameter("overlap", "1: compute and memory one after the other; large: the longer alone", 3, 1, 8),
    Parameter("cached_token_share", "bytes of a cached token over those of 16-bit weights", 1e-5, 1e-8, 1e-3),
  ]

  /// llama-bench is run over few shapes: usual values keep what they cannot tell.
  static let fewestRuns = 6

  func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    shapes.map { shape in
      let cached = shape.keys * shape.weights * 2 * p[4]
      let work = Self.work(
        p, flops: 2 * shape.weights * shape.tokens, bytes: shape.weightBytes + cached, on: device)
      return shape.batch * (p[0] + work)
    }
  }

  /// A part of a pass.
  static func work(_ p: [Double], flops: Double, bytes: Double, on device: DeviceQuantities) -> Double {
    overlapped(flops / (device.peak16 * p[1]), bytes / (device.farBandwidth * p[2]), p[3])
  }
}
