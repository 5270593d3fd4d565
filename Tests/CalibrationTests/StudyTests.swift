import Foundation
import Testing

/// What the published study of the models has to show: it is made again by hand, since fits of all devices take long.
@Suite struct StudyTests {
  /// Cells of the table whose heading starts so, by the first cell and the heading.
  static func table(_ start: String) throws -> [[String: String]] {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Reports/calibration.md")
    let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map(String.init)
    func cells(_ line: String) -> [String] {
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let heading = try #require(lines.firstIndex { $0.hasPrefix(start) })
    let columns = cells(lines[heading])
    return lines[(heading + 2)...].prefix { $0.hasPrefix("|") }.map {
      Dictionary(uniqueKeysWithValues: zip(columns, cells($0)))
    }
  }

  static func percent(_ cell: String?) throws -> Double {
    try #require(cell.flatMap { Double($0.replacing(" %", with: "")) })
  }

  /// Median errors on held-out shapes, in percent.
  @Test(arguments: [
    ("GEMM bf16, fp16", 6.0), ("GEMM fp8, block", 10), ("attention prefill", 11),
    ("attention decode (vLLM, SGLang)", 8), ("MoE", 10), ("NVLink collectives", 8), ("RMSNorm", 8),
  ])
  func heldOutErrorsAreWithinTheirAims(kernel: String, aim: Double) throws {
    let row = try #require(try Self.table("| kernel | groups | roofline").first { $0["kernel"] == kernel })
    let model = try Self.percent(row["model"])
    #expect(model < aim + 0.05)
    #expect(try model < Self.percent(row["three scalars"]) && model < Self.percent(row["roofline"]))
    #expect((70...90).contains(try Self.percent(row["in 80 % interval"])))
  }

  /// Median errors on a new generation of which a kit of 20 runs a group was measured.
  @Test(arguments: [
    ("GEMM bf16, fp16", 10.0), ("GEMM fp8, block", 16), ("attention prefill", 15),
    ("attention decode (vLLM, SGLang)", 11), ("MoE", 16), ("NVLink collectives", 12),
  ])
  func kitsAreWithinTheirAims(kernel: String, aim: Double) throws {
    let rows = try Self.table("| kernel | from | to").filter { $0["kernel"] == kernel && $0["to"] == "b200" }
    #expect(try Self.percent(rows.first?["20 runs"]) < aim + 0.05)
  }
}
