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

  /// Median errors on held-out shapes of the devices that the aims were set for, in percent.
  @Test(arguments: [
    ("gemm 16", 6.0), ("gemm 8", 10), ("attention_prefill", 11), ("attention_decode", 8), ("moe", 10),
    ("collective", 8), ("rmsnorm", 8),
  ])
  func heldOutErrorsAreWithinTheirAims(kernel: String, aim: Double) throws {
    let devices: Set = ["h100-sxm", "a100-sxm-80gb", "b200"]
    let errors = try Self.table("| device | kernel | software | n |").filter { row in
      let (name, software) = (row["kernel"] ?? "", row["software"] ?? "")
      guard devices.contains(row["device"] ?? "") else { return false }
      return switch kernel {
      case "gemm 16": name == "gemm" && !software.contains("fp8") && !software.contains("fp4")
      case "gemm 8": name == "gemm" && software.contains("fp8")
      case "collective": ["all\\_gather", "allreduce", "alltoall", "reduce\\_scatter"].contains(name)
      case "attention_decode": name == "attention\\_decode" && !software.contains("trtllm")
      default: name.replacing("\\", with: "") == kernel
      }
    }.map { try Self.percent($0["model"]) }.sorted()
    #expect(errors.count >= 2)
    #expect((errors[errors.count / 2] + errors[(errors.count - 1) / 2]) / 2 < aim + 0.05)
  }

  /// On all devices with runs, models beat simpler ones, and intervals hold what they claim.
  @Test func modelsBeatSimplerOnes() throws {
    for row in try Self.table("| kernel | groups | roofline") {
      let model = try Self.percent(row["model"])
      #expect(
        try model < Self.percent(row["three scalars"]) && model < Self.percent(row["roofline"]), "\(row)")
      #expect((70...90).contains(try Self.percent(row["in 80 % interval"])), "\(row)")
    }
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
