import CostModel
import Specs

/// Where a config's decoder stands, and which family reads it.
struct TextPart {
  let node: JSONNode
  /// Dotted path from the top; empty where the decoder's keys stand there.
  let path: String
  /// A family's `model_type`, or the file's own where no family is known by it.
  let modelType: String
  let place: SourceLocation
  /// What the whole file calls itself.
  let wholeType: String?

  private static let nests = [
    "text_config", "llm_config", "language_config", "language_model_config", "thinker_config",
    "text_model_config",
  ]

  /// Composite classes whose text part says no type, or stands flat at the top.
  private static let composites = [
    "gemma3": "gemma3_text", "gemma3n": "gemma3n_text", "gemma4": "gemma4_text", "llama4": "llama4_text",
    "mistral3": "mistral",
    "llava": "llama", "llava_next": "llama", "llava_llama": "llama", "llava_mistral": "mistral",
    "llava_qwen2": "qwen2", "llava_qwen": "qwen2", "vipllava": "llama", "video_llava": "llama",
    "paligemma": "gemma", "minimax_m3_vl": "minimax_m3", "kimi_vl": "deepseek_v3", "kimi_k25": "kimi_k2",
    "deepseek_vl_v2": "deepseek_v2", "deepseek_ocr": "deepseek_v2", "deepseekocr": "deepseek_v2",
    "DeepseekOCR": "deepseek_v2", "deepseekocr2": "deepseek_v2", "DeepseekOCR2": "deepseek_v2",
    "deepseek_ocr2": "deepseek_ocr2_text", "internvl_chat": "internlm2", "phi3_v": "phi3", "phi4mm": "phi3",
    "phi4_multimodal": "phi3", "minicpmv": "qwen2", "mllama": "mllama_text_model", "qwen2_audio": "qwen2",
    "step3p7": "step3p5", "deepseek_ref": "deepseek_v4", "idefics3": "llama", "smolvlm": "llama",
    "fuyu": "persimmon", "aria": "aria_text", "voxtral": "llama", "ultravox": "llama",
    "qwen2_5_omni_thinker": "qwen2_5_omni_text", "qwen3_omni_moe_thinker": "qwen3_omni_moe_text",
    "llava_next_video": "llama", "llava_onevision": "qwen2", "internvl": "qwen2", "glm46v": "glm4v_text",
    "aya_vision": "cohere2", "cohere2_vision": "cohere2", "idefics2": "mistral", "ovis2": "qwen2",
    "lfm2_vl": "lfm2", "exaone4_5": "exaone4", "got_ocr2": "qwen2", "lighton_ocr": "qwen3",
    "video_llama_3": "qwen2", "deepseek_vl": "llama", "janus": "llama", "perception_lm": "llama",
    "granite_speech": "granite", "blip-2": "opt", "instructblip": "opt", "mistral4": "mistral4",
  ]

  static func find(_ outer: inout ConfigFields, file: String) throws(InputError) -> TextPart {
    let typeNode = try outer.node(["model_type"])
    var node = JSONNode(
      value: .object(outer.members), line: outer.location.line, column: outer.location.column)
    var path = ""
    var around: String?
    while let nest = nests.first(where: { node[$0]?.members != nil }), let inner = node[nest],
      path.count < 100
    {
      around = node["model_type"]?.string ?? around
      (node, path) = (inner, path.isEmpty ? nest : "\(path).\(nest)")
    }
    let place = node.location(in: file)
    let own = node["model_type"]
    if let own, !own.isNull, own.string == nil { throw outer.wrong(own, "model_type", accepted: "text") }
    let stated = own?.string
    // A class's name says its family where the type does not.
    let classed = (node["architectures"] ?? nil)?.array?.first?.string.flatMap(family)
    let candidates = [stated, stated.map { $0 + "_text" }, stated.flatMap { composites[$0] }, classed]
    let whole = [around.flatMap { composites[$0] }, around.map { $0 + "_text" }]
    let known = (candidates + (stated == nil ? whole : [])).compactMap { $0 }.first {
      ConfigFamily.named($0) != nil
    }
    guard let found = known ?? stated else {
      guard path.isEmpty else {
        throw InputError(.data, at: place, "“\(path).model_type” is missing; it says which family this is")
      }
      throw outer.missing("model_type", accepted: "it says which family this is")
    }
    return TextPart(
      node: node, path: path, modelType: found, place: own?.location(in: file) ?? place,
      wholeType: typeNode?.string)
  }

  /// `Qwen3MoeForCausalLM` → `qwen3_moe`.
  private static func family(_ architecture: String) -> String? {
    let endings = ["ForCausalLM", "ForConditionalGeneration", "LMHeadModel", "Model"]
    guard let ending = endings.first(where: architecture.hasSuffix) else { return nil }
    let name = architecture.dropLast(ending.count).lowercased()
    return ConfigFamily.modelTypes.first { $0.filter { $0 != "_" && $0 != "-" } == name }
  }
}
