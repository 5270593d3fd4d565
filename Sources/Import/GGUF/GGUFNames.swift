/// What llama.cpp calls the tensors of a layer.
enum GGUFNames {
  /// A name within `blk.N.` without its ending → rooftree's, module and member; several where one is fused.
  static let layer: [String: [String]] = [
    "attn_q": ["self_attn.q_proj"], "attn_k": ["self_attn.k_proj"], "attn_v": ["self_attn.v_proj"],
    "attn_qkv": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "linear_attn.in_proj_qkvz"],
    "attn_gate": ["linear_attn.in_proj_qkvz"], "attn_output": ["self_attn.o_proj"],
    "attn_q_a": ["self_attn.q_a_proj"], "attn_q_b": ["self_attn.q_b_proj"],
    "attn_kv_a_mqa": ["self_attn.kv_a_proj_with_mqa"], "attn_kv_b": ["self_attn.kv_b_proj"],
    "attn_k_b": ["self_attn.kv_b_proj"], "attn_v_b": ["self_attn.kv_b_proj"],
    "indexer.attn_q_b": ["self_attn.indexer.wq_b"], "indexer.attn_k": ["self_attn.indexer.wk"],
    "indexer.proj": ["self_attn.indexer.weights_proj"],
    "ffn_gate": ["mlp.gate_proj", "mlp.shared_experts.gate_proj"],
    "ffn_up": ["mlp.up_proj", "mlp.gate_proj", "mlp.shared_experts.up_proj"],
    "ffn_down": ["mlp.down_proj", "mlp.shared_experts.down_proj"],
    "inp_gate": ["per_layer_input_gate"], "proj": ["per_layer_projection"],
    "altup_router": ["altup.modality_router"], "laurel_l": ["laurel.linear_left"],
    "laurel_r": ["laurel.linear_right"],
    "ffn_gate_inp": ["mlp.gate"], "ffn_gate_inp_shexp": ["mlp.shared_expert_gate"],
    "ffn_gate_exps": ["mlp.experts.{expert}.gate_proj"], "ffn_down_exps": ["mlp.experts.{expert}.down_proj"],
    "ffn_up_exps": ["mlp.experts.{expert}.up_proj"],
    "ffn_gate_up_exps": ["mlp.experts.{expert}.gate_proj", "mlp.experts.{expert}.up_proj"],
    "ffn_gate_shexp": ["mlp.shared_experts.gate_proj"], "ffn_up_shexp": ["mlp.shared_experts.up_proj"],
    "ffn_down_shexp": ["mlp.shared_experts.down_proj"],
    "ssm_in": ["mamba.in_proj", "linear_attn.in_proj_qkvz"], "ssm_x": ["mamba.x_proj"],
    "ssm_conv1d": ["mamba.conv1d", "linear_attn.conv1d"], "ssm_dt": ["mamba.dt_proj"],
    "ssm_out": ["mamba.out_proj", "linear_attn.out_proj"], "ssm_ba": ["linear_attn.in_proj_ba"],
    "ssm_alpha": ["linear_attn.in_proj_ba"], "ssm_beta": ["linear_attn.in_proj_ba"],
    "ssm_beta_alpha": ["linear_attn.in_proj_ba"],
  ]

  /// Vectors, and what stands beside a layer's products.
  private static let others: Set<String> = [
    "attn_norm", "attn_norm_2", "ffn_norm", "post_attention_norm", "post_ffw_norm", "attn_q_norm",
    "attn_k_norm",
    "attn_q_a_norm", "attn_kv_a_norm", "attn_sinks", "indexer.k_norm", "exp_probs_b", "ssm_a", "ssm_d",
    "ssm_norm", "ssm_dt_norm", "ssm_b_norm", "ssm_c_norm", "layer_output_norm", "attn_rot_embd", "rope_freqs",
    "post_norm", "altup_router_norm", "altup_correct_coef", "altup_correct_scale", "altup_predict_coef",
    "laurel_post_norm", "layer_output_scale", "pre_ffw_norm_2", "post_ffw_norm_1", "post_ffw_norm_2",
    "ffn_act", "attn_output_norm", "attn_sub_norm", "ffn_sub_norm",
  ]

  /// Outside the layers.
  static let outer: [String: String] = [
    "token_embd": "embed_tokens", "output": "lm_head", "position_embd": "embed_positions",
    "per_layer_token_embd": "embed_tokens_per_layer", "per_layer_model_proj": "per_layer_model_projection",
    "altup_proj": "altup_projections", "altup_unembd_proj": "altup_unembed_projections",
  ]

  /// `blk.3.ffn_gate_exps.weight` → 3, `ffn_gate_exps`; experts one by one (`ffn_gate.7.weight`) as merged.
  static func split(_ name: String) -> (layer: Int, base: String)? {
    var parts = name.split(separator: ".").map(String.init)
    guard parts.count >= 3, parts[0] == "blk", let layer = Int(parts[1]), layer >= 0 else { return nil }
    if ["weight", "bias", "scale"].contains(parts[parts.count - 1]) { parts.removeLast() }
    var base = parts[2...].joined(separator: ".")
    if parts.count == 4, Int(parts[3]) != nil, ["ffn_gate", "ffn_up", "ffn_down"].contains(parts[2]) {
      base = parts[2] + "_exps"
    }
    return (layer, base)
  }

  /// The module that a tensor stands for, as checkpoints call it.
  static func module(_ name: String) -> String {
    guard let place = split(name) else {
      let base = name.split(separator: ".").first.map(String.init) ?? name
      return outer[base] ?? name
    }
    return layer[place.base]?.first ?? place.base
  }

  /// A tensor of a layer that is known.
  static func knows(_ base: String) -> Bool { layer[base] != nil || others.contains(base) }
}
