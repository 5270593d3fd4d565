import ArgumentParser
import Calibration
import CostModel
import Kernels
import Reporting
import Specs

extension CrosscheckCommand {
  /// Tokens that the engine generates, and how often it does everything.
  private static let (generated, repeats) = (32, 5)

  /// An installed engine's passes on a model's file, beside what the probed profile says of them.
  func witness(_ engine: String, to outputs: [Output]) throws {
    let threads = try bench.effort().threads
    let (file, tokens) = (bench.model ?? "", bench.tokens ?? 128)
    guard file.lowercased().hasSuffix(".gguf") else {
      throw InputError(
        .usage,
        "--engine takes --model FILE.gguf; Benchmarks/Engines/make_gguf.py makes one of random weights")
    }
    guard (1...512).contains(tokens) else {
      throw InputError(.usage, "--tokens \(tokens): accepted with --engine: 1 to 512, one micro-batch")
    }
    let model = try bench.reading.find(file)
    Interruption.arm()
    let progress = Progress("probing")
    let clock = Bench(threads: threads)
    var profile = try on.map { try Catalogue.hardware($0) } ?? Probe(threads: threads).run().profile
    let before = clock.noise()
    progress.end()
    let text = try EngineProcess.output(of: [
      engine, "-m", file, "-p", "\(tokens)", "-n", "\(Self.generated)", "-t", "\(threads)", "-r",
      "\(Self.repeats)", "-ngl", "0", "-o", "json",
    ])
    let after = clock.noise()
    if on == nil { profile = profile.better(of: Probe(threads: threads).run().profile) }
    let noise = before.louder(of: after)
    let now = profile.reading((before.farBytesPerSecond + after.farBytesPerSecond) / 2)
    profile = profile.reading(max(noise.farBytesPerSecond, profile.levels.first?.bytesPerSecond ?? 0))
    if Interruption.happened { try endInterrupted("no verdict") }
    let judged = !noise.isTooLoud
    let checks = try EngineRun.llamaBench(text, from: engine).map {
      try EngineCheck($0, of: model, on: profile, now: now, judged: judged)
    }
    let name = engine.split(separator: "/").last.map(String.init) ?? engine
    try outputs.write(
      EngineReport.document(
        checks, engine: name, machine: "\(Topology.read().processor), \(threads) threads, \(Today.text)",
        noise: noise))
    if checks.contains(where: \.disagrees) { throw ExitCode(.no) }
  }
}
