/// Collectives: a low-latency protocol and a bandwidth protocol, the faster is used.
enum CollectiveModel {
  static let parameters: [Parameter] = [
    .microseconds("latency_us", "smallest message between two ranks", typical: 6),
    .microseconds("rank_us", "extra per further rank", typical: 0.8),
    .efficiency("low_latency_efficiency", "link bandwidth of the low-latency protocol", typical: 0.2),
    .microseconds("bulk_latency_us", "set-up of the bandwidth protocol", typical: 15),
    .efficiency("link_efficiency", "link bandwidth that long messages reach", typical: 0.75),
    Parameter("ramp_bytes", "bytes a rank sends at half of the full rate", 1e3...1e9, typical: 1e6, spread: 2),
    Parameter("sharpness", "how sharply the protocols hand over", 1...8, typical: 4, spread: 0.5),
  ]

  /// Each rank sends (w − 1)/w of the buffer.
  static let exchange = KernelModel("exchange", parameters) { shape, device, p in
    guard case .collective(let ranks, let bytes) = shape else { return .nan }
    return seconds(ranks: ranks, sent: bytes * (ranks - 1) / ranks, device, p)
  }

  /// A reduce-scatter and an all-gather.
  static let allReduce = KernelModel("all_reduce", parameters) { shape, device, p in
    guard case .collective(let ranks, let bytes) = shape else { return .nan }
    return seconds(ranks: ranks, sent: 2 * bytes * (ranks - 1) / ranks, device, p)
  }

  @inline(__always)
  static func seconds(ranks: Double, sent: Double, _ device: DeviceQuantities, _ p: [Double]) -> Double {
    let hops = (p[0] + p[1] * (ranks - 2)) * 1e-6
    let quick = hops + sent / (p[2] * device.linkBytesPerSecond)
    let bulk = hops + p[3] * 1e-6 + (sent + p[5] * sent / (sent + p[5])) / (p[4] * device.linkBytesPerSecond)
    return 1 / overlapped(1 / quick, 1 / bulk, sharpness: p[6])
  }
}
