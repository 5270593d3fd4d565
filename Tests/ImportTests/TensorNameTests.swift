import CostModel
import Testing

@testable import Import
import Specs

/// The model's own list of tensors, read back as a checkpoint's header.
@Suite struct TensorNameTests {
  /// Layer by layer and expert by expert, as files list them.
  struct Files: TensorSink {
    let model: ModelSpec
    var tensors: [(String, [Int])] = []

    mutating func add(_ tensor: Tensor) {
      let shape = [Int(tensor.rows)] + (tensor.columns.map { [Int($0)] } ?? [])
      let layers = model.pattern.indices.filter { model.pattern[$0] == tensor.layerKind }.map(String.init)
      let experts = (0..<Int(tensor.routed?.experts ?? 1)).map(String.init)
      for layer in tensor.layerKind == nil ? [""] : layers {
        for expert in experts {
          let name = tensor.name.replacing("{layer}", with: layer).replacing("{expert}", with: expert)
          tensors.append((name, shape))
        }
      }
    }
  }

  static let shape =
    #""vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 96"#
  static let configs = [
    #"{"model_type": "llama", \#(shape), "num_key_value_heads": 2}"#,
    #"{"model_type": "qwen3_moe", \#(shape), "num_key_value_heads": 2, "head_dim": 32, "moe_intermediate_size": 16, "num_experts": 4, "num_experts_per_tok": 2}"#,
    #"{"model_type": "deepseek_v3", \#(shape), "kv_lora_rank": 16, "q_lora_rank": 24, "qk_nope_head_dim": 16, "qk_rope_head_dim": 8, "v_head_dim": 16, "moe_intermediate_size": 16, "n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1, "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1}"#,
  ]

  @Test(arguments: configs)
  func aHeaderOfOwnTensorsAgrees(config: String) throws {
    let model = try ConfigImport.read(SourceFile(name: "config.json", text: config), name: "x").model
    var files = Files(model: model)
    model.tensors(into: &files)
    #expect(Set(files.tensors.map(\.0)).count == files.tensors.count)
    var tally = HeaderTally()
    let source = ByteSource(name: "model.safetensors", bytes: SafetensorsBuilder.file(files.tensors))
    try SafetensorsFolder.add(source, model, to: &tally)
    let check = HeaderCheck(model, tally, source: "model.safetensors")
    #expect(check.agrees, "\(check.complaint ?? "")")
    #expect(tally.totalBytes == model.weightBytes(PrecisionPlan(uniform: .bf16)))
  }

  /// Every mechanism's names are known to the header check as what they are.
  @Test(arguments: InstantiatedFact.all)
  func namesTellTheirComponent(fact: InstantiatedFact) throws {
    struct Names: TensorSink {
      let kinds: [LayerKind]
      var strays: [String] = []
      mutating func add(_ tensor: Tensor) {
        let name = tensor.name.replacing("{layer}", with: "0").replacing("{expert}", with: "0")
        let keeps = tensor.layerKind.map { kinds[$0].layer.mixer.traits.stateElements > 0 } ?? false
        let found = TensorComponent(name: name, layers: 1, tied: false)?.within(keeps)
        if found?.rawValue != tensor.component.rawValue {
          strays.append("\(name): \(found?.rawValue ?? "none")")
        }
      }
    }
    let model = try ConfigFiles.read(fact.name).model
    var names = Names(kinds: model.kinds)
    model.tensors(into: &names)
    #expect(names.strays == [])
  }
}
