import CostModel

extension DenseSpec: FeedForwardForm {
  static func read(_ block: inout YAMLFields, base: DenseSpec?) throws(InputError) -> DenseSpec {
    let intermediate: Int
    if let given = try block.int("intermediate_size") ?? base?.intermediate {
      intermediate = given
    } else {
      intermediate = try block.requiredInt("intermediate_size")
    }
    var spec = DenseSpec(
      intermediate: intermediate, gated: try block.bool("gated") ?? base?.gated ?? true,
      bias: try block.bool("bias") ?? base?.bias ?? false,
      activation: try block.choice("activation", Activation.self) ?? base?.activation ?? .silu)
    spec.innerNorm = try block.bool("inner_norm") ?? base?.innerNorm ?? false
    spec.sparsity = try block.number("activation_sparsity", in: 0...1) ?? base?.sparsity ?? 0
    return spec
  }

  package func write(over base: FeedForwardSpec?, into out: inout YAMLText) {
    out.raw("type", "dense")
    var inherited: DenseSpec?
    if case .dense(let spec) = base { inherited = spec }
    writeSizes(over: inherited, into: &out)
  }

  /// Without `type`, which the block around experts says itself.
  func writeSizes(over base: DenseSpec?, into out: inout YAMLText) {
    out.put("intermediate_size", intermediate)
    out.put("gated", gated)
    out.put("bias", bias)
    out.raw("activation", activation.rawValue)
    if innerNorm || base?.innerNorm == true { out.put("inner_norm", innerNorm) }
    if sparsity > 0 || base.map({ $0.sparsity > 0 }) == true { out.put("activation_sparsity", sparsity) }
  }

  package var summary: String {
    "\(gated ? "gated " : "")\(activation.rawValue), \(Digits.whole(Double(intermediate))) wide"
  }
}
