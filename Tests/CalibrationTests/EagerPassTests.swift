import CostModel
import Specs
import Testing

@testable import Calibration

/// Passes of whole models, every operator a kernel.
@Suite struct EagerPassTests {
  private static let model = EagerModel(
    code: .gpt2, layers: 12, hidden: 768, heads: 12, headDim: 64, intermediate: 3072, vocabulary: 50_257,
    hasTanhForm: true)

  /// Products' FLOPs of GPT-2 small: two for each weight of a layer and the head, and each query against every key.
  @Test func productsAreTheModels() {
    let flops = Self.model.launches(batch: 2, length: 1024).reduce(0.0) { sum, entry in
      let call = entry.shape.product
      return sum + entry.count * 2 * call.rows * call.outputs * call.inputs * call.copies
    }
    let tokens = 2048.0
    let weights = 12.0 * 12 * 768 * 768 + 50_257 * 768
    #expect(flops == 2 * tokens * weights + 12 * 4 * tokens * 1024 * 768)
  }

  /// Two for each weight and token; every expert sees a quarter of 128 tokens, fewer than it can take.
  @Test func encodersHaveTheirOwn() {
    func flops(_ model: EagerModel, length: Double) -> Double {
      model.launches(batch: 2, length: length).reduce(0) { sum, entry in
        guard entry.kernel == .gemm || entry.kernel == .batchedProduct else { return sum }
        let call = entry.shape.product
        return sum + entry.count * 2 * call.rows * call.outputs * call.inputs * call.copies
      }
    }
    let bert = EagerModel(
      code: .bert, layers: 24, hidden: 1024, heads: 16, headDim: 64, intermediate: 4096, vocabulary: 0)
    let layer: Double = 2 * 12 * 1024 * 1024 + 4 * 512 * 1024
    #expect(flops(bert, length: 512) == 24 * 1024 * layer)
    let both = EagerModel(
      code: .switchTransformers, layers: 2, decoderLayers: 2, hidden: 64, heads: 4, headDim: 32,
      intermediate: 256, vocabulary: 1000, experts: 4)
    let attention: Double = 6 * 4 * 64 * 128
    let feedForward: Double = 2 * 64 * 256
    let others: Double = 2 * 64 * 4 + 1000 * 64
    func each(_ length: Double) -> Double {
      2 * (attention + 4 * feedForward + others) + 6 * 4 * length * 128
    }
    #expect(flops(both, length: 128) == 256 * each(128))
    // Beyond 64 tokens of a sequence an expert takes no more: half of 512, in two layers.
    let dropped: Double = 512 * 2 * 2 * feedForward
    #expect(flops(both, length: 512) == 1024 * each(512) - dropped)
  }

  @Test func rowsAreAnsweredOrSayWhyNot() throws {
    let heading =
      "gpu,framework,model,architecture,layers,hidden,heads,head_dim,intermediate,vocab,activation,phase,length,batch,devices,compiled,dtype,time_s"
    let shape = "12,768,12,64,3072,50257,gelu_new"
    let text = [
      heading, "a100-sxm-80gb,torch,small,GPT2LMHeadModel,\(shape),inference,1024,8,1,0,float32,0.2",
      "a100-sxm-80gb,torch,small,GPT2LMHeadModel,\(shape),training,1024,8,1,0,float32,0.6",
      "a100-sxm-80gb,torch,bert,BertForMaskedLM,\(shape),inference,1024,8,1,0,float32,0.2",
      "a100-sxm-80gb,torch,small,GPT2LMHeadModel,\(shape),inference,1024,8,1,1,float32,0.2",
      "nobodys,torch,small,OPTForCausalLM,\(shape),inference,1024,8,1,0,float32,0.2",
    ].joined(separator: "\n")
    let rows = try #require(try MeasuredPasses.read(SourceFile(name: "p.csv", text: text)))
    let first = try #require(rows[0].expected)
    // 124 M parameters, 8,192 tokens: 2.4 TFLOP at 19.5 TFLOP/s at best.
    #expect(
      first.seconds > 0.12 && first.seconds < 0.4 && first.low < first.seconds && first.seconds < first.high)
    #expect(rows.dropFirst().allSatisfy { $0.expected == nil && !$0.note.isEmpty })
    #expect(rows.map(\.id) == ["1", "2", "3", "4", "5"] && rows.allSatisfy { $0.metric == "pass_seconds" })
    #expect(try MeasuredPasses.read(SourceFile(name: "r.csv", text: "kernel,time_us\n")) == nil)
  }
}
