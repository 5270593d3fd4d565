extension ModelSpec {
  /// Bytes of all weights, every expert among them.
  public func weightBytes(_ plan: PrecisionPlan) -> Double {
    var sum = WeightBytes(plan, pattern: pattern)
    tensors(into: &sum)
    return sum.all.bytes + unreadBytes
  }

  /// Bytes by component and format, components in the order they run, formats in that of first use.
  public func weightBytesByComponent(
    _ plan: PrecisionPlan
  ) -> [(component: Tensor.Component, format: NumberFormat, bytes: Double)] {
    var sum = WeightBytes(plan, pattern: pattern)
    tensors(into: &sum)
    return Tensor.Component.allCases.flatMap { component in
      (sum.components[component]?.parts ?? []).map {
        (component, $0.format, $0.elements * $0.format.bytesPerElement)
      }
    }
  }
}

/// Sums elements by component and by the format that a plan stores them in.
private struct WeightBytes: TensorSink {
  let plan: PrecisionPlan
  let pattern: [Int]
  var all = StoredParts()
  var components: [Tensor.Component: StoredParts] = [:]

  init(_ plan: PrecisionPlan, pattern: [Int]) {
    self.plan = plan
    self.pattern = pattern
  }

  mutating func add(_ tensor: Tensor) {
    plan.add(tensor, pattern: pattern, to: &all)
    plan.add(tensor, pattern: pattern, to: &components[tensor.component, default: StoredParts()])
  }
}
