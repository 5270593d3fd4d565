import CostModel

/// A model under the name of one of its releases: any organisation in front, words for precision and tuning behind
/// (`nvidia/DeepSeek-R1-NVFP4`, `…-Instruct-FP8-dynamic`).
struct ReleaseName {
  /// A name that the catalogue knows.
  var model: String
  /// What the words behind it say of the precision; nil where they are silent.
  var format: NumberFormat?

  private static let tunings: Set<String> = [
    "instruct", "it", "chat", "hf", "base", "dynamic", "kv", "mlx", "bnb", "unsloth", "gguf", "lora", "qlora",
    "sft",
    "quantized", "quant", "text", "model", "g128", "block", "thinking",
  ]
  private static let precisions: [String: NumberFormat] = [
    "nvfp4": .nvfp4, "fp4": .nvfp4, "mxfp4": .mxfp4, "fp8": .fp8, "bf16": .bf16, "fp16": .fp16,
    "awq": .int4(group: 128, zeroPoint: true), "gptq": .int4(group: 128, zeroPoint: true),
    "int4": .int4(group: 128, zeroPoint: false), "w4a16": .int4(group: 128, zeroPoint: false), "int8": .int8,
    "w8a8": .int8, "w8a16": .int8, "4bit": NumberFormat(bits: 4, group: 64, zeroBits: 16),
    "8bit": NumberFormat(bits: 8, group: 64, zeroBits: 16),
  ]

  /// - Parameter known: whether the catalogue knows a name as it stands.
  init?(_ name: String, _ known: (String) -> Bool) {
    guard name.utf8.count <= 200 else { return nil }
    // A remark in brackets is no part of a name.
    let plain = name.prefix { $0 != "(" }
    var words = Catalogue.withoutOwner(String(plain)).split { $0 == "-" || $0 == " " }.map(String.init)
    var format: NumberFormat?
    while !words.isEmpty {
      let rest = words.joined(separator: "-")
      if known(rest) {
        model = rest
        self.format = format
        return
      }
      guard let word = words.popLast()?.lowercased() else { return nil }
      if let stated = Self.precisions[word] ?? Self.blockType(word) {
        // The word farthest in front names the layout: GPTQ-Int4.
        format = stated
      } else if word.hasPrefix("node"), words.last.flatMap({ Int($0) }) != nil {
        // How many machines a run took.
        words.removeLast()
      } else if !Self.tunings.contains(word), !Self.isDate(word) {
        return nil
      }
    }
    return nil
  }

  /// `Q4_K_M`.
  private static func blockType(_ word: String) -> NumberFormat? {
    guard word.hasPrefix("q") || word.hasPrefix("iq") else { return nil }
    return NumberFormat(name: word)
  }

  /// A month or day of release (`0528`, `2507`).
  private static func isDate(_ word: String) -> Bool { word.count == 4 && word.allSatisfy(\.isNumber) }
}
