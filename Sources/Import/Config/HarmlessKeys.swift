/// Keys that nobody knows and that cannot change sizes: they name a non-linearity, a token, a name or an
/// initialiser.
enum HarmlessKeys {
  private static let functions: Set<String> = [
    "silu", "swish", "swiglu", "gelu", "gelu_new", "gelu_tanh", "gelu_fast", "gelu_pytorch_tanh",
    "quick_gelu",
    "relu", "relu2", "sigmoid", "tanh", "softmax", "softplus", "sqrtsoftplus", "elu",
    "leaky_relu", "mish", "hardswish", "hard_sigmoid",
  ]
  private static let initialisers: Set<String> = ["init", "initializer", "initialiser", "initialization"]
  private static let sizes: Set<String> = [
    "num", "n", "max", "size", "dim", "count", "vocab", "len", "length",
  ]

  /// What such a key names; nil for any other.
  static func kind(_ key: String, _ value: JSONNode) -> String? {
    let words = Set(key.lowercased().split(separator: "_").map(String.init))
    guard value.members == nil, words.isDisjoint(with: sizes) else { return nil }
    if let text = value.string, functions.contains(text.lowercased()), !words.contains("quant") {
      return "a non-linearity"
    }
    if !words.isDisjoint(with: ["token", "tokens", "tokenizer"]) { return "a token" }
    if !words.isDisjoint(with: initialisers) { return "an initialiser" }
    guard let text = value.string, text.utf8.count <= 500 else { return nil }
    return words.contains("name") || words.contains("names") ? "a name" : nil
  }
}
