import CostModel
import Foundation
import Kernels
import Specs
import Testing

@testable import Calibration
@testable import Reporting

/// `crosscheck --engine` of two passes that nobody ran: its JSON is a golden, which its schema is inferred from.
@Suite struct EngineReportTests {
  @Test func goldenResult() throws {
    let profile = HardwareProfile(
      name: "here",
      levels: [
        MemoryLevel(name: "dram", capacityBytes: 1e12, bytesPerSecond: 40e9),
        MemoryLevel(name: "l2", capacityBytes: 1e6, bytesPerSecond: 1e12, perCore: true),
      ], peaks: [Peak(.fp32, flopsPerSecond: 100e9), Peak(.fp16, flopsPerSecond: 100e9)],
      vectorFLOPsPerSecond: 50e9, cores: 2)
    let runs = [
      EngineRun(prompt: 64, generated: 0, seconds: [0.4, 0.41, 0.42], model: "gpt2"),
      EngineRun(prompt: 0, generated: 32, seconds: [1e-3, 2e-3], model: "gpt2"),
    ]
    let checks = try runs.map {
      try EngineCheck($0, of: try Catalogue.model("gpt-2"), on: profile, now: profile, judged: true)
    }
    let noise = Noise(compute: 1.02, memory: 1.05, farBytesPerSecond: 40e9, load: 0.5)
    let document = EngineReport.document(checks, engine: "llama-bench", machine: "a machine", noise: noise)
    let text = ReportFormat.json.text(of: document)
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/engine.json")
    if ProcessInfo.processInfo.environment["ROOFTREE_REWRITE_GOLDENS"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == text)
    // A token faster than its weights are read is no token.
    #expect(text.contains("\"verdict\": \"disagreement\"") && text.contains("beats the bound"))
  }
}
