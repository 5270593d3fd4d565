import CostModel

/// A formula of messages: numbers with a name, which measured runs teach.
public protocol LinkLaw: Hashable, Sendable {
  /// Where a fit starts: about what several generations came to.
  init()
  /// In the order of files and fits.
  static var numbers: [LawNumber<Self>] { get }
}

/// One number of a law.
public struct LawNumber<Law: LinkLaw>: Sendable {
  /// As files have it; `_seconds`, `_bytes` and `_rate` (bytes per second) say its unit, all others are plain.
  public let name: String
  /// As files explain it.
  public let meaning: String
  /// Where it stands.
  public let path: WritableKeyPath<Law, Double> & Sendable
  /// Of a rule's threshold: the values that it is chosen among.
  public let choices: [Double]

  init(
    _ path: WritableKeyPath<Law, Double> & Sendable, _ name: String, _ meaning: String, choices: [Double] = []
  ) {
    self.path = path
    self.name = name
    self.meaning = meaning
    self.choices = choices
  }

  /// A time, and not a share or a rate.
  public var isTime: Bool { name.hasSuffix("_seconds") }

  /// What is physical.
  public var bounds: ClosedRange<Double> {
    let usual = Law()[keyPath: path]
    if !choices.isEmpty { return (choices.min() ?? usual)...(choices.max() ?? usual) }
    return usual / 8...(name.hasSuffix("_share") ? 1 : usual * 8)
  }
}

/// A law fitted to runs over the links of one generation.
public struct FittedLaw<Law: LinkLaw>: Hashable, Sendable {
  /// What the fit came to.
  public var law: Law
  /// How the links are wired that taught it; nil for the law that all generations share.
  public var topology: FabricDomain.Topology?
  /// Of one device of that domain, in one direction; 0 for the law that all generations share.
  public var bytesPerSecond: Double
  /// Devices that were measured.
  public var devices: [String]
  /// Rows that taught it, and their fingerprint.
  public var rows: Int
  /// See `rows`.
  public var fingerprint: String
  /// Of rows held out, of devices held out for the law that all generations share: the median error and the nine-tenths
  /// one, as shares of the measured time.
  public var median, ninth: Double
  /// Factors on a prediction that bound 80 % of what was held out.
  public var low, high: Double

  /// A fit with all that is known of it.
  public init(
    _ law: Law, topology: FabricDomain.Topology? = nil, bytesPerSecond: Double = 0, devices: [String] = [],
    rows: Int = 0, fingerprint: String = "", median: Double = 0, ninth: Double = 0, low: Double = 0.6,
    high: Double = 1.6
  ) {
    self.law = law
    self.topology = topology
    self.bytesPerSecond = bytesPerSecond
    self.devices = devices
    self.rows = rows
    self.fingerprint = fingerprint
    (self.median, self.ninth, self.low, self.high) = (median, ninth, low, high)
  }

  func trust(on domain: FabricDomain) -> MessageTrust {
    MessageTrust(
      low: low, high: high, basis: rows == 0 ? .prior : isOf(domain) ? .calibrated : .carriedOver)
  }

  /// Teaches links like these.
  public func isOf(_ domain: FabricDomain) -> Bool {
    topology == domain.topology && abs(bytesPerSecond / domain.bytesPerSecond - 1) < 0.02
  }
}

/// What runs taught of messages: a law for each generation of links, and what all of them share.
public struct FittedLinks: Hashable, Sendable {
  /// Within a near domain.
  public var near: [FittedLaw<NearLaw>] = []
  /// Between near domains.
  public var nodes: [FittedLaw<NodeLaw>] = []
  /// Tokens to experts and back.
  public var experts: [FittedLaw<ExpertLaw>] = []

  /// Nothing was fitted: every law as fits start.
  public init() {}

  /// Those of `other` first, where both know a generation.
  public func behind(_ other: FittedLinks) -> FittedLinks {
    var all = self
    (all.near, all.nodes) = (other.near + near, other.nodes + nodes)
    all.experts = other.experts + experts
    return all
  }

  /// What generations share alone.
  public var sharedAlone: FittedLinks {
    var all = self
    all.near.removeAll { $0.topology == .switch }
    all.experts.removeAll { $0.topology != nil }
    return all
  }

  /// The fit for a domain: that of its own generation, of links through the host and of bridges the nearest rate's, of
  /// others what all share.
  public static func fit<Law>(_ fits: [FittedLaw<Law>], for domain: FabricDomain) -> FittedLaw<Law> {
    if let own = fits.first(where: { $0.isOf(domain) }) { return own }
    let alike = domain.topology == .switch ? [] : fits.filter { $0.topology == domain.topology }
    let nearest = alike.min {
      abs($0.bytesPerSecond - domain.bytesPerSecond) < abs($1.bytesPerSecond - domain.bytesPerSecond)
    }
    return nearest ?? fits.first { $0.topology == nil } ?? FittedLaw(Law())
  }
}
