import CostModel
import Specs

/// How a checkpoint's lists name modules, and what fits.
enum ModulePattern: Sendable {
  /// A name, or a run of its parts between dots: `lm_head`, `model.layers.0.self_attn`, `mlp.gate`.
  case name(String)
  /// Anywhere in the name (AutoAWQ).
  case part(String)
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
    } else if text.contains(where: "*?[".contains) {
      // The module's children too, and names without their beginning, as in `*self_attn` or `self_attn*`.
      self = .regex(try NamePattern("(.*\\.)?\(Self.expression(of: text))(\\..*)?$", at: location))
    } else {
      // “gate” is a router; it stands in gate_proj too, which such lists do not mean.
      self = substrings && !text.hasSuffix("gate") ? .part(text) : .name(text)
    }
  }

  /// A shell pattern (`*`, `?`, `[01]`, `[!01]`) as a regular expression.
  private static func expression(of glob: String) -> String {
    var rest = Substring(glob)
    var found = ""
    while let letter = rest.popFirst() {
      switch letter {
      case "*": found += ".*"
      case "?": found += "."
      case "[":
        guard let end = rest.dropFirst().firstIndex(of: "]") else {
          found += "\\["
          continue
        }
        let negates = rest.first == "!"
        let members = rest[..<end].dropFirst(negates ? 1 : 0).replacing("\\", with: "\\\\")
        found += "[\(negates ? "^" : "")\(members)]"
        rest = rest[end...].dropFirst()
      default: found += letter.isLetter || letter.isNumber || letter == "_" ? "\(letter)" : "\\\(letter)"
      }
    }
    return found
  }

  /// How long a name takes, about.
  var steps: Int {
    switch self {
    case .linear, .name, .part: 1
    case .regex(let pattern): pattern.count
    }
  }

  /// Whether it fits a module that goes by one of `names`.
  func matches(_ names: [ModuleName]) -> Bool {
    switch self {
    case .linear: true
    case .name(let text): names.contains { $0.dotted.contains(".\(text).") }
    case .part(let text): names.contains { $0.text.contains(text) }
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
  private var prefixes: [String]
  /// What the list of layers is called.
  private let stacks: [String]
  private let local: [(String, String)]
  private let replacesOwn: Bool

  /// - Parameters:
  ///   - family: `model_type`; a few put their modules under names of their own.
  ///   - listed: all text of the lists to be matched: only spellings that occur there are tried.
  init(family: String, listed: String) {
    let plain = listed.filter { $0 != "\\" }
    prefixes =
      ["model."]
      + [
        "model.language_model.", "language_model.model.", "language_model.", "backbone.", "transformer.",
        "gpt_neox.", "model.decoder.",
      ].filter(plain.contains)
    prefixes += Self.beginnings(plain).subtracting(prefixes).sorted().prefix(4)
    stacks = ["layers"] + ["h", "blocks"].filter { plain.contains(".\($0).") }
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
        ("mlp.experts.{expert}.gate_proj", "experts.gate_up_proj"),
        ("mlp.experts.{expert}.up_proj", "experts.gate_up_proj"),
        ("mlp.experts.{expert}.down_proj", "experts.down_proj"),
        ("mlp.experts.{expert}.", "experts.{expert}."), ("mlp.shared_experts.", "mlp."),
        ("mlp.gate", "router.proj"),
      ]
      replacesOwn = !plain.contains("moe")
    case "deepseek_v4":
      local = [
        ("mlp.", "ffn."), ("self_attn.", "attn."), ("self_attn.q_a_proj", "attn.wq_a"),
        ("self_attn.q_b_proj", "attn.wq_b"), ("self_attn.kv_proj", "attn.wkv"),
        ("self_attn.o_a_proj", "attn.wo_a"), ("self_attn.o_b_proj", "attn.wo_b"),
        ("mlp.experts.{expert}.gate_proj", "ffn.experts.{expert}.w1"),
        ("mlp.experts.{expert}.up_proj", "ffn.experts.{expert}.w3"),
        ("mlp.experts.{expert}.down_proj", "ffn.experts.{expert}.w2"),
        ("mlp.shared_experts.gate_proj", "ffn.shared_experts.w1"),
        ("mlp.shared_experts.up_proj", "ffn.shared_experts.w3"),
        ("mlp.shared_experts.down_proj", "ffn.shared_experts.w2"),
      ]
      replacesOwn = plain.contains("ffn") || plain.contains("attn.")
    case "nemotron_h":
      local = ["mamba.", "self_attn.", "mlp."].map { ($0, "mixer.") }
      replacesOwn = true
    default:
      local = (Self.spellings(family) + Self.others).filter {
        plain.contains($0.1.split(separator: ".").last ?? "") || plain.contains($0.1)
      }
      replacesOwn = false
    }
  }

  /// Names that each spelling of a module has.
  var paths: Int { prefixes.count * stacks.count }

  /// What stands before `layers.` in names from the beginning, a tower's left out.
  private static func beginnings(_ listed: String) -> Set<String> {
    let towers = ["vis", "vit", "image", "audio", "speech", "encoder", "mtp"]
    return Set(
      listed.split(separator: "\n").compactMap { line in
        // Most, of thousands.
        if line.utf8.starts(with: "model.layers.".utf8) { return nil }
        guard let end = line.firstRange(of: "layers.")?.lowerBound else { return nil }
        let path = line[..<end]
        let isPlain = path.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        return isPlain && path.hasSuffix(".") && !towers.contains(where: path.contains) ? String(path) : nil
      })
  }

  /// Spellings beside the usual one: fused projections and other names of the same modules.
  private static let others = pairs([
    (queriesKeysValues, ["self_attn.qkv_proj"]), (["mlp.gate_proj", "mlp.up_proj"], ["mlp.gate_up_proj"]),
    (["mlp.shared_experts."], ["mlp.shared_expert.", "feed_forward.shared_expert."]),
    (["mlp.gate"], ["mlp.router", "feed_forward.router"]),
    (["mlp.experts.{expert}."], ["mlp.experts.", "feed_forward.experts.", "mlp.switch_mlp."]),
    (
      ["mlp.experts.{expert}.gate_proj", "mlp.experts.{expert}.up_proj"], ["mlp.experts.gate_up_proj"]
    ),
    (["mlp.experts.{expert}.gate_proj"], ["mlp.experts.{expert}.w1"]),
    (["mlp.experts.{expert}.up_proj"], ["mlp.experts.{expert}.w3"]),
    (["mlp.experts.{expert}.down_proj"], ["mlp.experts.{expert}.w2"]),
    (["mlp."], ["feed_forward.", "mlp.switch_mlp."]),
    (["linear_attn.in_proj_qkvz"], ["linear_attn.in_proj_qkv", "linear_attn.in_proj_z"]),
    (["linear_attn.in_proj_ba"], ["linear_attn.in_proj_b", "linear_attn.in_proj_a"]),
    (["embed_tokens"], ["wte", "embeddings"]),
  ])

  private static let queriesKeysValues = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]

  /// What a family alone calls them; another's towers may have the same names.
  private static func spellings(_ family: String) -> [(String, String)] {
    switch family {
    case "gpt_neox", "bloom", "falcon", "RefinedWeb", "RefinedWebModel", "bailing_moe", "bailing_moe_v2":
      pairs([
        (queriesKeysValues, ["self_attention.query_key_value", "attention.query_key_value"]),
        (["self_attn.o_proj"], ["self_attention.dense", "attention.dense"]),
        (["self_attn."], ["self_attention.", "attention."]),
        (["mlp.up_proj"], ["mlp.dense_h_to_4h"]), (["mlp.down_proj"], ["mlp.dense_4h_to_h"]),
      ])
    case "gpt2", "gpt_bigcode", "gpt_neo", "gptj", "codegen", "starcoder2", "exaone":
      pairs([
        (queriesKeysValues, ["attn.c_attn", "attn.qkv_proj"]),
        (["self_attn.o_proj"], ["attn.c_proj", "attn.out_proj", "attn.attention.out_proj"]),
        (["self_attn."], ["attn.", "attn.attention."]), (["mlp.gate_proj"], ["mlp.c_fc_0"]),
        (["mlp.up_proj"], ["mlp.c_fc", "mlp.fc_in", "mlp.c_fc_1"]),
        (["mlp.down_proj"], ["mlp.c_proj", "mlp.fc_out"]),
      ])
    case "mpt", "dbrx":
      pairs([
        (queriesKeysValues, ["attn.Wqkv", "norm_attn_norm.attn.Wqkv"]),
        (["self_attn.o_proj"], ["attn.out_proj", "norm_attn_norm.attn.out_proj"]),
        (["self_attn."], ["attn.", "norm_attn_norm.attn."]), (["mlp."], ["ffn."]),
        (["mlp.gate"], ["ffn.router.layer"]),
        (["mlp.experts.{expert}.gate_proj"], ["ffn.experts.mlp.w1"]),
        (["mlp.experts.{expert}.up_proj"], ["ffn.experts.mlp.v1"]),
        (["mlp.experts.{expert}.down_proj"], ["ffn.experts.mlp.w2"]),
      ])
    case "granitemoe", "granitemoeshared", "granitemoehybrid", "granite_swa", "granitemoe_swa":
      pairs([
        (["mlp.gate_proj", "mlp.up_proj"], ["shared_mlp.input_linear"]),
        (["mlp.shared_experts.gate_proj", "mlp.shared_experts.up_proj"], ["shared_mlp.input_linear"]),
        (["mlp.down_proj", "mlp.shared_experts.down_proj"], ["shared_mlp.output_linear"]),
        (
          ["mlp.experts.{expert}.gate_proj", "mlp.experts.{expert}.up_proj"],
          ["block_sparse_moe.input_linear"]
        ), (["mlp.experts.{expert}.down_proj"], ["block_sparse_moe.output_linear"]),
      ])
    case "lfm2", "lfm2_moe", "internlm2", "internlm3":
      pairs([
        (queriesKeysValues, ["attention.wqkv"]),
        (["self_attn.o_proj"], ["self_attn.out_proj", "attention.wo"]),
        (["mlp.gate_proj"], ["feed_forward.w1"]), (["mlp.up_proj"], ["feed_forward.w3"]),
        (["mlp.down_proj"], ["feed_forward.w2"]),
        (["mlp.experts.{expert}.gate_proj"], ["feed_forward.experts.{expert}.w1"]),
        (["mlp.experts.{expert}.up_proj"], ["feed_forward.experts.{expert}.w3"]),
        (["mlp.experts.{expert}.down_proj"], ["feed_forward.experts.{expert}.w2"]),
      ])
    case "opt", "phi", "phi-msft":
      pairs([
        (["self_attn.o_proj"], ["self_attn.out_proj", "self_attn.dense"]),
        (["mlp.up_proj"], ["mlp.fc1", "fc1"]), (["mlp.down_proj"], ["mlp.fc2", "fc2"]),
      ])
    case "baichuan": pairs([(queriesKeysValues, ["self_attn.W_pack"])])
    case "hunyuan_v1_moe": pairs([(["mlp.shared_experts."], ["mlp.shared_mlp."])])
    case "mamba", "mamba2", "falcon_mamba": pairs([(["mamba."], ["mixer."])])
    default: []
    }
  }

  private static func pairs(_ table: [(own: [String], theirs: [String])]) -> [(String, String)] {
    table.flatMap { entry in entry.own.flatMap { own in entry.theirs.map { (own, $0) } } }
  }

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
      if let layer {
        return prefixes.flatMap { prefix in
          stacks.map { ModuleName("\(prefix)\($0).\(layer).\(name)") }
        }
      }
      return tensor.storage == .lmHead
        ? [ModuleName(name)] + prefixes.dropFirst().map { ModuleName($0 + name) }
        : prefixes.map { ModuleName($0 + name) }
    }
  }
}
