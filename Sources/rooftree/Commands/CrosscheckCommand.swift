import ArgumentParser
import CostModel
import Kernels
import Reporting
import Specs

struct CrosscheckCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "crosscheck",
    abstract:
      "Predicted against counted, simulated and measured, kernel by kernel; exit 1 where they differ.",
    discussion: """
      Examples:
        rooftree probe --profile here.yaml && rooftree crosscheck --on here.yaml
        rooftree crosscheck --engine llama-bench --model tinyllama-q4_0.gguf
      """)

  @Option(help: "The probed profile; probed anew unless given.") var on: String?
  @Option(help: "A datasheet's profile to predict with as well.") var datasheet: String?
  @Flag(help: "Run other shapes first and fit to them what each kernel gets of the probed rates.")
  var calibrate = false
  @Flag(help: "Traffic only: computed, the same on every run.") var noTiming = false
  @Flag(help: "What is claimed of these architectures, in bytes counted by the kernels; computed.")
  var claims = false
  @Option(help: "Traffic of as many random shapes besides, every kernel in turn.") var random = 0
  @Option(help: "Which random shapes (default: 1).") var seed: UInt64?
  @Option(
    help: ArgumentHelp(
      "An engine that is installed here, by its name or path, instead of kernels: llama-bench.",
      discussion: "Runs it on --model FILE.gguf and holds its times against bound and expectation."))
  var engine: String?
  @OptionGroup(title: "Kernels") var bench: BenchOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    let chosen = [("--random", random != 0), ("--seed", seed != nil)] + bench.byHand
    let judged = [("--datasheet", datasheet != nil), ("--calibrate", calibrate)]
    if claims {
      try refuse(
        [("--engine", engine != nil), ("--on", on != nil), ("--no-timing", noTiming)] + judged + chosen
          + bench.ofLayer + bench.ofMeasuring, in: "--claims")
      return try outputs.write(ClaimsReport.document())
    }
    if let engine {
      try refuse(
        judged + [
          ("--no-timing", noTiming), ("--context-len", bench.context != nil),
          ("--budget", bench.budget != nil),
        ]
          + chosen, in: "--engine")
      return try witness(engine, to: outputs)
    }
    if noTiming {
      try refuse([("--on", on != nil)] + judged + bench.ofLayer + bench.ofMeasuring, in: "--no-timing")
    }
    if random == 0 { try refuse([("--seed", seed != nil)], in: "shapes that are not --random") }
    let (threads, seconds) = try bench.effort()
    let list = noTiming ? [] : try bench.kernels(named: [])
    guard (0...100_000).contains(random) else {
      throw InputError(.usage, "--random \(random): accepted: 0 to 100000")
    }
    let given = try bench.given()
    let fixed = given.isEmpty ? Grid.witnesses : given
    let shown = fixed.count + random
    var shapes = RandomKernels(seed: seed ?? 1, mostAccesses: 2e7)
    let sheet = try datasheet.map { try Catalogue.hardware($0) }
    Interruption.arm()
    let progress = Progress("checking")
    let clock = Bench(threads: threads, budgetSeconds: seconds)
    var noise = noTiming ? nil : clock.noise()
    var profile: HardwareProfile?
    if !noTiming {
      profile = try on.map { try Catalogue.hardware($0) } ?? Probe(threads: threads).run().profile
    }
    let (systems, own, unsimulated) = Self.systems()
    let counters = noTiming ? nil : HardwareCounters()
    let unheard = noTiming ? "hardware counters: skipped, --no-timing" : counters?.skipped
    var traffic: [Crosscheck.Traffic] = []
    var finished = 0
    for index in 0..<shown where !Interruption.happened {
      let kernel = index < fixed.count ? fixed[index] : shapes.next(index - fixed.count)
      progress.show((noTiming ? 1 : 0.3) * Double(index) / Double(shown), kernel.name)
      var rows = Crosscheck.traffic(kernel, systems: systems)
      if let counters, let own { rows.add(counters.count(kernel), of: own) }
      traffic += rows
      finished += 1
    }
    let others = calibrate && !noTiming ? Grid.calibration : []
    let calibrating = Bench(threads: threads, budgetSeconds: seconds / 2).run(others) {
      progress.show(0.3 + 0.3 * $0, $1)
    }
    var runs = clock.run(list) { progress.show(others.isEmpty ? 0.3 + 0.7 * $0 : 0.6 + 0.4 * $0, $1) }
    finished += runs.count
    // Others may have used the machine while it was probed: the better of two probes is what it can do, and the
    // rate of far memory is the one beside each run.
    if on == nil { profile = profile?.better(of: Probe(threads: threads).run().profile) }
    noise = noise?.louder(of: clock.noise())
    func beside(_ run: Bench.Run, _ profile: HardwareProfile) -> HardwareProfile {
      profile.probed != nil ? profile.reading(run.farBytesPerSecond) : profile
    }
    var times: [Crosscheck.Time] = []
    if let profile, let noise {
      let calibration =
        others.isEmpty
        ? nil : KernelCalibration(calibrating.map { ($0.kernel, $0.warm.minimum, beside($0, profile)) })
      func time(_ run: Bench.Run) -> Crosscheck.Time? {
        Crosscheck.time(
          run, on: beside(run, profile), datasheet: sheet, calibration: calibration, noise: noise)
      }
      // What is off is measured again, twice at most: a moment's disturbance does not come back.
      for index in runs.indices {
        for _ in 0..<2 where time(runs[index])?.disagrees == true && !Interruption.happened {
          if let again = clock.run([runs[index].kernel]).first { runs[index] = again }
        }
      }
      times = runs.compactMap(time)
    }
    progress.end()
    let stopped = Interruption.happened ? "\(finished) of \(shown + list.count) kernels" : nil
    let document = CrosscheckReport.document(
      traffic, times, skipped: [unsimulated, unheard].compactMap { $0 },
      measured: "\(Topology.read().processor), \(threads) threads, \(Today.text)", noise: noise,
      finished: stopped)
    if let stopped {
      // What was finished is shown; an earlier report stays.
      try outputs.map(\.shown).write(document)
      try endInterrupted(stopped)
    }
    try outputs.write(document)
    if Crosscheck.verdict(traffic, times) == .disagree { throw ExitCode(.no) }
  }

  /// What is simulated, this machine's own caches, and why they are missing.
  private static func systems() -> (systems: [CacheSystem], own: CacheSystem?, unsimulated: String?) {
    switch Topology.read().cacheSystem() {
    case .success(let own): (CacheSystem.standard + [own], own, nil)
    case .failure(let why): (CacheSystem.standard, nil, "this machine's caches: skipped, \(why.reason)")
    }
  }
}
