import CostModel

/// What a GGUF architecture's name implies beyond its metadata and tensors.
struct GGUFFamily: Sendable {
  var norm: NormSpec.Kind = .rms
  var activation: Activation = .silu
  var parallel = false
  /// Every how many layers one sees all, where `attention.sliding_window` does not hold for all.
  var windowPattern: Int?
  var rotary = true
  var alibi = false
  var scoresCapped = false
  var theta = 10_000.0
  /// Rotary base of the local layers, where theirs differs (Gemma 3).
  var localTheta: Double?
  /// Share of a head that layers which see all rotate, where the file says it by factors alone (Gemma 4).
  var farPartial: Double?
  /// Every how many layers one has no positions; the others of `windowPattern`, where that is set.
  var plainPattern: Int?
  /// Local layers see their chunk of so many tokens (Llama 4).
  var chunk: Int?
  /// Tensors that make the family what it is: a file without them is incomplete.
  var needs: [String] = []
  /// Tensors that no spec can express: read by name, so that a refusal can say which.
  var inexpressible: [String] = []

  static func named(_ architecture: String) -> GGUFFamily? {
    table[architecture] ?? (plain.contains(architecture) ? GGUFFamily() : nil)
  }
  static var names: [String] { plain.union(table.keys).sorted() }

  /// Llama's skeleton, told apart by their tensors alone.
  private static let plain: Set<String> = [
    "llama", "mistral3", "mistral4", "qwen", "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "qwen3vl",
    "qwen3vlmoe", "olmo2", "olmoe", "glm4", "glm4moe", "granite", "granitemoe", "minimax-m2", "phi3",
    "deepseek", "deepseek2", "deepseek2-ocr", "glm-dsa", "seed_oss", "ernie4_5", "ernie4_5-moe", "deci",
    "baichuan", "internlm2", "xverse", "orion", "arcee", "exaone", "dots1", "bailingmoe", "bailingmoe2",
    "hunyuan-moe", "hunyuan-dense", "minicpm", "minicpm3", "plm", "llama-embed", "maincoder", "mimo2",
    "paddleocr", "chatglm", "refact", "codeshell", "smallthinker", "apertus", "openelm", "pangu-embedded",
  ]

  private static let table: [String: GGUFFamily] = [
    "gemma": GGUFFamily(activation: .geluTanh),
    "gemma2": GGUFFamily(activation: .geluTanh, windowPattern: 2, scoresCapped: true),
    "gemma3": GGUFFamily(activation: .geluTanh, windowPattern: 6, theta: 1_000_000, localTheta: 10_000),
    "gemma3n": GGUFFamily(
      activation: .geluTanh, windowPattern: 5, theta: 1_000_000, localTheta: 10_000,
      needs: ["altup_proj", "per_layer_token_embd", "laurel_l"]),
    "gemma4": GGUFFamily(
      activation: .geluTanh, windowPattern: 6, theta: 1_000_000, localTheta: 10_000, farPartial: 0.25,
      needs: ["post_ffw_norm"]),
    "lfm2": GGUFFamily(needs: ["shortconv.conv", "shortconv.in_proj"], inexpressible: ["shortconv."]),
    "lfm2moe": GGUFFamily(
      needs: ["shortconv.conv", "shortconv.in_proj", "ffn_down_exps"], inexpressible: ["shortconv."]),
    "falcon-h1": GGUFFamily(needs: ["ssm_in"]),
    "gpt2": GGUFFamily(norm: .layer, activation: .geluTanh, rotary: false),
    "gptj": GGUFFamily(norm: .layer, activation: .geluTanh, parallel: true),
    "bloom": GGUFFamily(norm: .layer, activation: .geluTanh, rotary: false, alibi: true),
    "mpt": GGUFFamily(norm: .layer, activation: .gelu, rotary: false, alibi: true),
    "dbrx": GGUFFamily(norm: .layer), "phimoe": GGUFFamily(norm: .layer), "olmo": GGUFFamily(norm: .layer),
    "gptneox": GGUFFamily(norm: .layer, activation: .gelu),
    "phi2": GGUFFamily(norm: .layer, activation: .geluTanh, parallel: true),
    "starcoder": GGUFFamily(norm: .layer, activation: .geluTanh, rotary: false),
    "starcoder2": GGUFFamily(norm: .layer, activation: .geluTanh),
    "nemotron": GGUFFamily(norm: .layer, activation: .reluSquared),
    "falcon": GGUFFamily(norm: .layer, activation: .gelu, parallel: true),
    "command-r": GGUFFamily(norm: .layer, parallel: true),
    "cohere2": GGUFFamily(norm: .layer, parallel: true, windowPattern: 4, plainPattern: 4),
    "stablelm": GGUFFamily(norm: .layer),
    "grok": GGUFFamily(activation: .gelu, scoresCapped: true),
    "gpt-oss": GGUFFamily(windowPattern: 2, theta: 150_000),
    "smollm3": GGUFFamily(theta: 2_000_000, plainPattern: 4),
    "exaone4": GGUFFamily(windowPattern: 4, theta: 1_000_000),
    "olmo3": GGUFFamily(windowPattern: 4, theta: 500_000),
    "llama4": GGUFFamily(
      theta: 500_000, plainPattern: 4, chunk: 8192,
      needs: ["ffn_gate_inp", "ffn_down_exps", "ffn_down_shexp"]),
    "qwen3next": GGUFFamily(theta: 10_000_000, needs: ["ssm_conv1d", "ssm_a", "ssm_out"]),
    "qwen35": GGUFFamily(theta: 10_000_000, needs: ["ssm_conv1d", "ssm_alpha", "ssm_beta", "ssm_out"]),
    "qwen35moe": GGUFFamily(
      theta: 10_000_000, needs: ["ssm_conv1d", "ssm_alpha", "ssm_beta", "ssm_out", "ffn_down_exps"]),
    "jamba": GGUFFamily(rotary: false, needs: ["ssm_in", "ssm_x", "ssm_out"]),
    "mamba": GGUFFamily(rotary: false, needs: ["ssm_in", "ssm_x", "ssm_out"]),
    "mamba2": GGUFFamily(rotary: false, needs: ["ssm_in", "ssm_norm", "ssm_out"]),
    "granitehybrid": GGUFFamily(rotary: false, needs: ["ssm_in", "ssm_norm", "ssm_out"]),
    "nemotron_h": GGUFFamily(
      activation: .reluSquared, rotary: false, needs: ["ssm_in", "ssm_norm", "ssm_out"]),
    "nemotron_h_moe": GGUFFamily(
      activation: .reluSquared, rotary: false, needs: ["ssm_in", "ssm_norm", "ssm_out", "ffn_down_exps"]),
  ]
}
