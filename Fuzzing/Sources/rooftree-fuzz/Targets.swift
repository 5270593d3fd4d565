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
    [models, hardware, try configs(root), try gguf(root), try safetensors(root)]
  }

  private static func words(_ list: String) -> [[UInt8]] {
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

  private static func guarded(_ body: () throws -> Void) throws -> Bool {
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
      seeds: Catalogue.modelNames.compactMap { Catalogue.modelText($0).map { Array($0.utf8) } },
      dictionary: words(
        "attention: feed_forward: layer_kinds: layer_pattern: type: latent softmax moe none null true & * [ ] { } - : # \" ' | > ! % @ 1e9 learned rotary rope_scaling: local*5"
      ),
      run: { bytes in
        try guarded {
          let text = String(decoding: bytes, as: UTF8.self)
          let model = try ModelReader.read(SourceFile(name: "fuzz.yaml", text: text))
          guard model.parameters.total.isFinite else { throw Broken(what: "parameters") }
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
      name: "config-json", seeds: seeds,
      dictionary: words(
        "{ } [ ] : , null true false \"model_type\": \"text_config\":{ \"llama\" \"deepseek_v3\" \"jamba\" \"nemotron_h\" \"head_dim\":0, \"layer_types\":[ \\u0000 \\ud800 Infinity NaN -1"
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
        "GGUF general.architecture llama blk.0.attn_q.weight general.alignment llama.block_count split.count"),
      binary: true,
      run: { bytes in
        try guarded { try check(try ModelFiles.readGGUF(bytes: bytes, name: "fuzz").model.model) }
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
