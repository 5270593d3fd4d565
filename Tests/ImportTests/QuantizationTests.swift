import CostModel
import Testing

@testable import Import
@testable import Specs

/// `quantization_config` as vendors and tools write it.
@Suite struct QuantizationTests {
  private func model(_ name: String, _ quantization: String) throws -> ModelSpec {
    let text = try SourceFile(path: "\(ConfigFiles.folder)/\(name).json").text
    let open = try #require(text.firstIndex(of: "{"))
    let with = "{\"quantization_config\": \(quantization), " + text[text.index(after: open)...]
    return try ConfigImport.read(SourceFile(name: "config.json", text: with), name: name).model
  }

  @Test(arguments: [
    (#"{"quant_method": "fp8", "weight_block_size": [128, 128], "fmt": "e4m3"}"#, NumberFormat.fp8Block),
    (#"{"quant_method": "fp8"}"#, .fp8),
    (#"{"quant_method": "fbgemm_fp8"}"#, .fp8),
    (
      #"{"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true}"#,
      .int4(group: 128, zeroPoint: true)
    ),
    (
      #"{"quant_method": "gptq", "bits": 4, "group_size": 32, "sym": true}"#,
      .int4(group: 32, zeroPoint: true)
    ),
    (
      #"{"quant_method": "gptq", "bits": 4, "group_size": 64, "sym": false}"#,
      .int4(group: 64, zeroPoint: true)
    ),
    (#"{"quant_method": "gptq", "bits": 8, "group_size": 128}"#, .grouped(bits: 8, group: 128, zeroBits: 8)),
    (#"{"quant_method": "bitsandbytes", "load_in_8bit": true}"#, .int8),
    (#"{"quant_algo": "FP8", "kv_cache_scheme": "FP8"}"#, .fp8),
    (#"{"quant_method": "modelopt", "quant_algo": "NVFP4"}"#, .nvfp4),
    (
      #"{"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}}}"#,
      .fp8
    ),
    (
      #"{"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int", "group_size": 32, "symmetric": true}}}}"#,
      .int4(group: 32, zeroPoint: false)
    ),
  ])
  func formats(quantization: String, format: NumberFormat) throws {
    #expect(try model("llama-3-8b", quantization).checkpointFormat == format)
  }

  /// gpt-oss leaves attention, router and tables at 16 bits.
  @Test func expertsAlone() throws {
    let spec = try model(
      "gpt-oss-20b",
      #"{"modules_to_not_convert": ["model.layers.*.self_attn", "lm_head"], "quant_method": "mxfp4"}"#)
    #expect(spec.expertFormat == .mxfp4)
    #expect(spec.checkpointFormat == .bf16)
    let yaml = ModelWriter.yaml(spec)
    #expect(try ModelReader.read(SourceFile(name: "x.yaml", text: yaml)) == spec)
  }

  @Test func besideTheConfig() throws {
    let config = try SourceFile(path: "\(ConfigFiles.folder)/llama-3-8b.json")
    let beside = SourceFile(
      name: "hf_quant_config.json",
      text:
        #"{"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8", "exclude_modules": ["lm_head"]}}"#
    )
    let imported = try ConfigImport.read(config, name: "x", quantization: beside)
    #expect(imported.model.checkpointFormat == .fp8)
  }

  /// One `dtype` cannot say what these hold; none is rounded to the nearest.
  @Test(arguments: [
    #"{"config_groups": {"a": {"weights": {"num_bits": 4, "group_size": 128}}, "b": {"weights": {"num_bits": 8}}}}"#,
    #"{"config_groups": {"a": {"weights": {"num_bits": 8, "type": "float", "block_structure": [64, 64]}}}}"#,
    #"{"config_groups": {"a": {"weights": {"num_bits": 4, "type": "float", "group_size": 64}}}}"#,
    #"{"config_groups": {}, "sparsity_config": {"format": "sparse-24-bitmask"}}"#,
  ])
  func compressedTensorsAreRefused(block: String) {
    let method = block.replacing(
      "{\"config_groups\"", with: "{\"quant_method\": \"compressed-tensors\", \"config_groups\"")
    #expect(throws: InputError.self) { try model("llama-3-8b", method) }
  }
}
