/// What no implementation of a call's mathematics at its precision beats on a device: everything that is compulsory, each
/// resource at the rate its data sheet or a proof gives it, all of them overlapped.
public struct Floor: Hashable, Sendable {
  /// Two by two in the order of `Bound.index`, as registers hold them; most calls have none of the last two.
  fileprivate var arithmetic, far, near: SIMD2<Double>
  fileprivate var exponential, link: Double
  /// Far memory's where the same buffers were just used: one last-level cache of them need not be read.
  public var residentFar: Double

  @inline(__always)
  fileprivate init(
    arithmetic: SIMD2<Double>, far: SIMD2<Double>, near: SIMD2<Double>, exponential: Double, link: Double = 0,
    residentFar: Double
  ) {
    self.arithmetic = arithmetic
    self.far = far
    self.near = near
    self.exponential = exponential
    self.link = link
    self.residentFar = residentFar
  }

  /// - Parameter residentFar: see the property.
  @inline(__always)
  public init(roofs: SIMD8<Double> = .zero, residentFar: Double = 0) {
    self.init(
      arithmetic: roofs.lowHalf.lowHalf, far: roofs.lowHalf.highHalf, near: roofs.highHalf.lowHalf,
      exponential: roofs[6], link: roofs[7], residentFar: residentFar)
  }

  /// Seconds that each resource needs by itself, by `Bound.index`.
  public var roofs: SIMD8<Double> {
    get {
      SIMD8(
        arithmetic.x, arithmetic.y, far.x, far.y, near.x, near.y, exponential, link)
    }
    set { self = Floor(roofs: newValue, residentFar: residentFar) }
  }

  /// The slowest resource's.
  @inline(__always) public var seconds: Double {
    let most = elementwiseMax(arithmetic, elementwiseMax(far, near))
    let seconds = larger(most.x, most.y)
    return exponential == 0 && link == 0 ? seconds : larger(seconds, larger(exponential, link))
  }

  /// The slowest resource.
  @inline(__always) public var by: Bound { Self.slowest(arithmetic, far, near, exponential, link) }

  /// Takes values that lie in registers: a floor in memory would be written there for each call.
  @inline(never)
  private static func slowest(
    _ arithmetic: SIMD2<Double>, _ far: SIMD2<Double>, _ near: SIMD2<Double>, _ exponential: Double,
    _ link: Double
  ) -> Bound {
    let roofs = SIMD8(arithmetic.x, arithmetic.y, far.x, far.y, near.x, near.y, exponential, link)
    var best = 0
    for index in 1..<8 where roofs[index] > roofs[best] { best = index }
    return Bound(index: best)
  }

  /// Of a benchmark that runs again and again on the same buffers.
  public var resident: Double {
    var floor = self
    floor.far.x = residentFar
    return floor.seconds
  }

  /// Both one after the other, or in one kernel.
  @inline(__always)
  public static func + (a: Floor, b: Floor) -> Floor {
    Floor(
      arithmetic: a.arithmetic + b.arithmetic, far: a.far + b.far, near: a.near + b.near,
      exponential: b.exponential == 0 ? a.exponential : a.exponential + b.exponential,
      link: b.link == 0 ? a.link : a.link + b.link, residentFar: a.residentFar + b.residentFar)
  }

  /// The same `count` times over.
  @inline(__always)
  public static func * (floor: Floor, count: Double) -> Floor {
    Floor(
      arithmetic: floor.arithmetic * count, far: floor.far * count, near: floor.near * count,
      exponential: floor.exponential == 0 ? 0 : floor.exponential * count,
      link: floor.link == 0 ? 0 : floor.link * count, residentFar: floor.residentFar * count)
  }
}

/// What an operator finds in caches when it begins.
public enum Setting: Sendable {
  /// Activations that fit the last shared level, and it leaves its own there.
  case pass
  /// Nothing.
  case cold
}

extension Machine {
  /// One layer's. A near level is a roof where its figure is proven, for bytes that pass it at least once: tiles that
  /// cores read again are shared by multicast and clusters.
  @inline(__always)
  public func floor(of call: Call, _ setting: Setting = .pass) -> Floor {
    floor(call.compulsory, perFLOP: secondsPerFLOP(call.kind, call.formats), setting)
  }

  /// Of the fastest unit that can do a call's products.
  @inline(__always)
  func secondsPerFLOP(_ kind: OperatorKind, _ formats: CallFormats) -> Double {
    min(inversePeaks[formats.compute.rawValue], inversePeaks[formats.fastest(for: kind).rawValue])
  }

  /// - Parameter perFLOP: seconds of a product's.
  @inline(__always)
  func floor(_ cost: Compulsory, perFLOP: Double, _ setting: Setting) -> Floor {
    floor(cost, rates: SIMD2(perFLOP, inverseVector), setting)
  }

  /// - Parameter rates: seconds per FLOP of a product's, and of others.
  @inline(__always)
  func floor(_ cost: Compulsory, rates: SIMD2<Double>, _ setting: Setting) -> Floor {
    let bytes = cost.bytes
    var far = bytes
    if setting == .pass {
      far = cost.stored + larger(0, cost.read - keptBytes) + larger(0, cost.written - keptBytes)
    }
    return Floor(
      arithmetic: SIMD2(cost.matmulFLOPs, cost.vectorFLOPs) * rates,
      far: SIMD2(far, bytes) * provenInverseBandwidth.lowHalf,
      near: bytes * provenInverseBandwidth.highHalf,
      exponential: cost.exponentials == 0 ? 0 : cost.exponentials * inverseExponentials,
      residentFar: smaller(far, larger(0, bytes - keptBytes)) * provenInverseBandwidth[0])
  }

  /// Products and bytes that no operator stands for, from cold caches.
  public func floor(flops: Double, bytes: Double, _ formats: CallFormats) -> Floor {
    var floor = Floor(residentFar: max(0, bytes - keptBytes) * inverseBandwidth[0])
    floor.roofs[Bound.compute.index] =
      flops * min(inversePeaks[formats.compute.rawValue], inversePeaks[formats.fastest.rawValue])
    floor.roofs[Bound.far.index] = bytes * inverseBandwidth[0]
    return floor
  }
}
