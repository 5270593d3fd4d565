/// What a mechanism that lets tokens see each other has to say of itself.
///
/// A new one conforms to this in a file of its own and is listed in `MixerSpec`, its `with`, and `MixerPlan`.
protocol Mixer: Hashable, Sendable {
  /// What the layer keeps of a sequence, and how far back it sees.
  var traits: MixerTraits { get }

  /// Elements per token alive while the mixer runs, one kernel's inputs and outputs.
  func widestActivation(_ work: Workload) -> Double

  /// The mixer made ready for a machine and a precision.
  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan

  /// The tensors of one layer, its own norms among them.
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>)
}

/// What a mixer is to the rest of a model, as plain values.
public struct MixerTraits: Hashable, Sendable {
  /// Elements one token leaves in the layer's cache; 0 without one.
  public var cacheWidth = 0.0
  /// Elements one token leaves whatever `kept` says: what compressed entries stand for many tokens come to.
  public var lastingWidth = 0.0
  /// Elements that one of an encoder's tokens leaves.
  public var sourceWidth = 0.0
  /// Tokens of a sequence that the cache keeps.
  public var kept = AttentionSpan.full
  /// Numbers of recurrent state that one sequence keeps, whatever its length.
  public var stateElements = 0.0
  /// Inputs of the convolution that one sequence keeps.
  public var tailElements = 0.0
  /// How far back the output depends on the layer below; nil: on its own position alone.
  public var reach: AttentionSpan? = .full
}

/// Something to be done with whichever mixer a layer has, generic over it.
protocol MixerVisitor {
  associatedtype Result
  mutating func visit<Spec: Mixer>(_ spec: Spec) -> Result
}

extension MixerSpec {
  /// Hands the layer's mixer to `visitor`: the one place that lists them all.
  @inline(__always)
  func with<Visitor: MixerVisitor>(_ visitor: inout Visitor) -> Visitor.Result {
    switch self {
    case .attention(let spec): visitor.visit(spec)
    case .latent(let spec): visitor.visit(spec)
    case .stateSpace(let spec): visitor.visit(spec)
    case .delta(let spec): visitor.visit(spec)
    case .lightning(let spec): visitor.visit(spec)
    case .shortConvolution(let spec): visitor.visit(spec)
    case .compressed(let spec): visitor.visit(spec)
    case .none: visitor.visit(NoMixer())
    }
  }

  /// What the layer is to the rest of the model.
  public var traits: MixerTraits {
    var visitor = ReadTraits()
    return with(&visitor)
  }

  /// Elements per token alive while the mixer runs, one kernel's inputs and outputs.
  func widestActivation(_ work: Workload) -> Double {
    var visitor = ReadWidestActivation(work: work)
    return with(&visitor)
  }
}

private struct ReadTraits: MixerVisitor {
  func visit<Spec: Mixer>(_ spec: Spec) -> MixerTraits { spec.traits }
}

private struct ReadWidestActivation: MixerVisitor {
  let work: Workload
  func visit<Spec: Mixer>(_ spec: Spec) -> Double { spec.widestActivation(work) }
}

/// A layer of feed-forward alone.
struct NoMixer: Mixer {
  var traits: MixerTraits { MixerTraits(reach: nil) }
  func widestActivation(_ work: Workload) -> Double { 0 }
  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan { .none }
  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {}
}
