/// One pass over rows, in and out at a share of far memory's bandwidth behind a launch.
struct LayerNormModel: KernelModel {
  struct Parameters: ParameterVector {
    var launchSeconds = 2e-6
    var bandwidthEfficiency = 0.8

    static var table: [ParameterEntry<Self>] {
      [
        ParameterEntry(\.launchSeconds, "launch_seconds", "launching and ending the kernel", 2e-7...2e-5),
        ParameterEntry(
          \.bandwidthEfficiency, "bandwidth_efficiency", "share of far memory's bandwidth", 0.05...1),
      ]
    }
  }

  private let p: Parameters
  private let bytes, farBandwidth: Double

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    self.p = p
    bytes = 2 * group.format.bytes
    farBandwidth = device.farBandwidth
  }

  func seconds(_ shape: RunShape) -> Double {
    p.launchSeconds + bytes * shape.rows.rows * shape.rows.width / (farBandwidth * p.bandwidthEfficiency)
  }
}
