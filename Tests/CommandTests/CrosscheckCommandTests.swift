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

  @Test func randomShapesAreTheSameFromRunToRun() throws {
    let line = "crosscheck --no-timing --random 12 --seed 5 --kernel stream-copy:n=5000 --format csv"
    let runs = try (0..<2).map { _ in try Tool.run(line) }
    #expect(runs[0].status == 0 && runs[0].output == runs[1].output && runs[0].output.contains("gemm"))
  }

  /// Starts the tool, interrupts it until it listens, and waits: a busy machine takes seconds to start it.
  private func interrupted(_ line: String, after seconds: Double, in folder: URL) throws -> Tool.Outcome {
    try Tool.shell(
      "$TOOL \(line) & pid=$!; sleep \(seconds); while kill -INT $pid; do sleep 0.5; done 2>/dev/null; wait $pid",
      in: folder)
  }

  @Test func anInterruptedCheckHasNoVerdictAndTouchesNoReport() throws {
    let scratch = try Scratch()
    let earlier = try scratch.file("report.txt", "earlier")
    let run = try interrupted(
      "crosscheck --no-timing --random 100000 --output report.txt", after: 2, in: scratch.url)
    #expect(run.status == 130 && run.errors.contains("interrupted: "), "\(run.status) \(run.errors)")
    #expect(run.errors.contains(" kernels") && !run.output.contains("no disagreement"))
    #expect(run.output.contains("Cross-check interrupted"))
    #expect(try String(contentsOfFile: earlier, encoding: .utf8) == "earlier")
  }

  @Test func anInterruptedBenchKeepsWhatItFinished() throws {
    let scratch = try Scratch()
    let shapes = String(repeating: " --kernel gemm:m=256,n=256,k=256", count: 400)
    let run = try interrupted(
      "bench\(shapes) --budget 30 --threads 1 --format csv --output runs.csv", after: 3, in: scratch.url)
    #expect(run.status == 130, "\(run.status) \(run.errors)")
    let words = run.errors.split(separator: " ")
    let finished = try #require(words.firstIndex(of: "of").flatMap { Int(words[$0 - 1]) })
    let kept = try? String(contentsOf: scratch.url.appending(path: "runs.csv"), encoding: .utf8)
    #expect(kept?.split(separator: "\n").count == (finished == 0 ? nil : finished + 1))
  }

  /// More threads than any fixed size foresaw.
  @Test(arguments: [65, 256]) func manyThreadsAreRight(_ threads: Int) throws {
    let run = try Tool.run(
      "bench --kernel stream-read:n=100000 --threads \(threads) --budget 0.01 --format json")
    let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    let error = (json?["runs"] as? [[String: Any]])?.first?["error"] as? Double
    #expect(run.status == 0 && error.map { $0 < 1e-5 } == true, "\(run.errors)")
  }
}
