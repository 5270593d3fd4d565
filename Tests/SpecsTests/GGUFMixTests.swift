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
  ])
  func fileSizes(name: String, format: String, bytes: Double) throws {
    let model = try Catalogue.model(name)
    let request = PrecisionRequest(weights: try NumberFormat.named(format))
    let predicted = model.weightBytes(request.plan(for: model).plan)
    #expect(abs(predicted / bytes - 1) < 0.005, "\(predicted)")
  }
}
