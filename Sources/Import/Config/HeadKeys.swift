import CostModel
import Specs

/// What stands behind the last norm, by the class that `architectures` names.
struct HeadKeys {
  let result: OutputHead.Result
  /// Scores come through a hidden product, both with biases.
  let isDeep: Bool
  /// The last product has a bias.
  var bias: Bool { isDeep }

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
  ) throws(InputError) -> HeadKeys? {
    guard let first = root["architectures"]?.array?.first, let name = first.string else { return nil }
    if generators.contains(where: name.hasSuffix) { return nil }
    if let ending = classifiers.first(where: name.hasSuffix) {
      let count = try labels(&config)
      // Qwen's reward models score through a hidden product, both with biases.
      let deep = ending.hasSuffix("RewardModel")
      return HeadKeys(result: .classes(count), isDeep: deep || pools.contains(config.family))
    }
    if name.hasSuffix("Model") {
      return nested || name.hasSuffix("EncoderModel")
        ? nil : HeadKeys(result: .hidden, isDeep: pools.contains(config.family))
    }
    throw InputError(
      .data, at: first.location(in: config.file),
      "architecture “\(name)” has a head that is not known; accepted: …"
        + (generators + classifiers).joined(separator: ", …") + ", …Model")
  }

  /// Families that pass the first position through a product before anything is made of it.
  private static let pools = ["bert", "roberta", "xlm-roberta"]

  /// The head in place of the family's own.
  func output(behind own: OutputHead) -> OutputHead {
    OutputHead(result, transform: isDeep, transformBias: isDeep)
  }

  private static func labels(_ config: inout ConfigFields) throws(InputError) -> Int {
    if let stated = try config.int("num_labels", in: 1...1_000_000) { return stated }
    if let names = config.members.first(where: { $0.key == "id2label" })?.value.members, !names.isEmpty {
      return names.count
    }
    return config.defaulted(["num_labels"], 2)
  }
}
