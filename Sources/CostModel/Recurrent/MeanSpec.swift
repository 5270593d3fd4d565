/// The running mean of all tokens so far, of `width` projected numbers.
public struct MeanSpec: Hashable, Sendable {
  /// Numbers that are averaged.
  public var width: Int

  /// A mean over `width` numbers.
  public init(width: Int) { self.width = width }
}

extension MeanSpec: Mixer {
  var traits: MixerTraits { MixerTraits(stateElements: Double(width)) }

  func widestActivation(_ work: Workload) -> Double { 2 * Double(width) }

  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    out.enter("mean", .recurrent)
    out.matrix("in_proj", rows: Double(width), columns: out.hidden, split: .outputs)
    out.matrix("out_proj", rows: out.hidden, columns: Double(width), split: .inputs)
  }

  func plan(on machine: Machine, _ formats: ModelFormats) -> MixerPlan { .mean(self) }
}

extension Lowering {
  /// In, one sum and one product a number, out.
  func mean<Sink: CallSink>(_ spec: MeanSpec, in step: Step, into sink: inout Sink) {
    let width = Double(spec.width)
    product(.stateInProjection, outputs: width, inputs: hidden, in: step, into: &sink)
    elementwise(.stateScan, .add, readWidth: width, writeWidth: width, flops: 2, in: step, into: &sink)
    product(.outputProjection, outputs: hidden, inputs: width, in: step, into: &sink)
  }
}
