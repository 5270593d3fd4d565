extension ModelSpec {
  /// Bytes of all weights, every expert among them.
  public func weightBytes(_ plan: PrecisionPlan) -> Double {
    var sum = WeightBytes(plan)
    tensors(into: &sum)
    return sum.bytes
  }
}

/// Sums elements by the format that a plan stores them in.
///
/// By format first: bytes per element of a mix are no binary fraction, and are multiplied once.
struct WeightBytes: TensorSink {
  private let plan: PrecisionPlan
  private var sums: [(format: NumberFormat, elements: Double)]

  init(_ plan: PrecisionPlan) {
    self.plan = plan
    sums = [plan.embedding, plan.lmHead, plan.small, plan.experts, plan.weights].map { ($0, 0) }
  }

  mutating func add(_ tensor: Tensor) {
    let format = plan.format(of: tensor)
    if let index = sums.firstIndex(where: { $0.format == format }) {
      sums[index].elements += tensor.storedElements
    } else {
      sums.append((format, tensor.storedElements))
    }
  }

  /// Bytes of everything added.
  var bytes: Double { sums.reduce(0) { $0 + $1.elements * $1.format.bytesPerElement } }
}
