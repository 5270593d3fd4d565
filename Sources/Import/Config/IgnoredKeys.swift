/// Keys of `config.json` that change neither sizes nor structure: token ids, training, numerics, bookkeeping.
enum IgnoredKeys {
  static func contains(_ key: String) -> Bool {
    exact.contains(key) || prefixes.contains { key.hasPrefix($0) } || suffixes.contains { key.hasSuffix($0) }
  }

  private static let prefixes = ["task_specific_", "unsloth", "summary_", "gradient_checkpointing"]
  /// `bos_token_id`, `attention_dropout`, `resid_pdrop`, `rms_norm_eps` and their like.
  private static let suffixes = [
    "_token_id", "_token_ids", "_token_index", "dropout", "_pdrop", "_eps", "_epsilon", "dropout_prob",
    "_loss_coef", "_jitter_noise", "_jitter_eps", "_init_std", "_kernels",
  ]
  private static let exact: Set<String> = [
    "architectures", "model_type", "torch_dtype", "dtype", "transformers_version", "auto_map", "use_cache",
    "initializer_range", "init_std", "init_method_std", "initializer_factor", "init_device", "init_config",
    "pretraining_tp", "tokenizer_class", "tokenizer_name", "pad_vocab_size_multiple", "return_dict",
    "output_hidden_states", "output_attentions",
    "output_router_logits", "output_scores", "return_dict_in_generate", "tie_encoder_decoder", "bos_token",
    "eos_token", "pad_token", "torchscript", "use_bfloat16",
    "pruned_heads", "tf_legacy_loss", "is_decoder", "chunk_size_feed_forward",
    "id2label", "label2id", "problem_type", "finetuning_task", "min_length", "max_length", "do_sample",
    "early_stopping", "num_beams", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty",
    "length_penalty", "no_repeat_ngram_size", "num_return_sequences", "prefix", "bad_words_ids",
    "remove_invalid_values", "begin_suppress_tokens", "suppress_tokens", "diversity_penalty",
    "num_beam_groups", "exponential_decay_length_penalty", "encoder_no_repeat_ngram_size",
    "forced_bos_token_id", "forced_eos_token_id", "decoder_start_token_id", "sep_token_id",
    "cross_attention_hidden_size", "classifier_dropout", "attn_implementation", "attention_softmax_in_fp32",
    "scale_attention_softmax_in_fp32", "scale_attn_weights", "scale_attn_by_inverse_layer_idx",
    "reorder_and_upcast_attn", "logit_scale", "logits_scaling", "embedding_multiplier", "residual_multiplier",
    "attention_multiplier", "query_pre_attn_scalar", "routed_scaling_factor", "norm_topk_prob",
    "scoring_func", "seq_aux", "aux_loss_alpha", "router_aux_loss_factor", "moe_loss_weight",
    "moe_normalize_expert_weights", "topk_method", "ep_size", "cache_implementation", "use_flash_attn",
    "use_fast_norm", "slow_but_exact", "masked_softmax_fusion", "bias_dropout_fusion", "offset_alibi",
    "attention_probs_dropout_prob", "skip_bias_add", "skip_bias_add_qkv", "unk_token_id", "name_or_path",
    "max_batch_size", "validate_runner_input", "inference_runner", "pre_allocate_kv_cache", "save_keys",
    "layerdrop", "activation_dropout", "verbose", "warnings", "use_mambapy", "use_associative_scan",
    "rescale_prenorm_residual", "residual_in_fp32", "time_step_min", "time_step_max", "time_step_floor",
    "time_step_scale", "time_step_init_scheme", "time_step_limit", "num_logits_to_keep",
    "calc_logits_for_entire_prompt", "attn_temperature_tuning", "floor_scale", "attn_scale",
    "for_llm_compressor",
    "swiglu_limit", "swiglu_alpha", "initial_context_length", "rope_interleave",
    "mamba_ssm_cache_dtype", "moe_shared_expert_overlap", "time_step_rank_scale", "mlp_dropout",
    "use_return_dict", "_name_or_path", "_attn_implementation", "_commit_hash", "_flash_attn_2_enabled",
    "_attn_implementation_autoset", "_from_model_config", "_experts_implementation", "bos_id", "eos_id",
    "moe_router_dtype", "router_dtype",
    "language", "license", "model_max_length",
    "max_new_tokens", "generation_config", "pad_id",
  ]
}
