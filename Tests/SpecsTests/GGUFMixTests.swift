import CostModel
import Specs
import Testing

/// Sizes of files on the Hugging Face hub; tensors alone differ from the file by its header (under 0.2 %).
@Suite struct GGUFMixTests {
  @Test(arguments: [
    // bartowski/Meta-Llama-3-8B-Instruct-GGUF
    ("llama-3-8b", "q4_k_m", 4.92e9), ("llama-3-8b", "q4_k_s", 4.69e9), ("llama-3-8b", "q5_k_m", 5.73e9),
    ("llama-3-8b", "q3_k_m", 4.02e9),
    // TheBloke/Llama-2-7B-GGUF and Mistral-7B-v0.1-GGUF
    ("llama-2-7b", "q4_k_m", 4.08e9), ("llama-2-7b", "q5_k_m", 4.78e9), ("mistral-7b", "q4_k_m", 4.37e9),
    // bartowski/Meta-Llama-3.1-8B-Instruct-GGUF
    ("llama-3.1-8b", "q8_0", 8.54e9), ("llama-3.1-8b", "q6_k", 6.60e9), ("llama-3.1-8b", "q5_k_m", 5.73e9),
    ("llama-3.1-8b", "q5_k_s", 5.60e9), ("llama-3.1-8b", "q4_k_m", 4.92e9),
    ("llama-3.1-8b", "q4_k_s", 4.69e9),
    ("llama-3.1-8b", "iq4_xs", 4.45e9), ("llama-3.1-8b", "q3_k_l", 4.32e9),
    ("llama-3.1-8b", "q3_k_m", 4.02e9),
    ("llama-3.1-8b", "iq3_m", 3.78e9), ("llama-3.1-8b", "q3_k_s", 3.66e9), ("llama-3.1-8b", "iq3_xs", 3.52e9),
    ("llama-3.1-8b", "q2_k", 3.18e9), ("llama-3.1-8b", "iq2_m", 2.95e9), ("llama-3.1-8b", "q4_1", 5.13e9),
    // bartowski/Meta-Llama-3.1-70B-Instruct-GGUF
    ("llama-3.1-70b", "q8_0", 74.98e9), ("llama-3.1-70b", "q6_k", 57.89e9),
    ("llama-3.1-70b", "q5_k_m", 49.95e9),
    ("llama-3.1-70b", "q4_k_m", 42.52e9), ("llama-3.1-70b", "q3_k_m", 34.27e9),
    ("llama-3.1-70b", "iq3_m", 31.94e9),
    // bartowski/Qwen_Qwen3-32B-GGUF
    ("qwen3-32b", "q8_0", 34.82e9), ("qwen3-32b", "q6_k", 26.88e9), ("qwen3-32b", "q5_k_m", 23.21e9),
    ("qwen3-32b", "q5_k_s", 22.64e9), ("qwen3-32b", "q4_1", 20.64e9), ("qwen3-32b", "q4_k_m", 19.76e9),
    ("qwen3-32b", "q4_k_s", 18.77e9), ("qwen3-32b", "q4_0", 18.70e9), ("qwen3-32b", "iq4_nl", 18.68e9),
    ("qwen3-32b", "iq4_xs", 17.69e9), ("qwen3-32b", "q3_k_l", 17.33e9), ("qwen3-32b", "q3_k_m", 15.97e9),
    ("qwen3-32b", "iq3_m", 14.93e9), ("qwen3-32b", "q3_k_s", 14.39e9), ("qwen3-32b", "iq3_xs", 13.70e9),
    ("qwen3-32b", "iq3_xxs", 12.82e9), ("qwen3-32b", "q2_k", 12.34e9), ("qwen3-32b", "iq2_m", 11.36e9),
    ("qwen3-32b", "iq2_s", 10.51e9),
    // mradermacher/Qwen2.5-32B-GGUF, whose list has three digits
    ("qwen2.5-32b", "iq3_m", 14.8e9), ("qwen2.5-32b", "iq3_s", 14.4e9), ("qwen2.5-32b", "iq3_xs", 13.7e9),
    ("qwen2.5-32b", "q2_k", 12.3e9), ("qwen2.5-32b", "q3_k_l", 17.2e9), ("qwen2.5-32b", "q3_k_m", 15.9e9),
    ("qwen2.5-32b", "q3_k_s", 14.4e9), ("qwen2.5-32b", "q4_k_m", 19.9e9), ("qwen2.5-32b", "q4_k_s", 18.8e9),
    ("qwen2.5-32b", "q5_k_s", 22.6e9), ("qwen2.5-32b", "q6_k", 26.9e9),
    // bartowski/Qwen_Qwen3-4B-GGUF
    ("qwen3-4b", "q8_0", 4.28e9), ("qwen3-4b", "q6_k", 3.31e9), ("qwen3-4b", "q5_k_m", 2.89e9),
    ("qwen3-4b", "q5_k_s", 2.82e9), ("qwen3-4b", "q4_1", 2.60e9), ("qwen3-4b", "q4_k_m", 2.50e9),
    ("qwen3-4b", "q4_k_s", 2.38e9),
  ])
  func fileSizes(name: String, format: String, bytes: Double) throws {
    let model = try Catalogue.model(name)
    let request = PrecisionRequest(weights: try NumberFormat.named(format))
    let predicted = model.weightBytes(request.plan(for: model).plan)
    #expect(abs(predicted / bytes - 1) < 0.005, "\(predicted)")
  }

  /// Llama 3.1 8B in GiB, as llama.cpp's tools/quantize/README.md lists it.
  @Test(arguments: [
    ("iq1_s", 1.87), ("iq1_m", 2.01), ("iq2_xxs", 2.23), ("iq2_xs", 2.42), ("iq2_s", 2.56), ("iq2_m", 2.74),
    ("iq3_xxs", 3.04), ("iq3_xs", 3.27), ("iq3_s", 3.42), ("iq3_m", 3.52), ("iq4_xs", 4.17), ("iq4_nl", 4.38),
    ("q2_k_s", 2.78), ("q2_k", 2.95), ("q3_k_s", 3.41), ("q3_k_l", 4.02), ("q4_k_s", 4.36), ("q4_k_m", 4.58),
    ("q5_k_s", 5.21), ("q5_k_m", 5.33), ("q6_k", 6.14), ("q8_0", 7.95),
  ])
  func listedSizes(format: String, gibibytes: Double) throws {
    let model = try Catalogue.model("llama-3.1-8b")
    let request = PrecisionRequest(weights: try NumberFormat.named(format))
    let predicted = model.weightBytes(request.plan(for: model).plan) / 0x1p30
    #expect(abs(predicted / gibibytes - 1) < 0.01, "\(predicted)")
  }

  /// What each type is called is smaller than the next.
  @Test func order() throws {
    let model = try Catalogue.model("qwen3-32b")
    let names = [
      "iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq2_m", "q2_k_s", "q2_k", "iq3_xxs", "iq3_xs",
      "q3_k_s",
      "iq3_m", "q3_k_m", "q3_k_l", "iq4_xs", "q4_0", "q4_k_s", "q4_k_m", "q4_1", "q5_k_s", "q5_k_m", "q5_1",
      "q6_k", "q8_0",
    ]
    let bytes = try names.map {
      model.weightBytes(PrecisionRequest(weights: try NumberFormat.named($0)).plan(for: model).plan)
    }
    #expect(zip(bytes, bytes.dropFirst()).allSatisfy { $0 < $1 }, "\(bytes)")
  }

  /// Rows that blocks of 256 do not divide fall back (`tensor_type_fallback`).
  @Test func raggedRows() throws {
    var model = try Catalogue.model("llama-3-8b")
    model.hidden = 2048 + 32
    let plan = PrecisionRequest(weights: .gguf(.q4_k)).plan(for: model).plan
    let formats = Set(model.weightBytesByComponent(plan).map(\.format))
    #expect(formats.contains(.gguf(.q5_0)) && formats.contains(.gguf(.q8_0)))
  }
}

/// Names of releases.
@Suite struct ReleaseNameTests {
  @Test(arguments: [
    ("zhipuai/GLM-5", "glm-5", NumberFormat?.none), ("nvidia/DeepSeek-R1-NVFP4", "deepseek-r1", .nvfp4),
    ("nvidia/DeepSeek-V3.1-NVFP4", "deepseek-v3", .nvfp4),
    ("RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic", "llama-3.1-8b", .fp8),
    ("someone/Qwen3-32B-AWQ", "qwen3-32b", .int4(group: 128, zeroPoint: true)),
    ("someone/Qwen3-32B-GPTQ-Int4", "qwen3-32b", .int4(group: 128, zeroPoint: true)),
    ("bartowski/Qwen3-32B-Q4_K_M-GGUF", "qwen3-32b", .mixed(.q4_k_m)),
    ("moonshotai/Kimi-K2.5", "kimi-k2.5", nil), ("Llama-2-70B LoRA", "llama-2-70b", nil),
    ("DeepSeekV3 (w/o MTP)", "deepseek-v3", nil),
  ])
  func resolve(name: String, model: String, format: NumberFormat?) throws {
    let found = try Catalogue.model(name)
    #expect(found.name == model)
    if let format { #expect(found.checkpointFormat == format) }
  }

  @Test(arguments: ["nvidia/Llama-9-NVFP4", "someone/Qwen3-32B-Distill-FP8", "FP8", "a/-"])
  func unknown(name: String) { #expect(throws: InputError.self) { try Catalogue.model(name) } }
}
