import Foundation
import Testing

/// Shapes given by hand, as a user gives them.
@Suite struct CrosscheckCommandTests {
  @Test func shapesByHandAreChecked() throws {
    let run = try Tool.run(
      "crosscheck --no-timing --kernel gemm:m=7,n=64,k=30 --kernel rmsnorm:rows=3,width=80 --format json")
    #expect(run.status == 0, "\(run.errors)")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let rows = try #require(json["traffic"] as? [[String: Any]])
    #expect(Set(rows.compactMap { $0["kernel"] as? String }) == ["gemm", "rmsnorm"])
    #expect(Set(rows.compactMap { $0["caches"] as? String }).isSuperset(of: ["alone", "chain"]))
    // The cost model is heard on each: with all of it held, every operand crosses once.
    #expect(rows.allSatisfy { $0["model_bytes"] is Double })
    let held = rows.filter { $0["kernel"] as? String == "rmsnorm" && $0["level"] as? String == "2 MiB" }
    #expect(held.allSatisfy { $0["model_bytes"] as? Double == Double((2 * 3 + 1) * 80 * 4) })
    #expect(held.allSatisfy { $0["operator_bytes"] as? Double == Double((2 * 3 + 1) * 80 * 4) })
    #expect((json["skipped"] as? [String])?.contains { $0.hasPrefix("hardware counters: skipped") } == true)
  }

  @Test(arguments: [
    ("crosscheck --no-timing --kernel gemm:m=7", "n is missing"),
    ("bench --kernel gemv:n=4,q=3", "no dimension “q”"),
    ("crosscheck --no-timing --kernel decod:context=3", "did you mean “decode”"),
    ("crosscheck --no-timing --random -1", "--random"),
  ])
  func wrongUsageIsRefused(_ line: String, _ words: String) throws {
    let run = try Tool.run(line)
    #expect(run.status == 64 && run.errors.contains(words), "\(run.status): \(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test func picturesAreDrawn() throws {
    let run = try Tool.run("crosscheck --no-timing --kernel stream-copy:n=5000 --format svg")
    #expect(run.status == 0 && run.output.contains("<svg") && run.output.contains("stream-copy"))
  }
}
