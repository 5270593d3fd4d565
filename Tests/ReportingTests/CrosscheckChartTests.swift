import Foundation
import Kernels
import Testing

@testable import Reporting

/// The pictures of a cross-check; the golden is computed anew, with the plainest instruction set and caches whose
/// sets lie within a page, so that it is the same wherever it is run.
@Suite struct CrosscheckChartTests {
  static func traffic() throws -> [Crosscheck.Traffic] {
    let plain = try #require(Arithmetic.available.first)
    let near = try #require(CacheGeometry(bytes: 16 << 10, ways: 16))
    let far = try #require(CacheGeometry(bytes: 64 << 10, ways: 16))
    let system = CacheSystem(name: "two levels", levels: [("16 KiB", near), ("64 KiB", far)])
    let kernels: [any Kernel] = [
      StreamKernel(.triad, elements: 20_000), GemmKernel(m: 96, n: 96, k: 96), GemvKernel(n: 200, k: 1024),
      RowKernel(.softmax, rows: 16, width: 2048),
      FlashAttention(AttentionShape(length: 128, heads: 1, keyValueHeads: 1, headDim: 32)),
    ]
    return kernels.flatMap { Crosscheck.traffic($0, systems: [system], arithmetic: plain) }
  }

  @Test func golden() throws {
    let document = CrosscheckReport.document(try Self.traffic(), [], skipped: [])
    let chart = try #require(document.charts().first)
    #expect(document.charts().count == 1 && chart.name == "crosscheck-two-levels")
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/crosscheck.svg")
    if ProcessInfo.processInfo.environment["ROOFTREE_REWRITE_GOLDENS"] == "1" {
      try chart.svg().write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(try String(contentsOf: file, encoding: .utf8) == chart.svg())
    }
    let words = try Elements.of(chart.svg()).texts.joined(separator: "\n")
    #expect(
      words.contains("within 2") && words.contains("counted ÷ predicted") && words.contains("simulated"))
  }

  @Test func manyRowsAreCutToTheWorst() throws {
    var rows = Array(repeating: try #require(try Self.traffic().first), count: 200)
    for row in rows.indices { rows[row].simulated = rows[row].predicted * 1.1 }
    rows[150].simulated = rows[150].predicted / 8
    rows[150].kernel = "odd one"
    let chart = try #require(CrosscheckCharts.charts(rows, []).first)
    #expect(chart.caption.contains("The 60 of 200 that differ most"))
    #expect(try Elements.of(chart.svg()).texts.contains { $0.hasPrefix("odd one") })
  }

  /// What agrees needs no row.
  @Test func agreementIsOneLine() throws {
    var row = try #require(try Self.traffic().first)
    row.simulated = row.predicted * 1.01
    row.counted = row.predicted
    let chart = try #require(CrosscheckCharts.charts(Array(repeating: row, count: 30), []).first)
    let texts = try Elements.of(chart.svg()).texts
    #expect(texts.contains("30 rows within 2.0 %") && !texts.contains { $0.hasPrefix(row.kernel) })
  }

  @Test func everyFormatShowsIt() throws {
    let document = CrosscheckReport.document(
      try Self.traffic(), [], skipped: ["hardware counters: skipped, x"])
    #expect(ReportFormat.html.text(of: document).contains("<svg"))
    #expect(ReportFormat.text.text(of: document).contains("hardware counters: skipped, x"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(ReportFormat.json.text(of: document).utf8))
        as? [String: Any])
    #expect((json["skipped"] as? [String])?.count == 1)
    let first = try #require((json["traffic"] as? [[String: Any]])?.first)
    #expect(first["predicted_bytes"] is Double && first["hardware_bytes"] is NSNull)
    for line in ReportFormat.csv.text(of: document).split(separator: "\n") {
      #expect(line.count { $0 == "," } >= 13)
    }
  }
}
