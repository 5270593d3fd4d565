import CostModel

/// The `head` block: what stands behind the last norm where it is not `lm_head` alone.
extension OutputHead {
  static func read(_ top: inout YAMLFields) throws(InputError) -> OutputHead {
    guard var block = try top.fields("head", .head) else { return OutputHead() }
    var head = OutputHead()
    switch try block.word("type", ["vocabulary", "hidden", "classes"]) ?? "vocabulary" {
    case "hidden": head.result = .hidden
    case "classes": head.result = .classes(try block.requiredInt("num_labels", in: 1...1_000_000))
    default: break
    }
    head.transform = try block.bool("transform") ?? false
    head.transformBias = try block.bool("bias") ?? false
    head.norm = try NormReader.read(&block, "norm")
    try block.finish()
    return head
  }

  func write(into out: inout YAMLText) {
    switch result {
    case .vocabulary: out.raw("type", "vocabulary")
    case .hidden: out.raw("type", "hidden")
    case .classes(let count):
      out.raw("type", "classes")
      out.put("num_labels", count)
    }
    if transform { out.put("transform", true) }
    if transformBias { out.put("bias", true) }
    if let norm { out.raw("norm", NormReader.name(of: norm)) }
  }
}

extension Block {
  static let head = Block(
    "head", "What stands behind the last norm, where it is not `lm_head` alone.",
    [
      Key("type", "Logits, the hidden states themselves, or scores of classes.", else: "vocabulary"),
      Key("num_labels", "Classes; `classes` needs it.", else: "no classes"),
      Key("transform", "A hidden × hidden product before (BERT).", else: "false"),
      Key("bias", "That product has a bias.", else: "false"),
      Key("norm", "A norm behind that product.", else: "none"),
    ])
}
