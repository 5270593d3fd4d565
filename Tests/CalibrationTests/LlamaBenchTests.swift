import Calibration
import CostModel
import Specs
import Testing

/// Whole passes, as llama-bench writes them.
@Suite struct LlamaBenchTests {
  static func entry(
    prompt: Int = 0, generated: Int = 0, depth: Int = 0, type: String = "llama 8B Q4_0",
    weights: Double = 8_030_261_248, bytes: Double = 4_653_375_488, nanoseconds: Double
  ) -> String {
    """
    {"build_number": 4567, "gpu_info": "A", "cpu_info": "B", "backends": "CUDA", "model_type": "\(type)",
     "model_size": \(Int(bytes)), "model_n_params": \(Int(weights)), "n_batch": 2048, "n_ubatch": 512, "type_k": "f16",
     "n_prompt": \(prompt), "n_gen": \(generated), "n_depth": \(depth), "avg_ns": 1,
     "samples_ns": [\(Int(nanoseconds * 3)), \(Int(nanoseconds)), \(Int(nanoseconds / 2))]}
    """
  }

  static func read(_ entries: [String]) throws -> RunFile {
    try RunsReader.read(SourceFile(name: "b.json", text: "[" + entries.joined(separator: ",\n") + "]"))
  }

  @Test func promptsAndGenerationBecomePasses() throws {
    let file = try Self.read([
      Self.entry(prompt: 1100, depth: 100, nanoseconds: 3e8), Self.entry(generated: 128, nanoseconds: 1e9),
    ])
    #expect(file.rejected.isEmpty && file.runs.count == 2)
    let (prompt, generation) = (file.runs[0], file.runs[1])
    let (read, written) = (prompt.shape.pass, generation.shape.pass)
    #expect(read.passes == 3 && abs(read.tokens * 3 - 1100) < 1e-9 && read.keys == 650)
    #expect(written.passes == 128 && written.tokens == 1 && written.keys == 64)
    #expect(abs(prompt.seconds - 0.3) < 1e-12, "the median of the samples")
    #expect(prompt.group.label == "forward_pass llama.cpp b4567 q4_0 cache float16" && prompt.gpu == "A")
  }

  @Test func linesAreReadAsTheList() throws {
    let entries = [128, 512, 700].map { Self.entry(prompt: $0, nanoseconds: 1e8) }
      .map { $0.replacing("\n", with: "") }
    let lines = try RunsReader.read(SourceFile(name: "b.json", text: entries.joined(separator: "\n")))
    #expect(lines.runs.map(\.shape) == (try Self.read(entries)).runs.map(\.shape))
    #expect(lines.runs.map(\.line) == [1, 2, 3])
  }

  @Test(arguments: [
    (entry(prompt: 512, generated: 128, nanoseconds: 1e8), "one of them"),
    (entry(nanoseconds: 1e8), "one of them"),
    (entry(prompt: 1, type: "qwen3moe 30B.A3B Q4_K - Medium", nanoseconds: 1e8), "mixture of experts"),
    (entry(prompt: 1, type: "llama 8x7B Q4_0", nanoseconds: 1e8), "mixture of experts"),
    (entry(prompt: 1, weights: 0, nanoseconds: 1e8), "“model_n_params” is 0"),
    (entry(prompt: 1, nanoseconds: 0), "“avg_ns”"), (entry(prompt: 1, nanoseconds: -5e8), "“avg_ns”"),
  ])
  func badResultsAreLeftOutByLine(entry: String, reason: String) throws {
    let good = Self.entry(prompt: 512, nanoseconds: 1e8)
    let file = try Self.read([good, entry, good])
    #expect(file.runs.count == 1 && file.rejected.count == 2)
    #expect("\(file.rejected[0])".contains(reason) && "\(file.rejected[0])".hasPrefix("b.json:5:"))
    #expect("\(file.rejected[1])".contains("stands above"))
  }

  /// A mixture's name says what a token uses: one of the same size that uses less is another.
  @Test func mixturesAgreeWithTheirNames() throws {
    func read(_ type: String) throws -> RunFile {
      try Self.read([Self.entry(generated: 32, type: type, weights: 80_393_183_232, nanoseconds: 1e9)])
    }
    let next = try #require(try read("qwen3next 80B.A3B Q4_K - Medium").runs.first)
    #expect(abs(next.shape.pass.weights / 3.9e9 - 1) < 0.02)
    let other = try read("hunyuan-moe A13B Q4_K - Medium")
    #expect(other.runs.isEmpty && "\(other.rejected)".contains("mixture of experts"))
  }

  @Test(arguments: [
    ("llama 8B mostly Q4_0", "q4_0"), ("llama 8B all F32", "f32"), ("olmoe A1.7B Q4_K - Small", "q4_k_small"),
  ])
  func formatsStandBehindTheSize(type: String, format: String) throws {
    let weights = type.hasPrefix("olmoe") ? 6_919_161_856 : 8_030_261_248.0
    let file = try Self.read([Self.entry(generated: 32, type: type, weights: weights, nanoseconds: 1e9)])
    #expect(file.runs.first?.group.label == "forward_pass llama.cpp b4567 \(format) cache float16")
  }

  /// Passes made of known efficiencies give them back, and price a model's operators with them.
  @Test func efficienciesOfPassesComeBack() throws {
    let profile = try Catalogue.hardware("rtx-4090")
    let device = try #require(DeviceQuantities(profile))
    var entries: [String] = []
    for (weights, bytes) in [(6.7e9, 3.8e9), (8e9, 4.7e9), (13e9, 7.4e9)] {
      for tokens in [128, 512] {
        let pass = 2 * weights * Double(tokens) / (device.peak16 * 0.4) + 2e-4
        entries.append(
          Self.entry(prompt: tokens, weights: weights, bytes: bytes, nanoseconds: pass * 1e9))
      }
      entries.append(
        Self.entry(
          generated: 32, weights: weights, bytes: bytes,
          nanoseconds: 32e9 * (bytes / (device.farBandwidth * 0.75) + 2e-4)))
    }
    let runs = try Self.read(entries).runs
    let fit = try #require(GroupFitting.fit(runs[0].group, runs, on: device))
    #expect(fit.inSampleMAPE < 3 && abs(fit.parameters[1] / 0.4 - 1) < 0.1, "\(fit)")
    #expect(abs(fit.parameters[2] / 0.75 - 1) < 0.1, "\(fit)")

    let calibration = FittedDevice(hardware: profile.name, groups: [fit])
    let predictor = try #require(Predictor(calibration, on: profile))
    let model = try Catalogue.model("llama-3-8b")
    let plan = PrecisionPlan(uniform: .bf16)
    let evaluator = try Evaluator(model: model, profile: profile, precision: plan)
    let work = Workload.decode(batch: 1, contextLength: 64)
    let pricing = FittedPricing(predictor, framework: .llamaCpp, for: evaluator)
    let result = evaluator.analyze(work, by: pricing)
    #expect(abs(result.totals.seconds * 0.75 / evaluator.totals(work).seconds - 1) < 0.1)
    #expect(result.operators.allSatisfy { $0.time.basis == .calibrated })
    #expect(result.totals.low <= result.totals.seconds)
  }
}
