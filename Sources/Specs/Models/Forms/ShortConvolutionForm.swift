import CostModel

/// Gated short convolutions.
extension ShortConvolutionSpec: MixerForm {
  package static let block = "short_convolution"

  static func mixer(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> MixerSpec {
    .shortConvolution(
      ShortConvolutionSpec(
        channels: try block.int("channels", in: 1...10_000_000) ?? context.header.hidden,
        kernel: try block.requiredInt("conv_kernel", in: 1...1_000), bias: try block.bool("bias") ?? false))
  }

  package func write(into out: inout YAMLText) {
    out.put("channels", channels)
    out.put("conv_kernel", kernel)
    out.put("bias", bias)
  }

  package var summary: String { "gated convolution of \(kernel) taps" }

  package var properties: Set<String> { ["convolution", "recurrent"] }
}

extension Block {
  static let shortConvolution = Block(
    ShortConvolutionSpec.block, "A gated convolution of a few taps (LFM2).",
    [
      Key("channels", "Channels.", else: "`hidden_size`"), Key("conv_kernel", "Taps.", else: nil),
      Key("bias", "Biases on both projections and the convolution.", else: "false"),
    ])
}
