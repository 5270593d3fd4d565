import CostModel
import Specs

/// How a checkpoint's lists name modules, and what fits.
enum ModulePattern: Sendable {
  /// A name, or a run of its parts between dots: `lm_head`, `model.layers.0.self_attn`, `mlp.gate`.
  case name(String)
  /// Anywhere in the name (AutoAWQ).
  case part(String)
  /// `*` for any text, the module's children among it.
  case glob(String)
  /// From the name's start.
  case regex(NamePattern)
  /// Every linear layer (`Linear`).
  case linear

  /// An entry of an ignore list or of `targets`.
  init(_ text: String, substrings: Bool = false, at location: SourceLocation) throws(InputError) {
    if text.hasPrefix("re:") {
      self = .regex(try NamePattern(String(text.dropFirst(3)), at: location))
    } else if text == "Linear" {
      self = .linear
    } else if text.contains("*") {
      self = .glob(text)
    } else {
      // “gate” is a router; it stands in gate_proj too, which such lists do not mean.
      self = substrings && !text.hasSuffix("gate") ? .part(text) : .name(text)
    }
  }

  /// How long a name takes, about.
  var steps: Int {
    switch self {
    case .linear, .name, .part: 1
    case .glob: 8
    case .regex(let pattern): pattern.count
    }
  }

  /// Whether it fits a module that goes by one of `names`.
  func matches(_ names: [ModuleName]) -> Bool {
    switch self {
    case .linear: true
    case .name(let text): names.contains { $0.dotted.contains(".\(text).") }
    case .part(let text): names.contains { $0.text.contains(text) }
    case .glob(let text):
      names.contains {
        Wildcard.matches(text, $0.text) || Wildcard.matches(text + ".*", $0.text)
          // Without its beginning, as in `*self_attn` or `self_attn*`.
          || Wildcard.matches("*." + text, $0.text)
      }
    case .regex(let pattern): names.contains { pattern.matchesStart(of: $0.bytes) }
    }
  }
}

/// One of the names that a module goes by in checkpoints.
struct ModuleName: Hashable, Sendable {
  let text: String
  /// Between dots, so that parts are found whole.
  let dotted: String
  let bytes: [UInt8]

  init(_ text: String) {
    self.text = text
    dotted = ".\(text)."
    bytes = Array(text.utf8)
  }
}

/// What checkpoints call the modules that rooftree's tensors stand for.
struct ModuleNaming {
  private let prefixes: [String]
  private let local: [(String, String)]
  private let replacesOwn: Bool

  /// - Parameters:
  ///   - family: `model_type`; a few put their modules under names of their own.
  ///   - listed: all text of the lists to be matched: only spellings that occur there are tried.
  init(family: String, listed: String) {
    let plain = listed.filter { $0 != "\\" }
    prefixes =
      ["model."]
      + ["model.language_model.", "language_model.model.", "language_model.", "backbone.", "transformer."]
      .filter(plain.contains)
    switch family {
    case "mixtral", "phimoe", "minimax_m2", "minimax_m3", "minimax_m3_vl_text", "kimi_linear":
      local = [
        ("mlp.shared_experts.", "block_sparse_moe.shared_experts."),
        ("self_attn.indexer.q_proj", "self_attn.index_q_proj"),
        ("self_attn.indexer.k_proj", "self_attn.index_k_proj"),
        ("mlp.experts.{expert}.gate_proj", "block_sparse_moe.experts.{expert}.w1"),
        ("mlp.experts.{expert}.up_proj", "block_sparse_moe.experts.{expert}.w3"),
        ("mlp.experts.{expert}.down_proj", "block_sparse_moe.experts.{expert}.w2"),
        ("mlp.gate", "block_sparse_moe.gate"),
      ]
      replacesOwn = true
    case "gemma4_text":
      local = [
        ("mlp.experts.{expert}.", "experts.{expert}."), ("mlp.shared_experts.", "mlp."),
        ("mlp.gate", "router.proj"),
      ]
      replacesOwn = !plain.contains("moe")
    case "deepseek_v4":
      local = [("mlp.", "ffn."), ("self_attn.", "attn.")]
      replacesOwn = plain.contains("ffn") || plain.contains("attn.")
    case "nemotron_h":
      local = ["mamba.", "self_attn.", "mlp."].map { ($0, "mixer.") }
      replacesOwn = true
    default:
      local = Self.others.filter {
        plain.contains($0.1.split(separator: ".").last ?? "") || plain.contains($0.1)
      }
      replacesOwn = false
    }
  }

  /// Spellings beside the usual one: fused projections and other names of the same modules.
  private static let others: [(String, String)] = [
    ("self_attn.q_proj", "self_attn.qkv_proj"), ("self_attn.k_proj", "self_attn.qkv_proj"),
    ("self_attn.v_proj", "self_attn.qkv_proj"), ("mlp.gate_proj", "mlp.gate_up_proj"),
    ("mlp.up_proj", "mlp.gate_up_proj"), ("mlp.shared_experts.", "mlp.shared_expert."),
    ("mlp.shared_experts.", "feed_forward.shared_expert."), ("mlp.gate", "mlp.router"),
    ("mlp.gate", "feed_forward.router"), ("mlp.experts.{expert}.", "mlp.experts."),
    ("mlp.experts.{expert}.", "feed_forward.experts."),
    ("mlp.experts.{expert}.gate_proj", "mlp.experts.gate_up_proj"),
    ("mlp.experts.{expert}.up_proj", "mlp.experts.gate_up_proj"),
    ("mlp.experts.{expert}.gate_proj", "mlp.experts.{expert}.w1"),
    ("mlp.experts.{expert}.up_proj", "mlp.experts.{expert}.w3"),
    ("mlp.experts.{expert}.down_proj", "mlp.experts.{expert}.w2"), ("mlp.", "feed_forward."),
    ("mlp.", "mlp.switch_mlp."), ("mlp.experts.{expert}.", "mlp.switch_mlp."),
    ("linear_attn.in_proj_qkvz", "linear_attn.in_proj_qkv"),
    ("linear_attn.in_proj_qkvz", "linear_attn.in_proj_z"),
    ("linear_attn.in_proj_ba", "linear_attn.in_proj_b"), ("linear_attn.in_proj_ba", "linear_attn.in_proj_a"),
    ("mlp.up_proj", "mlp.fc1"), ("mlp.down_proj", "mlp.fc2"), ("self_attn.o_proj", "self_attn.out_proj"),
    ("self_attn.o_proj", "self_attn.dense"), ("embed_tokens", "wte"), ("embed_tokens", "embeddings"),
  ]

  /// All names of a tensor's module in one layer.
  func names(_ tensor: Tensor, layer: Int?) -> [ModuleName] {
    let own = [tensor.module == "model" ? "" : tensor.module, tensor.member].filter { !$0.isEmpty }
      .joined(separator: ".")
    let renamed = local.compactMap { from, to in
      own == from || own.hasPrefix(from.hasSuffix(".") ? from : from + ".")
        ? to + own.dropFirst(from.count) : nil
    }
    let all = replacesOwn && !renamed.isEmpty ? renamed : [own] + renamed
    return all.flatMap { name -> [ModuleName] in
      let name = name.split(separator: "{").map { $0.hasPrefix("expert}") ? "0" + $0.dropFirst(7) : $0 }
        .joined()
      if let layer { return prefixes.map { ModuleName("\($0)layers.\(layer).\(name)") } }
      return tensor.storage == .lmHead
        ? [ModuleName(name)] + prefixes.dropFirst().map { ModuleName($0 + name) }
        : prefixes.map { ModuleName($0 + name) }
    }
  }
}
