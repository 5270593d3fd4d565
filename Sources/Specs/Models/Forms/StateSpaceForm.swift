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
