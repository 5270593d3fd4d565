import CostModel

extension ScenarioRequest {
  /// An option that changes nothing about a model in a phase; it is refused rather than dropped.
  public struct Unused: Hashable, Sendable {
    /// As it is typed.
    public var option: String
    /// Why it changes nothing.
    public var why: String
  }

  /// What was asked for and has no meaning for `model`.
  public func unused(for model: ModelSpec) -> [Unused] {
    let layers = model.kinds.map(\.layer)
    func hasMixer(_ isOne: (MixerSpec) -> Bool) -> Bool { layers.contains { isOne($0.mixer) } }
    let isLatent = hasMixer { if case .latent = $0 { true } else { false } }
    let hasSoftmax = isLatent || hasMixer { if case .attention = $0 { true } else { false } }
    let rules: [(given: Bool, used: Bool, unused: Unused)] = [
      (router != nil, !model.mixtures.isEmpty, Unused(option: "--router", why: "no layer has experts")),
      (latent != nil, isLatent, Unused(option: "--latent", why: "no layer has latent attention")),
      (attention != nil, hasSoftmax, Unused(option: "--attention", why: "no layer has softmax attention")),
      (
        convention != .causal, hasSoftmax,
        Unused(option: "--attention-flops", why: "no layer has softmax attention")
      ),
      (
        precision.attention != nil, hasSoftmax,
        Unused(option: "--attention-dtype", why: "no layer has softmax attention")
      ),
      (
        logits != .last, phase == .prefill && !model.isEncoder,
        Unused(
          option: "--logits",
          why: phase == .prefill
            ? "an encoder answers for every position" : "a step has one position of each sequence")
      ),
      (
        precision.cache != nil, layers.contains { $0.mixer.traits.cacheWidth > 0 },
        Unused(option: "--kv-cache-dtype", why: "no layer keeps keys or values")
      ),
      (
        outputLength != nil, false,
        Unused(
          option: "--output-len",
          why:
            "a prompt or a single step generates no length of its own; without --phase it asks for the whole request"
        )
      ),
      (
        phase == .decode && inputLength != nil && contextLength != nil, false,
        Unused(option: "--input-len", why: "--context-len says what a step's cache holds")
      ),
    ]
    return rules.filter { $0.given && !$0.used }.map(\.unused)
  }

  /// The same without options that have no meaning, where other models of the same question have a use for them.
  public func without(_ unused: [Unused]) -> ScenarioRequest {
    var request = self
    for option in unused.map(\.option) {
      switch option {
      case "--router": request.router = nil
      case "--latent": request.latent = nil
      case "--attention": request.attention = nil
      case "--attention-flops": request.convention = .causal
      case "--attention-dtype": request.precision.attention = nil
      case "--logits": request.logits = .last
      case "--kv-cache-dtype": request.precision.cache = nil
      case "--input-len": request.inputLength = nil
      default: break
      }
    }
    return request
  }
}

extension InputError {
  /// An option that is not used, and why.
  public init(_ unused: ScenarioRequest.Unused, for model: String) {
    self.init(.usage, "\(unused.option) has no meaning for \(model): \(unused.why)")
  }
}
