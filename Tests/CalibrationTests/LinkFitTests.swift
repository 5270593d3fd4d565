import Basics
import Calibration
import CostModel
import Deployment
import Specs
import Testing

/// Laws of messages are taught by measured rows.
@Suite struct LinkFitTests {
  private static let heading = "op,hardware,gpus,nodes,gpus_per_node,bytes,time_us\n"

  /// Rows of a machine whose every message takes `factor` times what is shipped, all small ones.
  private static func rows(_ device: String, factor: Double, largest: Int) throws -> SourceFile {
    let fabric = try Catalogue.hardware(device).fabric
    var text = heading
    for operation in [Collective.allReduce, .allGather, .allToAll] {
      for ranks in [2.0, 8] {
        let times = try #require(
          CollectiveTimes(RankGroup(ranks: ranks, near: 8), over: fabric, by: try Catalogue.links()))
        for exponent in stride(from: 10, through: largest, by: 4) {
          let bytes = Double(1 << exponent)
          let seconds = factor * times.seconds(operation, bytes: bytes)
          text += "\(operation.rawValue),\(device),\(Int(ranks)),1,8,\(Int(bytes)),\(seconds * 1e6)\n"
        }
      }
    }
    return SourceFile(name: "rows.csv", text: text)
  }

  private static func worst(_ source: SourceFile, by links: FittedLinks) throws -> Double {
    let rows = try #require(MeasuredCollectives.read(source, by: links))
    return try rows.map { abs(try #require($0.expected).seconds / $0.measured - 1) }.max() ?? 0
  }

  /// A slower machine of a known generation: what is shipped is off by a third, what was fitted is not.
  @Test func slowerMachine() throws {
    let source = try Self.rows("h100-sxm", factor: 1.5, largest: 22)
    let shipped = try Catalogue.links()
    let profile = try Catalogue.hardware("h100-sxm")
    let fitted = shipped.behind(
      MeasuredCollectives.fit([source], of: profile, from: shipped, sharing: false))
    #expect(try Self.worst(source, by: shipped) > 0.3)
    #expect(try Self.worst(source, by: fitted) < 0.08)
    // Another generation is as it was.
    let other = try Self.rows("b200", factor: 1, largest: 14)
    #expect(try Self.worst(other, by: fitted) < 1e-9)
  }

  /// One small message tells how quick all of a generation's launches are.
  @Test func oneRow() throws {
    let shared = try Catalogue.links().sharedAlone
    let source = try Self.rows("h100-sxm", factor: 1, largest: 18)
    let one = SourceFile(
      name: "one.csv", text: source.text.split(separator: "\n").prefix(2).joined(separator: "\n"))
    let fitted = shared.behind(
      MeasuredCollectives.fit(
        [one], of: try Catalogue.hardware("h100-sxm"), from: shared, sharing: false))
    #expect(try Self.worst(source, by: fitted) < 0.6 * Self.worst(source, by: shared))
  }

  /// What is written is read as it was.
  @Test func filesAreReadAgain() throws {
    let text = LinksFile.text(try Catalogue.links())
    let again = try LinksFile.read(SourceFile(name: "again.yaml", text: text))
    #expect(LinksFile.text(again) == text)
    #expect(again.near.count >= 4)
    #expect(throws: InputError.self) {
      try LinksFile.read(
        SourceFile(
          name: "bad.yaml", text: text.replacing("base_seconds: 0.0000", with: "base_seconds: -1.0000")))
    }
  }
}
