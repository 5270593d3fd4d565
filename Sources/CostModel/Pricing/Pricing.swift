/// Turns a call's work into seconds: the one place where time is made.
///
/// `Roofline` gives bounds; fitted models give expectations with intervals. Neither allocates.
public protocol Pricing: Sendable {
  /// Times have intervals, whose errors have to be added up over a pass.
  static var hasIntervals: Bool { get }
  /// Of one layer of the call.
  func time(_ call: Call, _ work: Work) -> Time
  /// What a pass of so many kernels takes beside them; nil where nothing is known of the host.
  ///
  /// - Parameter seconds: of all its kernels.
  func overhead(launches: Double, seconds: Double, _ work: Workload) -> Time?
}

extension Pricing {
  /// Nothing is known of the host.
  @inline(__always)
  public func overhead(launches: Double, seconds: Double, _ work: Workload) -> Time? { nil }
}

/// Seconds with their 80 % interval, what binds them, what they stand on, and what nothing beats.
public struct Time: Hashable, Sendable {
  public var seconds, low, high: Double
  /// What binds `seconds`.
  public var bound: Bound
  /// What `seconds` stand on.
  public var basis: Basis
  /// Times of equal index come from one fit and err together; nil where nothing was fitted.
  public var fit: Int?
  /// What no implementation beats, within a pass.
  public var floor: Floor

  /// - Parameter fit: see `fit`.
  @inline(__always)
  public init(
    seconds: Double, low: Double, high: Double, bound: Bound, basis: Basis, fit: Int? = nil, floor: Floor
  ) {
    self.seconds = seconds
    self.low = low
    self.high = high
    self.bound = bound
    self.basis = basis
    self.fit = fit
    self.floor = floor
  }

  /// The same for `count` layers one after the other: their errors are one.
  @inline(__always)
  public static func * (time: Time, count: Double) -> Time {
    Time(
      seconds: time.seconds * count, low: time.low * count, high: time.high * count, bound: time.bound,
      basis: time.basis, fit: time.fit, floor: time.floor * count)
  }
}

/// What a time stands on.
public enum Basis: String, CaseIterable, Hashable, Sendable {
  /// Fitted on this device.
  case calibrated
  /// Fitted on another device, carried over by its physical quantities.
  case carriedOver = "carried_over"
  /// Fitted on another version or framework, or on shapes far from this one.
  case nearest = "extrapolated"
  /// Parameters that all measured devices share: nothing of this device or kernel was measured.
  case prior
  /// Nothing fitted: the roofline.
  case upperBound = "upper_bound"
}

/// What keeps a call from being faster.
public struct Bound: Hashable, Sendable {
  /// 0 compute, 1 vector, 2 to 5 the boundary below level 0 to 3, 6 exponentials, 7 link, 8 launch.
  public let index: Int

  /// - Parameter index: see `index`.
  @inline(__always)
  public init(index: Int) { self.index = index }

  /// The matrix units.
  public static let compute = Bound(index: 0)
  /// The vector units.
  public static let vector = Bound(index: 1)
  /// The boundary below the profile's level of that index.
  public static func memory(level: Int) -> Bound { Bound(index: 2 + level) }
  /// The boundary below far memory.
  public static let far = memory(level: 0)
  /// Special-function units, and what emulates them.
  public static let exponential = Bound(index: 6)
  /// Messages to other devices.
  public static let link = Bound(index: 7)
  /// The host, or starting kernels.
  public static let launch = Bound(index: 8)

  /// In reports: `compute`, `vector`, `exponential`, `link`, `launch` or the level's name.
  public func name(_ profile: HardwareProfile) -> String {
    switch index {
    case 0: "compute"
    case 1: "vector"
    case 6: "exponential"
    case 7: "link"
    case 8: "launch"
    default: profile.levels.indices.contains(index - 2) ? profile.levels[index - 2].name : "memory"
    }
  }
}

/// Errors of a pass: those of times that share a fit add up, those of different fits are independent.
struct ErrorSum: Sendable {
  /// Fits told apart; further ones count as one, which overstates their error.
  static let fits = 16
  private var below = SIMD16<Double>.zero
  private var above = SIMD16<Double>.zero

  @inline(__always)
  mutating func add(_ addend: Addend) {
    guard let fit = addend.fit else { return }
    let place = min(max(fit, 0), Self.fits - 1)
    below.add(addend.seconds * addend.layers - addend.low * addend.layers, at: place)
    above.add(addend.high * addend.layers - addend.seconds * addend.layers, at: place)
  }

  /// Puts the interval around the sum of the times.
  @inline(__always)
  func bound(_ totals: inout Totals) {
    totals.low = totals.seconds - (below * below).sum().squareRoot()
    totals.high = totals.seconds + (above * above).sum().squareRoot()
  }
}
