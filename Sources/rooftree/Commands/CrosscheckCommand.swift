import ArgumentParser
import CostModel
import Kernels
import Reporting
import Specs

struct CrosscheckCommand: ParsableCommand {
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
  @Flag(help: "Traffic only: computed, the same on every run.") var noTiming = false
  @Flag(help: "What is claimed of these architectures, in bytes counted by the kernels; computed.")
  var claims = false
  @OptionGroup var bench: BenchOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      if claims { return try output.write(ClaimsReport.document()) }
      let threads = try bench.threadCount()
      let list = noTiming ? [] : try bench.kernels(named: [])
      let sheet = try datasheet.map { try Catalogue.hardware($0) }
      Interruption.arm()
      let progress = MeasuringProgress("checking")
      var profile: HardwareProfile?
      if !noTiming {
        profile = try on.map { try Catalogue.hardware($0) } ?? Probe(threads: threads).run().profile
      }
      let caches = CacheGeometry.standard
      var traffic: [Crosscheck.Traffic] = []
      for kernel in Grid.witnesses where !Interruption.happened {
        progress.show(0.1, kernel.name)
        traffic += Crosscheck.traffic(kernel, caches: caches)
      }
      let runs = Bench(threads: threads, budgetSeconds: bench.budget).run(list) {
        progress.show(0.3 + 0.7 * $0, $1)
      }
      progress.finish()
      let times = profile.map { profile in
        runs.compactMap { Crosscheck.time($0, on: profile, datasheet: sheet) }
      }
      try output.write(CrosscheckReport.document(traffic, times ?? []))
      if (traffic.map(\.flags) + (times ?? []).map(\.flags)).contains(where: Crosscheck.failed) {
        throw ExitCode(1)
      }
    }
  }
}
