/// A gated short convolution (LFM2, Liquid AI 2025): three projections of the input; the product of two passes a causal
/// convolution of a few taps, the third gates the result. Nothing else of the past is kept.
public struct ShortConvolutionSpec: Hashable, Sendable {
  /// Channels, as wide as the residual stream.
  public var channels: Int
  /// Taps (`conv_L_cache`).
  public var kernel: Int
  /// Biases on both projections and the convolution.
  public var bias: Bool

  /// A layer without biases unless told otherwise.
  public init(channels: Int, kernel: Int, bias: Bool = false) {
    self.channels = channels
    self.kernel = kernel
    self.bias = bias
  }
}

extension ShortConvolutionSpec: Mixer {
  var traits: MixerTraits {
    MixerTraits(tailElements: Double(channels) * Double(kernel - 1), reach: .sliding(window: kernel))
  }

  func widestActivation(_ work: Workload) -> Double { 5 * Double(channels) }

  func plan(under roofline: Roofline, _ formats: ModelFormats) -> MixerPlan { .shortConvolution(self) }

  func tensors<Sink: TensorSink>(into out: inout TensorWriter<Sink>) {
    let width = Double(channels)
    out.enter("conv", .recurrent)
    out.matrix(
      "in_proj", rows: 3 * width, columns: out.hidden, bias: bias, reader: .stateInProjection, split: .outputs
    )
    out.matrix(
      "conv", rows: width, columns: Double(kernel), bias: bias, storage: .small, reader: .causalConvolution,
      split: .outputs)
    out.matrix(
      "out_proj", rows: out.hidden, columns: width, bias: bias, reader: .outputProjection, split: .inputs)
  }
}

extension Lowering {
  @inline(never)
  func shortConvolution<Sink: CallSink>(_ spec: ShortConvolutionSpec, in step: Step, into sink: inout Sink) {
    let width = Double(spec.channels)
    quantize(.quantizeMixerInput, width: hidden, in: step, into: &sink)
    product(
      .stateInProjection, outputs: 3 * width, inputs: hidden, bias: spec.bias ? 3 * width : 0, in: step,
      into: &sink)
    scan(
      .causalConvolution, .convolution(channels: width, kernel: Double(spec.kernel), bias: spec.bias),
      in: step,
      into: &sink)
    // Both gates: what goes into the convolution and what comes out.
    elementwise(
      .stateNorm, .activate, readWidth: 3 * width, writeWidth: width, flops: 2, in: step, into: &sink)
    quantize(.quantizeMixerOutput, width: width, in: step, into: &sink)
    product(
      .outputProjection, outputs: hidden, inputs: width, bias: spec.bias ? hidden : 0, in: step, into: &sink)
  }
}
