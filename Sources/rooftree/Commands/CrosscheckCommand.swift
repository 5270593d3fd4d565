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
      Example:
        rooftree probe --profile here.yaml && rooftree crosscheck --on here.yaml
      """)

  @Option(help: "The probed profile; probed anew unless given.") var on: String?
  @Option(help: "A datasheet's profile to predict with as well.") var datasheet: String?
  @Flag(help: "Run other shapes first and fit to them what each kernel gets of the probed rates.")
  var calibrate = false
  @Flag(help: "Traffic only: computed, the same on every run.") var noTiming = false
  @Flag(help: "What is claimed of these architectures, in bytes counted by the kernels; computed.")
  var claims = false
  @Option(help: "Traffic of as many random shapes besides, every kernel in turn.") var random = 0
  @Option(help: "Which random shapes.") var seed: UInt64 = 1
  @OptionGroup(title: "Kernels") var bench: BenchOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    if claims { return try outputs.write(ClaimsReport.document()) }
    let threads = try bench.threadCount()
    let list = noTiming ? [] : try bench.kernels(named: [])
    let witnesses = try witnesses()
    let sheet = try datasheet.map { try Catalogue.hardware($0) }
    Interruption.arm()
    let progress = Progress("checking")
    var profile: HardwareProfile?
    if !noTiming {
      profile = try on.map { try Catalogue.hardware($0) } ?? Probe(threads: threads).run().profile
    }
    let (systems, own, unsimulated) = Self.systems()
    let counters = noTiming ? nil : HardwareCounters()
    let unheard = noTiming ? "hardware counters: skipped, --no-timing" : counters?.skipped
    var traffic: [Crosscheck.Traffic] = []
    for (index, kernel) in witnesses.enumerated() where !Interruption.happened {
      progress.show((noTiming ? 1 : 0.3) * Double(index) / Double(witnesses.count), kernel.name)
      var rows = Crosscheck.traffic(kernel, systems: systems)
      if let counters, let own { rows.add(counters.count(kernel), of: own) }
      traffic += rows
    }
    let others = calibrate && !noTiming ? Grid.calibration : []
    let calibrating = Bench(threads: threads, budgetSeconds: bench.budget / 2).run(others) {
      progress.show(0.3 + 0.3 * $0, $1)
    }
    let runs = Bench(threads: threads, budgetSeconds: bench.budget).run(list) {
      progress.show(others.isEmpty ? 0.3 + 0.7 * $0 : 0.6 + 0.4 * $0, $1)
    }
    // Others may have used the machine while it was probed: the better of two probes is what it can do, and the
    // rate of far memory is the one beside each run.
    if on == nil { profile = profile?.better(of: Probe(threads: threads).run().profile) }
    progress.end()
    let times = profile.map { profile -> [Crosscheck.Time] in
      func beside(_ run: Bench.Run) -> HardwareProfile {
        profile.probed != nil ? profile.reading(run.farBytesPerSecond) : profile
      }
      let calibration =
        others.isEmpty
        ? nil : KernelCalibration(calibrating.map { ($0.kernel, $0.warm.minimum, beside($0)) })
      return runs.compactMap {
        Crosscheck.time($0, on: beside($0), datasheet: sheet, calibration: calibration)
      }
    }
    try outputs.write(
      CrosscheckReport.document(
        traffic, times ?? [], skipped: [unsimulated, unheard].compactMap { $0 },
        measured: "\(Topology.read().processor), \(threads) threads, \(Today.text)"))
    let fitted = Crosscheck.calibratedError(times ?? []) ?? 0
    let disagrees = traffic.contains { $0.disagrees } || (times ?? []).contains { $0.disagrees }
    if disagrees || fitted > Crosscheck.calibratedBound {
      throw ExitCode(.no)
    }
  }

  /// Shapes given by hand, or the grid; and random ones.
  private func witnesses() throws -> [any Kernel] {
    guard (0...100_000).contains(random) else {
      throw InputError(.usage, "--random \(random): accepted: 0 to 100000")
    }
    let given = try bench.given()
    var shapes = RandomKernels(seed: seed, mostAccesses: 2e7)
    return (given.isEmpty ? Grid.witnesses : given) + (0..<random).map { shapes.next($0) }
  }

  /// What is simulated, this machine's own caches, and why they are missing.
  private static func systems() -> (systems: [CacheSystem], own: CacheSystem?, unsimulated: String?) {
    switch Topology.read().cacheSystem() {
    case .success(let own): (CacheSystem.standard + [own], own, nil)
    case .failure(let why): (CacheSystem.standard, nil, "this machine's caches: skipped, \(why.reason)")
    }
  }
}
