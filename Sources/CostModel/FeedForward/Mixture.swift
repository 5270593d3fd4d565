/// A mixture among a model's layers.
public struct Mixture: Hashable, Sendable {
  /// Name of the kind of layer.
  public var layers: String
  /// Its experts and router.
  public var spec: MixtureSpec
}

extension ModelSpec {
  /// The kinds of layer that have a mixture and are in use.
  public var mixtures: [Mixture] {
    zip(kinds, kindCounts).compactMap { kind, count in
      guard count > 0, case .mixture(let spec) = kind.layer.feedForward else { return nil }
      return Mixture(layers: kind.name, spec: spec)
    }
  }
}
