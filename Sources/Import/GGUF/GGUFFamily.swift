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

  static func named(_ architecture: String) -> GGUFFamily? { table[architecture] }
  static var names: [String] { table.keys.sorted() }

  private static let table: [String: GGUFFamily] = [
    "llama": GGUFFamily(), "mistral3": GGUFFamily(), "qwen2": GGUFFamily(), "qwen2moe": GGUFFamily(),
    "qwen3": GGUFFamily(), "qwen3moe": GGUFFamily(), "olmo2": GGUFFamily(), "olmoe": GGUFFamily(),
    "glm4": GGUFFamily(), "glm4moe": GGUFFamily(), "granite": GGUFFamily(), "minimax-m2": GGUFFamily(),
    "phi3": GGUFFamily(), "deepseek2": GGUFFamily(),
    "gemma": GGUFFamily(activation: .geluTanh),
    "gemma2": GGUFFamily(activation: .geluTanh, windowPattern: 2, scoresCapped: true),
    "gemma3": GGUFFamily(activation: .geluTanh, windowPattern: 6, theta: 1_000_000, localTheta: 10_000),
    "gpt2": GGUFFamily(norm: .layer, activation: .geluTanh, rotary: false),
    "bloom": GGUFFamily(norm: .layer, activation: .geluTanh, rotary: false, alibi: true),
    "mpt": GGUFFamily(norm: .layer, activation: .gelu, rotary: false, alibi: true),
    "dbrx": GGUFFamily(norm: .layer), "phimoe": GGUFFamily(norm: .layer),
    "gptneox": GGUFFamily(norm: .layer, activation: .gelu),
    "phi2": GGUFFamily(norm: .layer, activation: .geluTanh, parallel: true),
    "starcoder": GGUFFamily(norm: .layer, activation: .geluTanh, rotary: false),
    "starcoder2": GGUFFamily(norm: .layer, activation: .geluTanh),
    "falcon": GGUFFamily(norm: .layer, activation: .gelu, parallel: true),
    "command-r": GGUFFamily(norm: .layer, parallel: true),
    "stablelm": GGUFFamily(norm: .layer),
    "gpt-oss": GGUFFamily(windowPattern: 2, theta: 150_000),
  ]
}
