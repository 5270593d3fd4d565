/// A stretch of a kernel that ends before the next begins: packing an operand, a product, a softmax.
public struct KernelPhase: Sendable {
  public var name: String
  /// Multiply-adds × 2 that the loops execute, the padding of tiles and masked blocks among them.
  public var productFLOPs: Double
  /// Sums, products and comparisons that are not part of a softmax or a gate.
  public var elementwiseFLOPs: Double
  /// Elements that pass through e^x, with the four FLOPs around it.
  public var exponentials: Double
  public var traffic: TrafficFormula

  public init(
    _ name: String, productFLOPs: Double = 0, elementwiseFLOPs: Double = 0, exponentials: Double = 0,
    traffic: TrafficFormula
  ) {
    self.name = name
    self.productFLOPs = productFLOPs
    self.elementwiseFLOPs = elementwiseFLOPs
    self.exponentials = exponentials
    self.traffic = traffic
  }

  /// The same, `count` times over on data of its own.
  func times(_ count: Double) -> KernelPhase {
    var all = self
    all.productFLOPs *= count
    all.elementwiseFLOPs *= count
    all.exponentials *= count
    for index in all.traffic.conditions.indices {
      all.traffic.conditions[index].reads *= count
      all.traffic.conditions[index].writes *= count
      all.traffic.conditions[index].allocations *= count
    }
    return all
  }

  /// FLOPs of a softmax per element: shift, e^x as one, sum, product, comparison.
  static let flopsPerExponential = 5.0
}

extension Kernel {
  public var exponentials: Double { 0 }

  public func phases(_ arithmetic: Arithmetic) -> [KernelPhase] {
    [
      KernelPhase(
        name, productFLOPs: matmulFLOPs,
        elementwiseFLOPs: max(0, vectorFLOPs - KernelPhase.flopsPerExponential * exponentials),
        exponentials: exponentials, traffic: formula(arithmetic))
    ]
  }
}
