import CostModel

/// The laws of a generation of links: its own where it was fitted, the nearest's elsewhere.
public struct LinkLaws: Hashable, Sendable {
  /// Within a near domain.
  public var near: NearLaw
  /// Between near domains.
  public var nodes: NodeLaw
  /// Tokens to experts and back.
  public var experts: ExpertLaw
  /// What the laws were fitted to (`NVLink 4`), and whether that is this device's own generation.
  public var fittedTo: String
  /// See `fittedTo`.
  public var isOwn: Bool

  /// The laws for a device of that nearest domain.
  public init(for near: FabricDomain?) {
    let fitted = Self.fitted.min {
      abs($0.bytesPerSecond - (near?.bytesPerSecond ?? 0))
        < abs($1.bytesPerSecond - (near?.bytesPerSecond ?? 0))
    }
    let isNVLink = near?.name.hasPrefix("nvlink") == true && near?.topology == .switch
    self.near =
      isNVLink
      ? fitted?.near ?? NearLaw()
      : near?.topology == .host ? Self.host : near?.topology == .pairs ? Self.bridge : NearLaw()
    nodes = NodeLaw()
    experts = fitted?.experts ?? ExpertLaw()
    fittedTo = isNVLink ? fitted?.name ?? "" : "several generations of NVLink"
    isOwn = isNVLink && fitted?.bytesPerSecond == near?.bytesPerSecond
  }

  private struct Fitted {
    var name: String
    var bytesPerSecond: Double
    var near: NearLaw
    var experts: ExpertLaw
  }

  private static let fitted = [
    Fitted(name: "NVLink 3", bytesPerSecond: 300e9, near: ampere, experts: hopperExperts),
    Fitted(name: "NVLink 4", bytesPerSecond: 450e9, near: hopper, experts: hopperExperts),
    Fitted(name: "NVLink 5", bytesPerSecond: 900e9, near: blackwell, experts: blackwellExperts),
  ]

  /// A100 SXM over two and eight ranks, NCCL 2.27.
  private static let ampere = {
    var law = NearLaw()
    law.baseSeconds = 8.11e-06
    law.hopSeconds = 8.86e-07
    law.wake = 0.382
    law.wakeBytes = 6580
    law.shortShare = 0.435
    law.shortBytes = 786_432
    law.longBaseSeconds = 2.69e-05
    law.longHopSeconds = 3.7e-06
    law.longShare = 0.735
    law.copiedShards = 0.413
    law.overlap = 1.01
    law.treeShare = 0.678
    law.switchBytes = .infinity
    law.exchangeBaseSeconds = 1.1e-05
    law.exchangePeerSeconds = 4.58e-07
    law.exchangeBytesPerSecond = 10900000000.0
    law.exchangeLongSeconds = 1.89e-05
    law.exchangeShare = 0.712
    law.exchangeCopied = 0.44
    return law
  }()

  /// H100 SXM over two, four and eight ranks, NCCL 2.29 and nccl-tests.
  private static let hopper = {
    var law = NearLaw()
    law.baseSeconds = 4.43e-06
    law.hopSeconds = 7.99e-07
    law.wake = 0.231
    law.wakeBytes = 4030
    law.shortShare = 0.44
    law.shortBytes = 786_432
    law.longBaseSeconds = 1.46e-05
    law.longHopSeconds = 1.76e-06
    law.longShare = 0.818
    law.copiedShards = 0.567
    law.overlap = 1.01
    law.treeShare = 0.687
    law.switchShare = 0.635
    law.switchBytes = 67_108_864
    law.exchangeBaseSeconds = 6.44e-06
    law.exchangePeerSeconds = 3.02e-07
    law.exchangeBytesPerSecond = 6570000000.0
    law.exchangeLongSeconds = 1.35e-05
    law.exchangeShare = 0.688
    law.exchangeCopied = 0.15
    return law
  }()

  /// B200, B300 and GB200 over two, four and eight ranks, NCCL 2.29.
  private static let blackwell = {
    var law = NearLaw()
    law.baseSeconds = 7.58e-06
    law.hopSeconds = 1.17e-06
    law.wake = 0.124
    law.wakeBytes = 1540
    law.shortShare = 0.332
    law.longBaseSeconds = 1.25e-05
    law.longHopSeconds = 1.05e-05
    law.longShare = 0.837
    law.copiedShards = 0.879
    law.overlap = 1.4
    law.treeShare = 0.621
    law.switchShare = 0.6
    law.switchBytes = 8_589_934_592
    law.exchangeBaseSeconds = 9.22e-06
    law.exchangePeerSeconds = 4.35e-07
    law.exchangeBytesPerSecond = 6540000000.0
    law.exchangeLongSeconds = 1.56e-05
    law.exchangeShare = 0.672
    law.exchangeCopied = 0.846
    return law
  }()

  /// H100 over one to eight nodes, DeepEP.
  private static let hopperExperts = {
    var law = ExpertLaw()
    law.quickSeconds = 1.05e-05
    law.quickExpertSeconds = 1.4e-08
    law.quickDispatchShare = 0.618
    law.quickCombineShare = 0.559
    law.dispatchSeconds = 3.07e-05
    law.combineSeconds = 5.15e-05
    law.dispatchCoreRate = 19600000000.0
    law.combineCoreRate = 19200000000.0
    law.dispatchTokenSeconds = 2.8e-07
    law.combineTokenSeconds = 3.6e-07
    law.slowSeconds = 7.6e-06
    return law
  }()

  /// B200 and B300, one node, DeepEP.
  private static let blackwellExperts = {
    var law = ExpertLaw()
    law.quickSeconds = 1.38e-05
    law.quickExpertSeconds = 2.8e-08
    law.quickDispatchShare = 0.625
    law.quickCombineShare = 0.792
    law.dispatchSeconds = 3.39e-05
    law.combineSeconds = 4.71e-05
    law.dispatchCoreRate = 24000000000.0
    law.combineCoreRate = 20800000000.0
    law.dispatchTokenSeconds = 7.4e-07
    law.combineTokenSeconds = 3.4e-07
    law.slowSeconds = 8.7e-06
    return law
  }()

  /// A bridge between two A100 PCIe.
  private static let bridge = {
    var law = ampere
    law.longBaseSeconds = 5e-5
    law.longShare = 0.68
    law.copiedShards = 0
    law.overlap = 2
    law.sendSeconds = 1e-5
    law.sendShare = 0.93
    return law
  }()

  /// PCIe with peer access: two ranks reach 0.64 of the link, four 0.75 (A100 PCIe), all by way of the root complex.
  private static let host = {
    var law = NearLaw()
    law.baseSeconds = 1.2e-5
    law.hopSeconds = 4e-6
    law.shortShare = 0.6
    law.longBaseSeconds = 1.5e-5
    law.longHopSeconds = 5e-6
    law.longShare = 0.75
    law.copiedShards = 0
    law.switchBytes = .infinity
    law.exchangeShare = 0.7
    law.exchangeCopied = 0
    law.sendShare = 0.8
    return law
  }()
}
