import Calibration
import CostModel
import Foundation
import Specs
import Testing

@testable import Reporting

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What XML a picture holds.
final class Elements: NSObject, XMLParserDelegate {
  private(set) var marks: [[String: String]] = []
  private(set) var texts: [String] = []
  private var inText = false

  static func of(_ svg: String) throws -> Elements {
    let found = Elements()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = found
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") \(svg.prefix(300))")
    return found
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if attributes["data-operator"] != nil { marks.append(attributes) }
    inText = name == "text"
    if inText { texts.append("") }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if inText { texts[texts.count - 1] += string }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?)
  {
    inText = false
  }
}

@Suite struct ChartTests {
  static func input(_ model: ModelSpec, _ work: Workload, on device: String = "h100-sxm") throws
    -> Prediction
  {
    Prediction(
      Scenario(
        try Evaluator(
          model: model, profile: try Catalogue.hardware(device), precision: PrecisionPlan(uniform: .bf16),
          router: .zipf(exponent: 0.5)), work))
  }

  /// Goldens: one per kind of chart. `ROOFTREE_REWRITE_GOLDENS=1 swift test --filter ChartTests` rewrites them;
  /// then look at them as pictures.
  @Test func goldenPictures() throws {
    var charts: [Chart] = []
    let mistral = try Self.input(try Catalogue.model("mistral-7b"), .prefill(batch: 1, inputLength: 8192))
    charts += AnalysisCharts.analyze(mistral)
    let mixtral = try Self.input(try Catalogue.model("mixtral-8x7b"), .decode(batch: 8, contextLength: 1024))
    charts += AnalysisCharts.analyze(mixtral).filter { $0.name == "expert-load" }
    let points = (1...20).map { index -> ScatterChart.Point in
      let measured = Double(index) * 1e-5
      return .init(
        measured: measured, predicted: measured * (0.9 + 0.01 * Double(index)), low: measured * 0.8,
        high: measured * 1.2, group: index % 2)
    }
    charts.append(
      ScatterChart(title: "Predicted against measured", groups: ["gemm", "attention"], points: points)
        .chart(caption: "Made-up points.", finding: "Within 20 %."))
    #expect(
      charts.map(\.name) == [
        "roofline", "time", "memory", "attention-traffic", "receptive-field", "expert-load", "scatter",
      ])
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens")
    for chart in charts {
      let file = folder.appending(path: chart.name + ".svg")
      if ProcessInfo.processInfo.environment["ROOFTREE_REWRITE_GOLDENS"] == "1" {
        try chart.svg().write(to: file, atomically: true, encoding: .utf8)
      } else {
        #expect(try String(contentsOf: file, encoding: .utf8) == chart.svg(), "\(chart.name)")
      }
      _ = try Elements.of(chart.svg())
    }
  }

  @Test(arguments: ["gpt-2", "llama-3-70b", "mixtral-8x7b", "mistral-7b"], ["h100-sxm", "epyc-9654", "l4"])
  func everyMarkIsInsideAndUnderItsRoof(name: String, device: String) throws {
    for work in [Workload.prefill(batch: 2, inputLength: 1000), .decode(batch: 3, contextLength: 1000)] {
      let input = try Self.input(try Catalogue.model(name), work, on: device)
      let profile = input.profile
      let analysis = input.analysis
      let chart = RooflineChart.chart(input)
      let elements = try Elements.of(chart.svg())
      let withFLOPs = analysis.operators.count { $0.flops > 0 }
      #expect(elements.marks.count == withFLOPs)
      for mark in elements.marks {
        let rate = try #require(Double(mark["data-rate"] ?? ""))
        let intensity = try #require(Double(mark["data-intensity"] ?? ""))
        let peak = try #require(profile.peaks.map(\.flopsPerSecond).max())
        #expect(
          rate <= 1.000_001
            * min(max(peak, profile.vectorFLOPsPerSecond), intensity * profile.levels[0].bytesPerSecond))
        if let x = mark["cx"].flatMap(Double.init), let y = mark["cy"].flatMap(Double.init) {
          #expect(x >= 74 && x <= chart.width && y >= 40 && y <= chart.height - 52)
        }
      }
    }
  }

  /// Names that are markup, formulas, or in another script come out as text in every format.
  @Test(arguments: [
    "<script>alert(1)</script>", "a | b", "=HYPERLINK(\"http://x\")", "نموذج", "模型", "& \"quoted\" 'x'",
    "]]>",
    "</title><b>", "{{title}}",
  ])
  func hostileNames(name: String) throws {
    var model = try Catalogue.model("mixtral-8x7b")
    model.name = name
    model.title = name
    model.kinds[0].name = name
    let input = try Self.input(model, .prefill(batch: 1, inputLength: 100))
    var document = AnalysisReport.document(input, .init(explain: true))
    document.command = "rooftree analyze '\(name)'"
    let html = ReportFormat.html.text(of: document)
    #expect(!html.contains("<script>alert") && !html.contains("</title><b>"))
    #expect(html.contains(name.markup) || html.contains(name))
    let svg = try Elements.of(ReportFormat.svg.text(of: document))
    #expect(svg.texts.contains { $0.contains(name) })
    let words = svg.texts.joined(separator: " ")
    #expect(words.contains("on NVIDIA H100 SXM5 80 GB, prefill of 1 × 100 tokens"))
    #expect(words.contains("Made by: rooftree analyze"))
    let markdown = ReportFormat.markdown.text(of: document)
    for line in markdown.split(separator: "\n")
    where line.hasPrefix("| operator") || line.hasPrefix("| embedding") {
      #expect(line.replacing("\\|", with: "").count { $0 == "|" } == 12, "\(line)")
    }
    #expect(!markdown.split(separator: "\n").contains { $0.hasPrefix("# <script") })
    let csv = ReportFormat.csv.text(of: CatalogueReport.models([model])).split(separator: "\n")
    if name.hasPrefix("=") { #expect(csv[1].hasPrefix("\"'=HYPERLINK")) }
    let json = ReportFormat.json.text(of: document)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect((object["model"] as? [String: Any])?["name"] as? String == name)
    #expect(ReportFormat.text.text(of: document).contains(name))
  }

  @Test func tenThousandOperatorsAndNone() throws {
    var many = try Catalogue.model("llama-3-8b")
    let kind = many.kinds[0]
    many.kinds = (0..<900).map { LayerKind(name: "kind \($0)", layer: kind.layer) }
    many.pattern = Array(0..<900)
    let work = Workload.decode(batch: 1, contextLength: 100)
    var input = try Self.input(many, work)
    #expect(input.analysis.operators.count > 10_000)
    _ = try Elements.of(RooflineChart.chart(input).svg())

    input.analysis.operators = []
    let empty = RooflineChart.chart(input)
    #expect(try Elements.of(empty.svg()).marks.isEmpty)
    #expect(empty.finding == "No operator.")
  }

  /// Zero and what is not finite have no place on a logarithmic axis.
  @Test func axes() {
    let axis = Axis.logarithmic([0, -1, .nan, .infinity, 3, 4000], start: 0, end: 100)
    #expect(axis.low == 1 && axis.high == 10_000)
    #expect(axis.place(0) == nil && axis.place(-1) == nil && axis.place(.nan) == nil)
    #expect(axis.place(100) == 50)
    #expect(Axis.logarithmic([], start: 0, end: 1).ticks == [1, 10])
    let linear = Axis.linear([0, 73], start: 0, end: 100)
    #expect(linear.ticks == [0, 20, 40, 60, 80])
    #expect(Axis.linear([], start: 0, end: 1).place(0) == 0)
  }
}
