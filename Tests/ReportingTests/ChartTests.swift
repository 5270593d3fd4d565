import Basics
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
    let points = (1...20).map { index in
      RatioFacets.Point(
        size: Double(index) * 1e-5, ratio: index == 20 ? 3 : 0.9 + 0.01 * Double(index), low: 0.8, high: 1.2,
        name: "run \(index)")
    }
    charts.append(
      RatioFacets(
        name: "ratios", title: "Measured over predicted", subtitle: "made up", horizontalTitle: "time",
        verticalTitle: "measured ÷ predicted",
        facets: [("gemm", points, Units.seconds), ("attention", points, Units.seconds)]
      ).chart(caption: "Made-up points.", finding: "Within 20 %."))
    charts.append(
      Waterfall(
        name: "waterfall", title: "From a to b", subtitle: "made up", from: ("a", 3), to: ("b", 1.5),
        steps: [("heads", -2), ("norms", 0), ("width", 0.5)], shown: Units.seconds
      ).chart(caption: "Made up."))
    charts.append(
      RooflineChart.chart(
        [mistral, try Self.input(try Catalogue.model("gpt-2"), .prefill(batch: 1, inputLength: 1024))],
        name: "roofline-models"))
    #expect(
      charts.map(\.name) == [
        "roofline", "time", "memory", "attention-traffic", "receptive-field", "expert-load", "ratios",
        "waterfall",
        "roofline-models",
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
      // Every operator once, alone or in a group.
      let withFLOPs = analysis.operators.count { $0.flops > 0 }
      let names = elements.marks.flatMap { ($0["data-operator"] ?? "").split(separator: "\n") }
      #expect(names.count == withFLOPs && Set(names).count == withFLOPs)
      for mark in elements.marks {
        let rate = try #require(Double(mark["data-rate"] ?? ""))
        let intensity = try #require(Double(mark["data-intensity"] ?? ""))
        let peak = try #require(profile.peaks.map(\.flopsPerSecond).max())
        let level = try #require(profile.levels.first { $0.name == mark["data-level"] })
        #expect(
          rate <= 1.000_001 * min(max(peak, profile.vectorFLOPsPerSecond), intensity * level.bytesPerSecond))
        // A twentieth of the time or more has its name.
        if try #require(Double(mark["data-share"] ?? "")) >= 0.05 {
          let name = (mark["data-operator"] ?? "").prefix { $0 != " " && $0 != "\n" }
          #expect(elements.texts.contains { $0.contains(name) }, "\(name)")
        }
        if let x = mark["cx"].flatMap(Double.init), let y = mark["cy"].flatMap(Double.init) {
          #expect(x >= 46 && x <= chart.width && y >= 40 && y <= chart.height - 40)
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
    #expect(words.contains("NVIDIA H100 SXM5 80 GB, bf16: prefill of 1 × 100 tokens"))
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

  /// Sixteen series have sixteen outlines and as many colours, in light and in dark.
  @Test func nothingRepeats() {
    let outlines = (0..<16).map { MarkShape.element($0, x: 0, y: 0, size: 10, "") }
    #expect(Set(outlines).count == 16 && ChartStyle.categories.count < 16)
    let colours = ChartStyle.sheet.split(separator: "}").filter {
      $0.contains("{fill:") && $0.hasPrefix(".f")
    }
    .map { $0.split(separator: "{")[1] }
    #expect(colours.count == 32 && Set(colours).count == 32)
  }

  /// No label on another, on a mark or on a roof, wherever marks are.
  @Test func labelsKeepClear() throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<20 {
      var labels = Labels(left: 0, top: 0, right: 360, bottom: 260)
      let roof = Labels.Line(a: (0, 260), b: (260, 0))
      labels.reserve(roof: roof)
      let marks = (0..<12).map { _ in (x: 40 + 280 * random.unit(), y: 40 + 180 * random.unit()) }
      for mark in marks { labels.reserve(mark: mark.x, mark.y, radius: 5) }
      var boxes: [Labels.Box] = []
      for (index, mark) in marks.enumerated() {
        let text = "projection \(index)"
        let width = Lettering.width(of: text)
        let found = labels.place([text], x: mark.x, y: mark.y, radius: 5)
        let place = try #require(found)
        let start =
          place.anchor == .start ? place.x : place.anchor == .end ? place.x - width : place.x - width / 2
        let box = Labels.Box(x: start, y: place.baseline - 10.5, width: width, height: 13.5)
        #expect(!box.isCrossed(by: roof) && !boxes.contains { $0.touches(box, gap: 0) })
        #expect(
          !marks.contains { Labels.Box(x: $0.x - 5, y: $0.y - 5, width: 10, height: 10).touches(box, gap: 0) }
        )
        boxes.append(box)
        if let end = place.leader?.b {
          #expect(
            abs(((end.x - mark.x) * (end.x - mark.x) + (end.y - mark.y) * (end.y - mark.y)).squareRoot() - 5)
              < 1e-9)
        }
      }
    }
  }

  /// Whatever lies on a logarithmic axis, two figures or more tell its scale, from one end to the other.
  @Test func fewDecadesHaveTicksBetween() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<200 {
      let value = exponential(40 * random.unit() - 20)
      let axis = Axis.logarithmic([value, value * (1 + 9 * random.unit())], start: 0, end: 1, tight: true)
      #expect(axis.ticks.count >= 2 && axis.ticks == axis.ticks.sorted(), "\(value): \(axis.ticks)")
      #expect(axis.ticks.allSatisfy { axis.place($0).map { (-1e-6...1.000_001).contains($0) } == true })
    }
  }

  /// Models whose marks coincide share a label: a dot for each, and no name twice.
  @Test func modelsShareLabels() throws {
    let work = Workload.decode(batch: 1, contextLength: 2048)
    let svg = RooflineChart.chart(
      try ["mistral-7b", "phi-4"].map { try Self.input(Catalogue.model($0), work) }, name: "r"
    ).svg()
    let labels = svg.matches(of: /((?:<tspan class="f\d+">●<\/tspan>)+) gate_up_projection/)
    #expect(labels.count == 1 && labels[0].1.contains("f0") && labels[0].1.contains("f1"), "\(svg)")
  }

  /// Zero and what is not finite have no place on a logarithmic axis.
  @Test func axes() {
    let axis = Axis.logarithmic([0, -1, .nan, .infinity, 3, 4000], start: 0, end: 100)
    #expect(axis.low == 1 && axis.high == 10_000)
    #expect(axis.place(0) == nil && axis.place(-1) == nil && axis.place(.nan) == nil)
    #expect(axis.place(100) == 50)
    #expect(Axis.logarithmic([], start: 0, end: 1).ticks == [1, 2, 5, 10])
    let linear = Axis.linear([0, 73], start: 0, end: 100)
    #expect(linear.ticks == [0, 20, 40, 60, 80])
    #expect(Axis.linear([], start: 0, end: 1).place(0) == 0)
  }
}
