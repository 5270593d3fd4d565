import CostModel
import Specs

/// What stands behind the last norm, by the class that `architectures` names.
enum HeadKeys {
  private static let generators = [
    "ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "ForImageTextToText", "ForMaskedLM",
    "ForPreTraining",
    "ChatModel",
  ]
  private static let classifiers = [
    "ForSequenceClassification", "ForTokenClassification", "ForRewardModel", "RewardModel",
    "ForSequenceRegression",
  ]

  /// - Parameter nested: the decoder stands inside a composite, whose own name says little.
  /// - Returns: nil where the family's own head stands.
  static func read(
    _ config: inout ConfigFields, whole root: JSONNode, nested: Bool
  ) throws(InputError) -> (output: OutputHead, bias: Bool)? {
    guard let first = root["architectures"]?.array?.first, let name = first.string else { return nil }
    if generators.contains(where: name.hasSuffix) { return nil }
    if let ending = classifiers.first(where: name.hasSuffix) {
      let count = try labels(&config)
      // Qwen's reward models score through a hidden product, both with biases.
      let deep = ending.hasSuffix("RewardModel")
      return (OutputHead(.classes(count), transform: deep, transformBias: deep), deep)
    }
    if name.hasSuffix("Model") { return nested ? nil : (OutputHead(.hidden), false) }
    throw InputError(
      .data, at: first.location(in: config.file),
      "architecture “\(name)” has a head that is not known; accepted: …"
        + (generators + classifiers).joined(separator: ", …") + ", …Model")
  }

  private static func labels(_ config: inout ConfigFields) throws(InputError) -> Int {
    if let stated = try config.int("num_labels", in: 1...1_000_000) { return stated }
    if let names = config.members.first(where: { $0.key == "id2label" })?.value.members, !names.isEmpty {
      return names.count
    }
    return config.defaulted(["num_labels"], 2)
  }
}
