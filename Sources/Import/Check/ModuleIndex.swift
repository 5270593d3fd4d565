import CostModel
import Specs

/// A model's tensors by the names that files give their modules, with what a plan stores them in.
struct ModuleIndex {
  private let plan: PrecisionPlan
  private let pattern: [Int]
  private var tensors: [String: [Tensor]] = [:]

  init(_ model: ModelSpec) {
    plan = PrecisionRequest().plan(for: model).plan
    pattern = model.pattern
    var list = TensorList()
    model.tensors(into: &list)
    for tensor in list.tensors where tensor.columns != nil {
      tensors[Self.module(of: tensor), default: []].append(tensor)
    }
  }

  private static func module(of tensor: Tensor) -> String {
    [tensor.module == "model" ? "" : tensor.module, tensor.member].filter { !$0.isEmpty }.joined(
      separator: ".")
  }

  /// Bytes of each module's matrices under the plan, all layers and experts together.
  var computedBytes: [String: Double] {
    tensors.mapValues { list in
      var sum = 0.0
      for tensor in list {
        for layer in layers(tensor) {
          sum += tensor.storedElements / tensor.layers * plan.format(of: tensor, layer: layer).bytesPerElement
        }
      }
      return sum
    }
  }

  private func layers(_ tensor: Tensor) -> [Int?] {
    tensor.layerKind.map { kind in pattern.indices.filter { pattern[$0] == kind } } ?? [nil]
  }

  /// What a tensor of a file is stored in by the plan; nil where its module goes by another name.
  func format(of place: (module: String, layer: Int?)) -> NumberFormat? {
    guard let list = tensors[place.module] else { return nil }
    let kind = place.layer.flatMap { pattern.indices.contains($0) ? pattern[$0] : nil }
    guard let tensor = list.first(where: { $0.layerKind == kind }) else { return nil }
    return plan.format(of: tensor, layer: place.layer)
  }

  /// `model.layers.3.mlp.experts.17.up_proj.weight_scale` → `mlp.experts.{expert}.up_proj`, 3.
  func place(of name: String) -> (module: String, layer: Int?) {
    var parts = name.split(separator: ".").map(String.init)
    let layer = TensorComponent.layerIndex(name)
    if layer != nil, let start = parts.firstIndex(where: { Int($0) == layer }) {
      parts.removeFirst(start + 1)
    } else if let start = parts.firstIndex(where: { $0 == "embed_tokens" || $0 == "lm_head" }) {
      parts.removeFirst(start)
    }
    if let experts = parts.firstIndex(of: "experts"), experts + 1 < parts.count,
      Int(parts[experts + 1]) != nil
    {
      parts[experts + 1] = "{expert}"
    }
    var text = parts.joined(separator: ".")
    for (theirs, ours) in Self.spellings where text.contains(theirs) {
      text = text.replacing(theirs, with: ours)
    }
    // What follows the module's name says which part of its weights a tensor holds.
    while tensors[text] == nil, let dot = text.lastIndex(of: ".") { text = String(text[..<dot]) }
    return (tensors[text] == nil ? parts.joined(separator: ".") : text, layer)
  }

  private static let spellings = [
    ("block_sparse_moe.experts.{expert}.w1", "mlp.experts.{expert}.gate_proj"),
    ("block_sparse_moe.experts.{expert}.w2", "mlp.experts.{expert}.down_proj"),
    ("block_sparse_moe.experts.{expert}.w3", "mlp.experts.{expert}.up_proj"),
    ("block_sparse_moe.gate", "mlp.gate"), ("mlp.router", "mlp.gate"), ("feed_forward.", "mlp."),
    ("shared_expert.", "shared_experts."), ("mlp.switch_mlp.", "mlp.experts.{expert}."),
    ("linear_attn.in_proj_qkv.", "linear_attn.in_proj_qkvz."),
    ("linear_attn.in_proj_z.", "linear_attn.in_proj_qkvz."),
    ("linear_attn.in_proj_b.", "linear_attn.in_proj_ba."),
    ("linear_attn.in_proj_a.", "linear_attn.in_proj_ba."),
  ]
}
