/// Collectives: a low-latency protocol and a bandwidth protocol, the faster is used.
enum CollectiveModel {
  static let parameters: [Parameter] = [
    .microseconds("latency_us", "smallest message between two ranks", typical: 6),
    .microseconds("rank_us", "extra per further rank", typical: 0.8),
    .efficiency("low_latency_efficiency", "link bandwidth of the low-latency protocol", typical: 0.08),
    .microseconds("middle_us", "set-up of the middle protocol", typical: 4),
    .efficiency("middle_efficiency", "link bandwidth of the middle protocol", typical: 0.3),
    .microseconds("bulk_us", "set-up of the bandwidth protocol", typical: 20),
    .efficiency("link_efficiency", "link bandwidth that long messages reach", typical: 0.75),
    Parameter("rank_rate", "rate at eight ranks over the rate at two", 0.3...3, typical: 1, spread: 0.4),
    Parameter("sharpness", "how sharply the protocols hand over", 1...12, typical: 5, spread: 0.5),
    .microseconds("bulk_rank_us", "extra set-up of the bandwidth protocol per further rank", typical: 0.5),
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
    let link = device.linkBytesPerSecond * power(p[7], logarithm(ranks / 2) / 1.386294)
    let quick = hops + sent / (p[2] * link)
    let middle = hops + p[3] * 1e-6 + sent / (p[4] * link)
    let bulk = hops + (p[5] + p[9] * (ranks - 2)) * 1e-6 + sent / (p[6] * link)
    return 1 / overlapped(1 / quick, overlapped(1 / middle, 1 / bulk, sharpness: p[8]), sharpness: p[8])
  }
}
