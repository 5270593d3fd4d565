import CostModel

/// How a feed-forward stands in specs and reports.
package protocol FeedForwardForm {
  /// The body of the `feed_forward` block.
  func write(into out: inout YAMLText)

  /// For tables: `MoE, top 2 of 8 experts, gated silu, 14,336 wide`.
  var summary: String { get }
}

extension FeedForwardSpec {
  /// The mechanism's own form; nil for layers without one, `feed_forward: none`.
  package var form: (any FeedForwardForm)? {
    switch self {
    case .dense(let spec): spec
    case .mixture(let spec): spec
    case .none: nil
    }
  }

  func write(into out: inout YAMLText) {
    guard let form else { return out.raw("feed_forward", "none") }
    out.block("feed_forward") { form.write(into: &$0) }
  }

  /// The `feed_forward` block of a model or a kind of layer, or `feed_forward: none`; nil when absent.
  ///
  /// - Parameter base: what is kept where the block says nothing.
  static func read(_ fields: inout YAMLFields, base: FeedForwardSpec?) throws(InputError) -> FeedForwardSpec?
  {
    if fields.isNone("feed_forward") { return FeedForwardSpec.none }
    guard var block = try fields.fields("feed_forward") else { return nil }
    let result = try read(block: &block, base: base)
    try block.finish()
    return result
  }

  private static func read(
    block: inout YAMLFields, base: FeedForwardSpec?
  ) throws(InputError) -> FeedForwardSpec {
    let type = try block.string("type")
    var usual = "dense"
    if case .mixture = base { usual = "moe" }
    switch type ?? usual {
    case "dense":
      var inherited: DenseSpec?
      if case .dense(let spec) = base { inherited = spec }
      return .dense(try DenseSpec.read(&block, base: inherited))
    case "moe":
      var inherited: MixtureSpec?
      if case .mixture(let spec) = base { inherited = spec }
      return .mixture(try MixtureSpec.read(&block, base: inherited))
    case "none": return .none
    default:
      let types = ["dense", "moe", "none"]
      throw InputError(
        .data, at: block.location,
        "“\(block.name("type"))” is “\(type ?? "")”; accepted: \(types.joined(separator: ", "))"
          + Suggestion.phrase(for: type ?? "", among: types))
    }
  }
}
