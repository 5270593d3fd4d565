import CostModel
import Specs
import Testing

@testable import Calibration

/// What an engine prints is read to the nanosecond, and held against a profile.
@Suite struct EngineTests {
  @Test func aRecordedRunIsRead() throws {
    let runs = try EngineRun.llamaBench("warning: no GPU\n" + Self.recorded, from: "llama-bench")
    #expect(runs.map(\.prompt) == [128, 0] && runs.map(\.generated) == [0, 32])
    #expect(runs[0].seconds.count == 3 && runs[1].context == 16)
    #expect(runs[0].best == 978_359_501 * 1e-9 && abs(runs[1].median - 0.723415764 / 32) < 1e-15)
    #expect(runs[0].model == "llama 1B Q4_0")
  }

  @Test(arguments: [
    ("", "no JSON list"), ("[{\"n_prompt\": 1}]", "“n_gen” is missing"),
    ("[{\"n_prompt\": 4, \"n_gen\": 4, \"samples_ns\": [1]}]", "one kind of pass"),
    ("[{\"n_prompt\": 4, \"n_gen\": 0, \"samples_ns\": [0, -1, 5e-324]}]", "one kind of pass"),
  ])
  func whatIsNoneIsRefused(_ text: String, _ words: String) {
    let error = #expect(throws: InputError.self) { try EngineRun.llamaBench(text, from: "engine") }
    #expect(error?.kind == .data && error?.description.contains(words) == true)
  }

  /// A machine of 40 GB/s and 100 GFLOP/s: GPT-2's weights take 6 ms at best.
  private func check(_ seconds: Double, judged: Bool = true) throws -> EngineCheck {
    var profile = HardwareProfile(
      name: "here",
      levels: [
        MemoryLevel(name: "dram", capacityBytes: 1e12, bytesPerSecond: 40e9),
        MemoryLevel(name: "l2", capacityBytes: 1e6, bytesPerSecond: 1e12, perCore: true),
      ], peaks: [Peak(.fp32, flopsPerSecond: 100e9), Peak(.fp16, flopsPerSecond: 100e9)],
      vectorFLOPsPerSecond: 50e9, cores: 2)
    profile.registerBytesPerCore = 2048
    return try EngineCheck(
      EngineRun(prompt: 0, generated: 32, seconds: [seconds], model: "gpt2"),
      of: try Catalogue.model("gpt-2"), on: profile, now: profile, judged: judged)
  }

  @Test func fasterThanTheBoundOrFarFromTheExpectationDisagrees() throws {
    let any = try check(1)
    #expect(any.bound > 5e-3 && any.bound < any.expected && any.expected < 1.5 * any.bound)
    #expect(any.isOutside && any.disagrees && !any.beatsBound)
    let fast = try check(any.bound * 0.95)
    #expect(fast.beatsBound && fast.disagrees)
    let right = try check(any.expected)
    #expect(right.isInside && !right.disagrees)
    #expect(try !check(1, judged: false).disagrees)
  }

  /// llama-bench on two Zen 4 cores, `-p 128 -n 32 -t 2 -r 3 -o json`, some of its fields.
  static let recorded = """
    [
      {"build_commit": "0c1e570", "cpu_info": "AMD EPYC", "backends": "CPU",
       "model_type": "llama 1B Q4_0", "model_size": 619094016, "model_n_params": 1100048384, "n_ubatch": 512, "n_threads": 2,
       "type_k": "f16", "n_gpu_layers": 0, "n_prompt": 128, "n_gen": 0, "n_depth": 0,
       "avg_ns": 983578723, "samples_ns": [990877333, 981499337, 978359501]},
      {"build_commit": "0c1e570", "cpu_info": "AMD EPYC", "backends": "CPU",
       "model_type": "llama 1B Q4_0", "model_size": 619094016, "model_n_params": 1100048384, "n_ubatch": 512, "n_threads": 2,
       "type_k": "f16", "n_gpu_layers": 0, "n_prompt": 0, "n_gen": 32, "n_depth": 0,
       "avg_ns": 726240625, "samples_ns": [723415764, 700256738, 755049374]}
    ]
    """
}
