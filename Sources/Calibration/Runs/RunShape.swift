/// The cells of one row made a shape.
struct RunShape {
  let kernel: Kernel
  let format: KernelFormat
  let cell: (String) -> String

  func shape() throws -> KernelShape {
    switch kernel {
    case .gemm: return .product(m: try size("m"), n: try size("n"), k: try size("k"), format)
    case .attentionPrefill, .attentionDecode, .mlaPrefill, .mlaDecode: return .attention(try attention())
    case .moe: return .experts(try experts())
    case .allReduce, .allGather, .reduceScatter, .allToAll:
      let ranks = try size("world_size")
      guard ranks >= 2 else { throw RunReader.Refusal(reason: "world_size is below 2") }
      return .collective(ranks: ranks, bytes: try size("message_bytes"))
    case .rmsNorm, .rope: return try rows(read: 2, written: 2)
    case .siluMul: return try rows(read: 2, written: 1)
    case .residualAdd: return try rows(read: 4, written: 2)
    case .quantizeFP8: return try rows(read: 2, written: 1)
    }
  }

  private func rows(read: Double, written: Double) throws -> KernelShape {
    let width = try size("k")
    return .rows(rows: try size("m"), readBytes: read * width, writtenBytes: written * width)
  }

  private func attention() throws -> AttentionDimensions {
    let heads = try size("heads_q")
    let dimension = try size("head_dim")
    let decode = kernel == .attentionDecode || kernel == .mlaDecode
    let keys = try size("seq_kv")
    let latent = kernel == .mlaDecode
    let kvHeads = cell("heads_kv").isEmpty && kernel == .mlaPrefill ? heads : try size("heads_kv")
    guard kvHeads <= heads else { throw RunReader.Refusal(reason: "heads_kv exceeds heads_q") }
    let queries = cell("seq_q").isEmpty ? (decode ? 1 : keys) : try size("seq_q")
    guard queries <= keys else { throw RunReader.Refusal(reason: "seq_q exceeds seq_kv") }
    let cache = KernelFormat(word: cell("kv_dtype")) ?? format
    return AttentionDimensions(
      batch: try size("batch"), queries: queries, keys: keys, queryHeads: heads, kvHeads: kvHeads,
      headDim: dimension,
      // MLA: 576 = 512 + 64 absorbed, 192 = 128 + 64 expanded; the 64 rotate and carry no value.
      valueDim: latent || kernel == .mlaPrefill ? max(1, dimension - 64) : dimension,
      window: cell("window").isEmpty ? 0 : try size("window", from: 0), operandBytes: format.operandBytes,
      cacheBytes: cache.operandBytes)
  }

  private func experts() throws -> ExpertDimensions {
    let tensor = cell("moe_tp").isEmpty ? 1 : try size("moe_tp")
    let parallel = cell("moe_ep").isEmpty ? 1 : try size("moe_ep")
    let experts = try size("experts")
    let topK = try size("topk")
    guard topK <= experts else { throw RunReader.Refusal(reason: "topk exceeds experts") }
    return ExpertDimensions(
      tokens: try size("tokens"), hidden: try size("hidden"), intermediate: try size("intermediate") / tensor,
      experts: experts, localExperts: max(1, experts / parallel), topK: topK,
      gated: cell("gated").isEmpty || Double(cell("gated")) != 0, format: format, skew: try skew())
  }

  private func skew() throws -> Double {
    let word = cell("distribution")
    if word.isEmpty || word == "balanced" || word == "uniform" { return 0 }
    guard word.hasPrefix("power_law_"), let alpha = Double(word.dropFirst("power_law_".count)),
      alpha > 0, alpha <= 10
    else { throw RunReader.Refusal(reason: "unknown distribution “\(word)”") }
    return alpha
  }

  private func size(_ name: String, from lowest: Double = 1) throws -> Double {
    let text = cell(name)
    guard !text.isEmpty else { throw RunReader.Refusal(reason: "\(name) is missing") }
    guard let value = Double(text), value >= lowest, value <= 1e13, value == value.rounded() else {
      throw RunReader.Refusal(reason: "\(name) is no whole number from \(Int(lowest))")
    }
    return value
  }
}
