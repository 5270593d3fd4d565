import CostModel

/// Mamba and Mamba-2.
extension StateSpaceSpec: MixerForm {
  package static let block = "state_space"

  static func mixer(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> MixerSpec {
    let type = try block.word("type", ["mamba", "mamba2"]) ?? "mamba2"
    let version: StateSpaceSpec.Version
    let inner: Int
    if type == "mamba" {
      inner = try block.requiredInt("intermediate_size", in: 1...100_000_000)
      version = .mamba(stepRank: try block.requiredInt("time_step_rank", in: 1...1_000_000))
    } else {
      let headDim = try block.requiredInt("head_dim", in: 1...1_000_000)
      let heads = try block.requiredInt("num_heads", in: 1...100_000)
      inner = headDim * heads
      let groups = try block.int("n_groups", in: 1...100_000) ?? 1
      guard heads % groups == 0 else {
        throw InputError(.data, at: block.location, "\(heads) heads do not divide into \(groups) groups")
      }
      version = .mamba2(headDim: headDim, groups: groups, chunk: try block.int("chunk_size") ?? 256)
    }
    var spec = StateSpaceSpec(
      version: version, inner: inner, state: try block.requiredInt("state_size", in: 1...1_000_000),
      kernel: try block.int("conv_kernel", in: 1...1_000) ?? 4,
      convolutionBias: try block.bool("conv_bias") ?? true,
      projectionBias: try block.bool("projection_bias") ?? false,
      innerNorms: type == "mamba" ? try block.bool("inner_norms") ?? false : false)
    spec.outputNorm = try block.bool("output_norm") ?? true
    return .stateSpace(spec)
  }

  package func write(into out: inout YAMLText) {
    switch version {
    case .mamba(let rank):
      out.raw("type", "mamba")
      out.put("intermediate_size", inner)
      out.put("time_step_rank", rank)
      out.put("inner_norms", innerNorms)
    case .mamba2(let headDim, let groups, let chunk):
      out.raw("type", "mamba2")
      out.put("num_heads", inner / max(1, headDim))
      out.put("head_dim", headDim)
      out.put("n_groups", groups)
      out.put("chunk_size", chunk)
    }
    out.put("state_size", state)
    out.put("conv_kernel", kernel)
    out.put("conv_bias", convolutionBias)
    out.put("projection_bias", projectionBias)
    if !outputNorm { out.put("output_norm", false) }
  }

  package var summary: String {
    switch version {
    case .mamba: "Mamba, \(Digits.whole(Double(inner))) channels × state \(state)"
    case .mamba2(let headDim, _, _): "Mamba-2, \(inner / headDim) heads of \(headDim) × state \(state)"
    }
  }

  package var properties: Set<String> { ["mamba", "recurrent"] }
}

extension Block {
  static let stateSpace = Block(
    StateSpaceSpec.block, "A selective state-space layer: one state, no cache that grows.",
    [
      Key("type", "Mamba (a decay for each channel) or Mamba-2 (one a head).", else: "mamba2"),
      Key("intermediate_size", "Channels; `mamba` needs it.", else: "mamba2: heads × `head_dim`"),
      Key("time_step_rank", "Rank of the step sizes; `mamba` needs it.", else: "`mamba2` has none"),
      Key("inner_norms", "`mamba`: RMS norms on step, B and C (Jamba).", else: "false"),
      Key("num_heads", "Heads; `mamba2` needs it.", else: "`mamba` has none"),
      Key("head_dim", "Channels of a head; `mamba2` needs it.", else: "`mamba` has none"),
      Key("n_groups", "`mamba2`: groups of heads that share B and C; divides the heads.", else: "1"),
      Key("chunk_size", "`mamba2`: tokens of a block of the scan.", else: "256"),
      Key("state_size", "Numbers kept for each channel.", else: nil),
      Key("conv_kernel", "Taps of the causal convolution.", else: "4"),
      Key("conv_bias", "A bias on the convolution.", else: "true"),
      Key("projection_bias", "Biases on input and output projection.", else: "false"),
      Key("output_norm", "An RMS norm on the gated output.", else: "true"),
    ])
}
