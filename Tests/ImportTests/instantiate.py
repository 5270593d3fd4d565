"""Prints the rows of InstantiatedFacts.swift: every config of Configs/ built on PyTorch's meta device.

    pip install transformers torch
    python Tests/ImportTests/instantiate.py [NAME …]
    python Tests/ImportTests/instantiate.py --lines < LINES    # of CountedTests.swift, totals counted again

Independent of rooftree: shapes come from transformers' own modules, experts and cache from the config's keys.
"""
import collections
import json
import logging
import pathlib
import re
import sys
import warnings

import torch
from transformers import (
    CONFIG_MAPPING,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoModelForMultimodalLM,
    AutoModelForSeq2SeqLM,
)

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
ORDER = ["embedding", "attention", "recurrent", "feed_forward", "router", "norm", "lm_head"]
PATTERNS = [  # the first that fits, in this order
    ("lm_head", r"lm_head|embed_out"),
    ("norm", r"laurel_norm|router_norm|per_layer_input_norm|per_layer_projection_norm"),
    ("feed_forward", r"altup|laurel|per_layer_(model_projection|input_gate|projection)"),
    ("embedding", r"embed_tokens_per_layer"),
    ("norm", r"self_attn_layer_norm|ln_attn|ln_mlp|input_layernorm|norm_attn_norm\.norm|post_.*norm|pre_.*norm"),
    ("norm", r"word_embeddings_layernorm"),
    ("embedding", r"(embed_tokens|wte|wpe|word_embeddings|embeddings|embed_in|embed_positions)\.weight$"),
    ("feed_forward", r"shared_expert|shared_mlp"),
    ("router", r"router|(mlp|block_sparse_moe|feed_forward|mixer)\.gate\."),
    ("recurrent", r"linear_attn|mamba|mixer\.(A_log|D$|conv|in_proj|out_proj|dt|x_proj|norm)"),
    ("attention", r"norm_attn_norm\.attn|self_attn|self_attention|attention\.|attn\.|mixer\.[qkvo]_proj"),
    ("feed_forward", r"expert|mlp|ffn|feed_forward|fc1|fc2|mixer\.(up|down)_proj"),
    ("norm", r"norm|ln_"),
]


def component(name):
    return next(part for part, pattern in PATTERNS if re.search(pattern, name))


def count(config):
    config = dict(config)
    kind = {"kimi_k2": "deepseek_v3"}.get(config["model_type"], config["model_type"])
    del config["model_type"]
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(CONFIG_MAPPING[kind](**config))
    model.tie_weights()
    sums, routed = collections.Counter(), 0
    classes = ("LightningAttention", "DeltaAttention", "GatedDeltaNet")
    states = tuple(name + "." for name, one in model.named_modules() if type(one).__name__.endswith(classes))
    for name, tensor in model.named_parameters(remove_duplicate=True):
        part = "recurrent" if states and name.startswith(states) else component(name)
        if kind == "longcat_flash" and name.endswith("experts.gate_up_proj"):
            # Its class makes weights for the experts that do nothing; no checkpoint has them.
            tensor = tensor[: config["n_routed_experts"]]
        sums[part] += tensor.numel()
        routed += tensor.numel() if "experts." in name and "shared" not in name else 0
    for name, tensor in model.named_buffers():
        sums["router"] += tensor.numel() if "e_score_correction" in name else 0
    return sums, routed


def experts(config):
    inner = config.get("ffn_config", {})
    idle = config.get("zero_expert_num", 0)
    total = next(
        (config[k] for k in ("num_local_experts", "num_experts", "n_routed_experts") if config.get(k)), None)
    total = total or inner.get("moe_num_experts")
    chosen = config.get("num_experts_per_tok") or config.get("moe_topk") or inner.get("moe_top_k")
    return total, chosen * total // (total + idle)


def cache(config):
    """Bytes per token at bf16 over the layers that cache."""
    kind = config["model_type"]
    layers = next(config[k] for k in ("num_hidden_layers", "n_layer", "n_layers", "num_layers") if config.get(k))
    if kind == "longcat_flash":
        layers *= 2
    if kind == "minimax":
        layers = config["layer_types"].count("full_attention")
    if kind == "bailing_hybrid":
        layers //= config["layer_group_size"]
    if kind == "olmo_hybrid":
        layers //= 4
    if kind in ("mamba", "mamba2"):
        return 0
    if kind in ("gemma3n_text", "gemma4_text"):
        own = config["layer_types"][: layers - config["num_kv_shared_layers"]]
        widths = {"full_attention": config.get("global_head_dim", config["head_dim"])}
        return 4 * config["num_key_value_heads"] * sum(widths.get(one, config["head_dim"]) for one in own)
    if "kv_lora_rank" in config:
        indexed = config["index_head_dim"] if config.get("index_topk") else 0
        return 2 * layers * (config["kv_lora_rank"] + config["qk_rope_head_dim"] + indexed)
    hidden = next(config[k] for k in ("hidden_size", "n_embd", "d_model") if config.get(k))
    defaults = {"num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256} if kind == "gemma3_text" else {}
    config = {**defaults, **config}
    heads = next(config[k] for k in ("num_attention_heads", "n_head", "n_heads") if config.get(k))
    pairs = config.get("num_key_value_heads") or config.get("attn_config", {}).get("kv_n_heads") or heads
    width = config.get("head_dim") or config.get("attention_head_dim") or hidden // heads
    if kind == "falcon":
        new, single = config["new_decoder_architecture"], config["multi_query"]
        pairs = (config.get("num_kv_heads") or heads) if new else 1 if single else heads
    if kind == "gpt_bigcode":
        pairs = 1
    if kind == "jamba":
        layers = sum(i % config["attn_layer_period"] == config["attn_layer_offset"] for i in range(layers))
    if kind == "nemotron_h":
        layers = config["hybrid_override_pattern"].count("*")
    if kind == "qwen3_next":
        layers //= config["full_attention_interval"]
    if kind.startswith("qwen3_5"):
        layers = config["layer_types"].count("full_attention")
    return 4 * layers * pairs * width


def row(path):
    config = json.loads(path.read_text())
    config = config.get("text_config", config)
    sums, routed = count(config)
    active = sum(sums.values())
    if routed:
        total, chosen = experts(config)
        active -= routed * (total - chosen) // total
    values = ", ".join(f"{sums[part]:_}" for part in ORDER)
    return f'    .init("{path.stem}", [{values}], {active:_}, {cache(config):_}),'


def total(config):
    kind = config.pop("model_type")
    config = CONFIG_MAPPING[kind](**config)
    with torch.device("meta"):
        for auto in (
            AutoModelForImageTextToText, AutoModelForMultimodalLM, AutoModelForSeq2SeqLM, AutoModelForCausalLM):
            if type(config) in auto._model_mapping:
                model = auto.from_config(config)
                break
    model.tie_weights()
    router = ("e_score_correction", "expert_bias")
    buffers = (tensor.numel() for name, tensor in model.named_buffers() if any(word in name for word in router))
    idle = getattr(config, "zero_expert_num", 0)
    if idle:  # weights that LongCat's class makes for experts that do nothing
        idle *= 2 * config.expert_ffn_hidden_size * config.hidden_size * config.num_layers
    return sum(tensor.numel() for tensor in model.parameters()) + sum(buffers) - idle


if __name__ == "__main__":
    if sys.argv[1:] == ["--lines"]:
        for line in sys.stdin:
            print(total(json.loads(line.split(maxsplit=2)[2])), line.strip())
        sys.exit()
    folder = pathlib.Path(__file__).parent / "Configs"
    for path in sorted(folder.glob("*.json")):
        if len(sys.argv) == 1 or path.stem in sys.argv[1:]:
            print(row(path), flush=True)
