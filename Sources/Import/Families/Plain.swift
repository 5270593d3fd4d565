import CostModel
import Specs

/// Families that differ from Llama by what a few words say: one line each in `ConfigFamily.all`.
struct PlainFamily: Sendable {
  var names = DecoderParts.Names()
  var queryKeyNorm = QueryKeyNorm.none
  var placement = NormPlacement.pre
  /// Whether q, k and v have biases where the file is silent, and which keys say so.
  var bias = false
  var biasKeys = ["attention_bias"]
  /// The output projection has a bias where the others have.
  var outputBias = true
  var denseBias = false
  var theta = 10_000.0
  var partial = 1.0
  /// Keys of scales and of training that change no size.
  var ignored: [String] = []
  /// What the few words do not reach.
  var adjust: @Sendable (inout DecoderParts) -> Void = { _ in }

  init(_ describe: (inout PlainFamily) -> Void) {
    names.keyValueHeads = .asHeads
    describe(&self)
  }

  var read: ConfigFamily.Reader {
    { (config: inout ConfigFields) throws(InputError) -> ModelSpec in
      var parts = try self.parts(&config)
      self.adjust(&parts)
      return parts.model()
    }
  }

  func parts(_ config: inout ConfigFields) throws(InputError) -> DecoderParts {
    var parts = try DecoderParts(&config, names)
    let flag =
      try config.value(biasKeys, accepted: "true or false", \.bool) ?? config.defaulted(biasKeys, bias)
    parts.bias(queryKeyValue: flag, output: flag && outputBias)
    parts.dense.bias = try config.bool("mlp_bias", or: denseBias)
    parts.attention.queryKeyNorm = queryKeyNorm
    parts.placement = placement
    try parts.rotary(&config, theta: theta, partial: partial)
    config.ignore(ignored)
    try config.only("use_sliding_window", false, because: "no released model of this family slides")
    config.ignore("sliding_window", "max_window_layers")
    return parts
  }
}

extension PlainFamily {
  /// Aria (Rhymes AI, arXiv:2410.05993): Llama's attention, in every layer experts beside shared ones.
  static func aria(_ config: inout ConfigFields) throws(InputError) -> ModelSpec {
    let parts = try llama.parts(&config)
    var mixture = try MixtureKeys.read(
      &config, experts: ["moe_num_experts"], topK: ["moe_topk"], inner: [], template: parts.dense)
    mixture.expert.bias = false
    let shared = try config.int("moe_num_shared_experts", or: 2, in: 0...1_000)
    if shared > 0 {
      mixture.shared = parts.dense
      mixture.shared?.intermediate *= shared
    }
    return parts.model(.mixture(mixture))
  }
  private static let llama = PlainFamily { _ in }
  /// Apertus (Swiss AI, 2025): norms on each head's q and k, one wide layer with xIELU.
  static let apertus = PlainFamily {
    $0.names.gated = false
    $0.names.defaultActivation = .xielu
    $0.queryKeyNorm = .perHead
    $0.theta = 12_000_000
    $0.ignored = ["qk_norm", "post_norm"]
  }
  /// BitNet b1.58 (arXiv:2402.17764): norms before the last product of attention and feed-forward.
  static let bitNet = PlainFamily {
    $0.names.defaultActivation = .reluSquared
    $0.ignored = ["weight_bits", "input_bits"]
    $0.adjust = {
      $0.attention.outputNorm = true
      $0.dense.innerNorm = true
    }
  }
  /// Jais 2 (MBZUAI, 2025): LayerNorm, biases everywhere, one wide layer.
  static let jais = PlainFamily {
    $0.names.gated = false
    $0.names.defaultActivation = .reluSquared
    ($0.bias, $0.denseBias) = (true, true)
    $0.adjust = { $0.layerNorm() }
  }
  /// nanochat (Karpathy, 2025): no norm has weights, one stands behind the embedding.
  static let nanochat = PlainFamily {
    $0.names.gated = false
    $0.names.defaultActivation = .reluSquared
    $0.ignored = ["final_logit_softcapping"]
    $0.adjust = {
      $0.norm = NormSpec(kind: .rms, weight: false)
      $0.finalNorm = $0.norm
      $0.embeddingNorm = $0.norm
      $0.logitSoftcap = true
    }
  }
  /// MiMo 7B (Xiaomi, 2025): Qwen 2's decoder.
  static let mimo = PlainFamily {
    $0.bias = true
    $0.outputBias = false
    $0.ignored = ["use_mrope"]
  }
  /// Hunyuan's dense models (Tencent, 2025).
  static let hunyuan = PlainFamily {
    $0.queryKeyNorm = .perHead
    $0.ignored = [
      "use_qk_norm", "attention_head_dim", "use_cla", "cla_share_factor", "norm_type", "num_experts",
      "moe_topk",
      "num_shared_expert", "use_mixed_mlp_moe", "eod_token_id", "sep_token_id", "add_classification_head",
      "class_num", "pool_type", "dense_list", "enable_lm_head_fp32", "org_vocab_size", "rotary_pos_emb",
      "im_end_id",
      "im_newline_id", "im_start_id", "image_token_id", "text_end_id", "text_start_id", "pad_id",
      "mask_init_id",
      "position_embedding_xdrope", "anyres_pooling_size", "anyres_vit_max_image_size", "anyres_vit_two_views",
      "cat_extra_token", "mlp_hidden_act", "routed_scaling_factor", "norm_topk_prob", "moe_drop_tokens",
      "moe_layer_num_skipped", "moe_random_routing_dropped_token", "head_dim_", "capacity_factor",
    ]
  }
  /// InternLM 2 and 3 (Shanghai AI Lab).
  static let internLM = PlainFamily {
    $0.biasKeys = ["bias", "qkv_bias"]
    $0.ignored = ["rope_dynamic"]
  }
  /// EXAONE 3 and 3.5 (LG AI Research).
  static let exaone = PlainFamily {
    $0.names.layers = ["num_layers", "num_hidden_layers"]
    $0.names.activation = ["activation_function"]
    $0.ignored = ["embed_dropout", "resid_dropout"]
  }
  /// MiniCPM (OpenBMB, arXiv:2404.06395): scales on embedding, residuals and logits.
  static let miniCPM = PlainFamily {
    $0.names.tied = true
    $0.ignored = [
      "scale_emb", "scale_depth", "dim_model_base", "scale_width", "mup_denominator", "scale_embed",
      "sparse_config",
    ]
  }
  /// Baichuan 2 7B: all heads have keys of their own.
  static let baichuan = PlainFamily {
    $0.names.keyValueHeads = .unknown
    $0.names.positions = ["max_position_embeddings", "model_max_length"]
    $0.ignored = ["z_loss_weight", "gradient_checkpointing"]
    $0.adjust = { parts in
      // 13B, which has ALiBi in place of rotation, is told by its size alone.
      if parts.layers == 40 { parts.attention.position = .alibi }
    }
  }
}
