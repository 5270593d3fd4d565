/// What no implementation of a call's mathematics at its precision beats on a device: everything that is compulsory, each
/// resource at the rate its data sheet or a proof gives it, all of them overlapped.
public struct Floor: Hashable, Sendable {
  /// Seconds that each resource needs by itself, by `Bound.index`.
  public var roofs: SIMD8<Double>
  /// Far memory's where the same buffers were just used: one last-level cache of them need not be read.
  public var residentFar: Double

  /// - Parameter residentFar: see the property.
  @inline(__always)
  public init(roofs: SIMD8<Double> = .zero, residentFar: Double = 0) {
    self.roofs = roofs
    self.residentFar = residentFar
  }

  /// The slowest resource's.
  @inline(__always) public var seconds: Double { Self.slowest(roofs) }

  /// Pair by pair the compiler finds the maximum instruction; the library's reduction is a loop.
  @inline(__always)
  private static func slowest(_ roofs: SIMD8<Double>) -> Double {
    let four = elementwiseMax(roofs.lowHalf, roofs.highHalf)
    return larger(larger(four.x, four.z), larger(four.y, four.w))
  }

  /// The slowest resource.
  public var by: Bound {
    var best = 0
    for index in 1..<8 where roofs[index] > roofs[best] { best = index }
    return Bound(index: best)
  }

  /// Of a benchmark that runs again and again on the same buffers.
  public var resident: Double {
    var roofs = roofs
    roofs[Bound.far.index] = residentFar
    return Self.slowest(roofs)
  }

  /// Both one after the other, or in one kernel.
  @inline(__always)
  public static func + (a: Floor, b: Floor) -> Floor {
    Floor(roofs: a.roofs + b.roofs, residentFar: a.residentFar + b.residentFar)
  }

  /// The same `count` times over.
  @inline(__always)
  public static func * (floor: Floor, count: Double) -> Floor {
    Floor(roofs: floor.roofs * count, residentFar: floor.residentFar * count)
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
    let bytes = cost.bytes
    var far = bytes
    if setting == .pass {
      far = cost.stored + larger(0, cost.read - keptBytes) + larger(0, cost.written - keptBytes)
    }
    let levels = provenInverseBandwidth * bytes
    return Floor(
      roofs: SIMD8(
        cost.matmulFLOPs * perFLOP, cost.vectorFLOPs * inverseVector, far * provenInverseBandwidth[0],
        levels[1],
        levels[2], levels[3], cost.exponentials * inverseExponentials, 0),
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
