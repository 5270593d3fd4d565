import CostModel
import Foundation
import Import
import Specs

/// A reader under test: seeds, words, and what has to hold for whatever it reads.
struct FuzzTarget {
  var name: String
  var seeds: [[UInt8]]
  var dictionary: [[UInt8]]
  var binary = false
  /// - Returns: true when the input was read.
  /// - Throws: `Broken` when something read but not rightly; `InputError` never leaves.
  var run: ([UInt8]) throws -> Bool

  struct Broken: Error { var what: String }

  static func all(root: String) throws -> [FuzzTarget] {
    [
      models, hardware, try configs(root), quantization, beside, try gguf(root), try safetensors(root),
      try tensors(root), index,
      names,
    ] + RunTargets.all + DeploymentTargets.all + (try reports(root: root))
  }

  static func words(_ list: String) -> [[UInt8]] {
    list.split(separator: " ").map { Array($0.utf8) } + [Array("\n".utf8), Array("  ".utf8)]
  }

  /// What reads as a model survives writing and reading, and its figures are numbers.
  private static func check(_ model: ModelSpec) throws {
    guard model.parameters.total.isFinite, model.parameters.total >= 0, model.layerCount > 0 else {
      throw Broken(what: "parameters \(model.parameters.total)")
    }
    let yaml = ModelWriter.yaml(model)
    let back: ModelSpec
    do {
      back = try ModelReader.read(SourceFile(name: "again.yaml", text: yaml))
    } catch {
      throw Broken(what: "what was written is refused: \(error)\n\(yaml)")
    }
    guard back == model else { throw Broken(what: "round trip differs:\n\(yaml)") }
  }

  static func guarded(_ body: () throws -> Void) throws -> Bool {
    do {
      try body()
      return true
    } catch let error as InputError {
      // A message is made for every refusal, and says where.
      if error.description.isEmpty { throw Broken(what: "a refusal without a word") }
      return false
    }
  }

  private static var models: FuzzTarget {
    FuzzTarget(
      name: "model-yaml",
      seeds: Catalogue.modelNames.compactMap { name in
        // Every third with rules of its own.
        Catalogue.modelText(name).map { Array(($0 + (name.utf8.count % 3 == 0 ? rules : "")).utf8) }
      },
      dictionary: words(
        "attention: feed_forward: layer_kinds: layer_pattern: type: latent softmax moe none null true & * [ ] { } - : # \" ' | > ! % @ 1e9 learned rotary rope_scaling: local*5"
      ),
      run: { bytes in
        try guarded {
          let text = String(decoding: bytes, as: UTF8.self)
          let model = try ModelReader.read(SourceFile(name: "fuzz.yaml", text: text))
          guard model.parameters.total.isFinite else { throw Broken(what: "parameters") }
          if !model.precision.isEmpty { try check(model) }
        }
      })
  }

  private static let rules = """
    kv_cache_dtype: fp8
    activation_scales: static
    precision:
      - tensors: "self_attn.*"
        layers: "0-1, 3"
        dtype: bf16
      - component: feed_forward
        dtype: int3_g128_zp
      - tensors: "lm_head"
        dtype: q6_k

    """

  // MARK: - Precision of checkpoints

  private static let small =
    #"{"model_type":"qwen3_moe","hidden_size":64,"num_hidden_layers":3,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":16,"intermediate_size":96,"moe_intermediate_size":32,"num_experts":4,"num_experts_per_tok":2,"mlp_only_layers":[0],"vocab_size":128,"#
  private static let blocks = [
    #""quantization_config":{"quant_method":"modelopt","quant_algo":"NVFP4","ignore":["lm_head","model.layers.0.self_attn*"],"kv_cache_scheme":{"num_bits":8,"type":"float"}}"#,
    #""quantization_config":{"quant_method":"modelopt","quant_algo":"MIXED_PRECISION","quantized_layers":{"model.layers.1.mlp.experts*":{"quant_algo":"NVFP4","group_size":16},"model.layers.0.mlp.up_proj":{"quant_algo":"FP8"}}}"#,
    #""quantization_config":{"quant_method":"compressed-tensors","ignore":["re:.*\\.(0|2)\\.self_attn\\..*"],"config_groups":{"a":{"targets":["re:.*mlp.*_proj"],"weights":{"num_bits":4,"type":"int","group_size":32,"symmetric":false},"input_activations":{"num_bits":8,"type":"float","dynamic":false}},"b":{"targets":["Linear"],"weights":{"num_bits":8,"type":"float"}}}}"#,
    #""quantization_config":{"quant_method":"gptq","bits":4,"group_size":128,"lm_head":true,"dynamic":{"-:.*layers\\.1\\..*":{},"+:(?!.*mlp)[a-z.]+2\\D{2,9}self_attn":{"bits":8,"group_size":64}}}"#,
    #""quantization_config":{"quant_method":"awq","bits":4,"group_size":128,"zero_point":true,"modules_to_not_convert":["gate","mlp.up"]}"#,
    #""quantization_config":{"quant_method":"bitsandbytes","load_in_4bit":true,"bnb_4bit_use_double_quant":true,"llm_int8_skip_modules":["model.layers.0.mlp"]}"#,
    #""quantization_config":{"quant_method":"auto-round","bits":3,"group_size":64,"packing_format":"auto_round:auto_gptq","extra_config":{"model.layers.0.mlp.up_proj":{"bits":16}}}"#,
    #""quantization":{"group_size":32,"bits":4,"mode":"affine","model.layers.1.mlp.gate":{"bits":8,"group_size":64},"lm_head":false}"#,
    #""quantization_config":{"quant_method":"fp8","weight_block_size":[128,128],"activation_scheme":"static","modules_to_not_convert":["model.layers.*.mlp.gate"]},"extra_token":"x","gate_type":"swish""#,
  ]

  private static let quantizationWords = words(
    "* ? re: .* ( ) [ ] { } | ^ $ \\\\d \\\\b (?! (?= Linear -: +: 16 bits group_size model.layers.0 self_attn mlp.experts.0 lm_head null false"
  )

  private static var quantization: FuzzTarget {
    FuzzTarget(
      name: "quantization-json", seeds: blocks.map { Array((small + $0 + "}").utf8) },
      dictionary: quantizationWords,
      run: { bytes in
        try guarded {
          let text = String(decoding: bytes, as: UTF8.self)
          try check(try ConfigImport.read(SourceFile(name: "config.json", text: text), name: "fuzz").model)
        }
      })
  }

  private static var beside: FuzzTarget {
    let config = SourceFile(name: "config.json", text: small + "\"torch_dtype\":\"bfloat16\"}")
    let files = [
      #"{"producer":{"name":"modelopt"},"quantization":{"quant_algo":"NVFP4","kv_cache_quant_algo":"FP8","group_size":16,"exclude_modules":["lm_head","model.layers.0*"]}}"#,
      #"{"quantization":{"quant_algo":"MIXED_PRECISION","kv_cache_quant_algo":null,"quantized_layers":{"model.layers.1.mlp.experts.0.up_proj":{"quant_algo":"W4A16_AWQ","group_size":128},"model.layers.2.self_attn*":{"quant_algo":"FP8"}}}}"#,
    ]
    return FuzzTarget(
      name: "hf-quant-json", seeds: files.map { Array($0.utf8) }, dictionary: quantizationWords,
      run: { bytes in
        try guarded {
          let file = SourceFile(name: "hf_quant_config.json", text: String(decoding: bytes, as: UTF8.self))
          try check(try ConfigImport.read(config, name: "fuzz", quantization: file).model)
        }
      })
  }

  private static var index: FuzzTarget {
    let file =
      #"{"metadata":{"total_size":123456},"weight_map":{"model.layers.0.self_attn.q_proj.weight":"model-00001-of-00002.safetensors","lm_head.weight":"model-00002-of-00002.safetensors","model.layers.9.mtp.x":"a.safetensors"}}"#
    return FuzzTarget(
      name: "safetensors-index", seeds: [Array(file.utf8)],
      dictionary: words("weight_map metadata total_size / .. { } , :"),
      run: { bytes in
        try guarded {
          let bytes = try ModelFiles.indexBytes(bytes: bytes, name: "fuzz.json", layers: 4, tied: true)
          if let bytes, !(bytes > 0) { throw Broken(what: "an index of \(bytes) bytes") }
        }
      })
  }

  private static var names: FuzzTarget {
    FuzzTarget(
      name: "model-names",
      seeds: [
        "nvidia/DeepSeek-R1-NVFP4", "RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic",
        "Qwen3-32B-Q4_K_M-GGUF",
      ]
      .map { Array($0.utf8) },
      dictionary: words("- / ( ) FP8 NVFP4 AWQ Instruct 0528 node 2 Q4_K_M :"),
      run: { bytes in
        try guarded {
          let name = String(decoding: bytes, as: UTF8.self)
          // Names of files would be opened.
          guard !name.contains("."), name.first != "/", name.first != "~" else { return }
          _ = try Catalogue.model(name)
        }
      })
  }

  private static var hardware: FuzzTarget {
    FuzzTarget(
      name: "hardware-yaml",
      seeds: Catalogue.hardwareNames.compactMap { Catalogue.hardwareText($0).map { Array($0.utf8) } },
      dictionary: words(
        "memory: peaks: links: capacity: GiB TB/s TFLOP/s per_core: true bf16: cores: - [ ] { } & * ~"),
      run: { bytes in
        try guarded {
          let text = String(decoding: bytes, as: UTF8.self)
          let profile = try HardwareReader.read(SourceFile(name: "fuzz.yaml", text: text))
          guard profile.levels.allSatisfy({ $0.capacityBytes > 0 && $0.bytesPerSecond.isFinite }) else {
            throw Broken(what: "a level without size")
          }
        }
      })
  }

  private static func configs(_ root: String) throws -> FuzzTarget {
    let folder = root + "/Tests/ImportTests/Configs"
    let seeds = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
    }
    return FuzzTarget(
      name: "config-json", seeds: seeds + (try corpus(root, ".config.json")),
      dictionary: words(
        "{ } [ ] : , null true false \"model_type\": \"text_config\":{ \"llama\" \"deepseek_v3\" \"jamba\" \"nemotron_h\" \"vision_config\":{ \"patch_size\":0 \"architectures\":[\"BertModel\"] \"head_dim\":0, \"layer_types\":[ \\u0000 \\ud800 Infinity NaN -1"
      ),
      run: { bytes in
        try guarded {
          let text = String(decoding: bytes, as: UTF8.self)
          try check(try ConfigImport.read(SourceFile(name: "config.json", text: text), name: "fuzz").model)
        }
      })
  }

  private static func corpus(_ root: String, _ ending: String) throws -> [[UInt8]] {
    let folder = root + "/Fuzzing/Corpus"
    return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(ending) }
      .sorted().map {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
      }
  }

  private static func gguf(_ root: String) throws -> FuzzTarget {
    FuzzTarget(
      name: "gguf", seeds: try corpus(root, ".gguf"),
      dictionary: words(
        "GGUF general.architecture llama qwen35 jamba mamba2 blk.0.attn_q.weight blk.0.ssm_in.weight blk.1.ffn_down.0.weight general.alignment llama.block_count split.count"
      ),
      binary: true,
      run: { bytes in
        try guarded { try check(try ModelFiles.readGGUF(bytes: bytes, name: "fuzz").model.model) }
      })
  }

  /// The same with a length that fits the header, and as many bytes behind it as its largest number says.
  private static func tensors(_ root: String) throws -> FuzzTarget {
    let whole = try safetensors(root)
    return FuzzTarget(
      name: "safetensors-header",
      seeds: whole.seeds.map { bytes in
        Array(bytes[8..<(8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) })])
      }, dictionary: whole.dictionary,
      run: { bytes in
        let ends = bytes.split { !(48...57).contains($0) }.compactMap {
          Int(String(decoding: $0, as: UTF8.self))
        }
        let length = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) }
        let data = [UInt8](repeating: 0, count: min(1 << 16, ends.max() ?? 0))
        return try whole.run(length + bytes + data)
      })
  }

  private static func safetensors(_ root: String) throws -> FuzzTarget {
    let config = SourceFile(
      name: "config.json",
      text:
        #"{"model_type":"qwen3","hidden_size":32,"num_hidden_layers":1,"num_attention_heads":2,"num_key_value_heads":1,"head_dim":16,"intermediate_size":48,"vocab_size":64}"#
    )
    let model = try ConfigImport.read(config, name: "fuzz").model
    return FuzzTarget(
      name: "safetensors", seeds: try corpus(root, ".safetensors"),
      dictionary: words(
        "__metadata__ dtype shape data_offsets BF16 F4 [ ] { } : , \" 0 \"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
      ),
      binary: true,
      run: { bytes in
        try guarded {
          _ = try ModelFiles.tallySafetensors(bytes: bytes, name: "fuzz.safetensors", model: model)
        }
      })
  }
}
