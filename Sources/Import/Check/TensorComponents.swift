import CostModel

/// What a tensor's name says it belongs to, in Hugging Face's and llama.cpp's naming.
enum TensorComponent: String, CaseIterable, Sendable {
  case embedding, attention, recurrent, feedForward = "feed_forward", router, norm, head = "lm_head"
  /// Scales and zero points of quantised weights.
  case scales
  /// GPTQ's index of its group beside each input of a module.
  case indices
  /// Masks and rotary tables stored beside the weights; a tied head stored a second time.
  case buffer
  /// Layers past num_hidden_layers that predict further tokens.
  case prediction
  /// Encoders for images and sound.
  case encoder

  /// - Parameters:
  ///   - layers: of the decoder; a higher index is a prediction layer.
  ///   - tied: an lm_head is then a copy.
  init?(name: String, layers: Int, tied: Bool) {
    let lower = name.lowercased()
    func has(_ parts: String...) -> Bool { parts.contains { lower.contains($0) } }
    func ends(_ parts: String...) -> Bool { parts.contains { lower.hasSuffix($0) } }
    if has("vision", "visual", "audio_tower", "multi_modal_projector", "mm_projector", "patch_embed")
      || lower.hasPrefix("v.") || lower.hasPrefix("mm.")
    {
      self = .encoder
    } else if ends("inv_freq", ".masked_bias", "rope_freqs.weight", ".attn.bias", ".attention.bias")
      || has("rope_factors")
    {
      self = .buffer
    } else if let index = Self.layerIndex(lower), index >= layers {
      self = .prediction
    } else if has("mtp.", "nextn") {
      self = .prediction
    } else if ends(".g_idx", "_g_idx") {
      self = .indices
    } else if ends("altup.correct_output_scale") {
      self = .feedForward
    } else if ends("ffn_down_exps.scale") {
      self = .router
    } else if ends("layer_output_scale.weight", ".layer_scalar") {
      self = .buffer
    } else if ends(
      "_scale_inv", "_scale", ".scales", "_scales", ".qzeros", "_zero_point", ".absmax",
      "quant_map", "nested_absmax", ".weight_shape", "quant_state.bitsandbytes__nf4",
      "quant_state.bitsandbytes__fp4", ".biases", "_global_scale", ".weight_zero_point", ".qscales",
      "prequant_scale", "pre_quant_scale", ".scb", "weight_format", "_scale_2", "k_scale",
      "v_scale")
    {
      self = .scales
    } else if has("lm_head", "embed_out") || lower == "output.weight" || lower == "output.bias" {
      self = tied ? .buffer : .head
    } else {
      guard let part = Self.decoder(lower) else { return nil }
      self = part
    }
  }

  /// Layers that keep a state may call their parts as attention does.
  func within(_ keepsState: Bool) -> TensorComponent { self == .attention && keepsState ? .recurrent : self }

  private static func decoder(_ name: String) -> TensorComponent? {
    func has(_ parts: String...) -> Bool { parts.contains { name.contains($0) } }
    if has("altup", "laurel", "per_layer_proj", "per_layer_model_proj", "per_layer_input_gate", ".inp_gate.")
      || name.hasSuffix(".proj.weight") && name.hasPrefix("blk.") && !has("indexer")
    {
      return has("norm") ? .norm : .feedForward
    }
    if has("norm_attn_norm.attn") { return .attention }
    if has("word_embeddings_layernorm", "token_embd_norm") { return .norm }
    if has(
      "embed_tokens", "wte.", "word_embeddings.", "embed_in.", "wpe.", "embed_positions", "token_embd",
      "position_embd", "embeddings.weight", "tok_embeddings")
    {
      return .embedding
    }
    if has("shared_expert", "shared_mlp", "shexp", "_chexp") { return .feedForward }
    if has(
      "e_score_correction_bias", "exp_probs_b", "ffn_gate_inp", "router", ".mlp.gate.",
      "block_sparse_moe.gate.", "mixer.gate.", "feed_forward.gate.")
    {
      return .router
    }
    if name.hasSuffix(".mixer.d") { return .recurrent }
    if has(
      "linear_attn", "mamba", "ssm_", ".mixer.a_log", ".mixer.dt", ".mixer.conv", ".mixer.in_proj",
      ".mixer.out_proj", ".mixer.x_proj", ".mixer.norm")
    {
      return .recurrent
    }
    if has(
      "layernorm", "layer_norm", "attn_norm", "ffn_norm", "output_norm", "ln_1", "ln_2", "ln_f", "norm_1",
      "norm_2", "norm_f", "post_attention_norm", "post_ffw_norm", "ln_attn", "ln_mlp")
      && !has("q_norm", "k_norm", "self_attn.q", "self_attn.k", "q_a_", "kv_a_", "q_layernorm", "k_layernorm")
    {
      return .norm
    }
    if has("expert", "mlp", "ffn", "feed_forward", "fc1", "fc2", "moe", "up_proj", "down_proj") {
      return .feedForward
    }
    if has("attn", "attention", "q_proj", "k_proj", "v_proj", "o_proj", "sinks", "indexer") {
      return .attention
    }
    if has("norm") { return .norm }
    return nil
  }

  /// The number behind `layers.`, `blk.`, `h.` or `blocks.`.
  static func layerIndex(_ name: String) -> Int? {
    let parts = name.split(separator: ".")
    for (index, part) in parts.enumerated().dropLast()
    where ["layers", "blk", "h", "blocks", "layer"].contains(part) {
      if let number = Int(parts[index + 1]) { return number }
    }
    return nil
  }
}
