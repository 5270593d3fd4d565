import ArgumentParser
import CostModel
import Import
import Kernels
import Reporting
import Specs

/// Which kernels, how large, on how many threads.
struct BenchOptions: ParsableArguments {
  @Option(help: "The model whose layer gives the shapes (default: llama-3-8b).") var model: String?
  @OptionGroup(title: "Models") var reading: ModelOptions
  @Option(
    name: [.customLong("tokens"), .customLong("input-len")], help: "Rows of the products (default: 128).")
  var tokens: Int?
  @Option(
    name: [.customLong("context-len"), .customLong("ctx")], help: "Keys that attention spans (default: 2048)."
  )
  var context: Int?
  @Option(help: "Threads; all cores unless given.") var threads: Int?
  @Option(help: "Seconds spent on each kernel (default: 0.3).") var budget: Double?
  @Option(help: "Only this product: m,n,k.") var gemm: String?
  @Option(
    name: .customLong("kernel"),
    help:
      "Only this kernel, as gemm:m=64,n=4096,k=4096; repeat it for more. A name alone lists what it needs.")
  var shapes: [String] = []

  /// Threads, and seconds for each kernel.
  func effort() throws -> (threads: Int, seconds: Double) {
    let (count, budget) = (threads ?? Topology.read().cores, budget ?? 0.3)
    guard (1...256).contains(count) else {
      throw InputError(.usage, "--threads \(count): accepted: 1 to 256")
    }
    guard budget > 0, budget <= 600 else {
      throw InputError(.usage, "--budget \(budget): accepted: more than 0, up to 600 seconds")
    }
    return (count, budget)
  }

  var isGiven: Bool { !shapes.isEmpty || gemm != nil }

  /// Options by what they are of: shapes by hand, a model's layer, measuring.
  var byHand: [(name: String, isGiven: Bool)] { [("--kernel", !shapes.isEmpty), ("--gemm", gemm != nil)] }
  var ofLayer: [(name: String, isGiven: Bool)] {
    [
      ("--model", model != nil), ("--ignore-key", !reading.ignoreKey.isEmpty),
      ("--set", !reading.set.isEmpty),
      ("--tokens", tokens != nil), ("--context-len", context != nil),
    ]
  }
  var ofMeasuring: [(name: String, isGiven: Bool)] {
    [("--threads", threads != nil), ("--budget", budget != nil)]
  }

  /// Shapes given by hand, in their order.
  func given() throws -> [any Kernel] {
    let memory = Topology.read().memoryBytes
    return try shapes.map { try KernelText.kernel($0, memoryBytes: memory) }
      + (try gemm.map { [try product($0)] } ?? [])
  }

  private func product(_ gemm: String) throws -> any Kernel {
    let parts = gemm.split(separator: ",").compactMap { Int($0) }
    guard parts.count == 3, parts.allSatisfy({ (1...65_536).contains($0) }) else {
      throw InputError(.usage, "--gemm \(gemm): accepted: m,n,k, each from 1 to 65536")
    }
    return GemmKernel(m: parts[0], n: parts[1], k: parts[2])
  }

  func kernels(named names: [String]) throws -> [any Kernel] {
    let given = try given()
    guard given.isEmpty else {
      try refuse(
        [("\(names.first ?? "")", !names.isEmpty)] + ofLayer, in: "shapes given by --kernel or --gemm")
      return given
    }
    let (model, tokens, context) = (model ?? "llama-3-8b", tokens ?? 128, context ?? 2048)
    guard (1...16_384).contains(tokens), (1...131_072).contains(context) else {
      throw InputError(.usage, "accepted: --tokens 1 to 16384, --context-len 1 to 131072")
    }
    let list = Grid.layer(try reading.find(model), tokens: tokens, context: context)
    guard !list.isEmpty else {
      throw InputError(.usage, "\(model): its first layer has no attention to bench")
    }
    let known = Set(list.map(\.name)).sorted()
    for name in names where !known.contains(name) {
      throw InputError(
        .usage,
        "no kernel “\(name)”; accepted: \(known.joined(separator: ", "))"
          + Suggestion.phrase(for: name, among: known))
    }
    return names.isEmpty ? list : list.filter { names.contains($0.name) }
  }
}

struct BenchCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Run the instrumented kernels, write measured runs.",
    discussion: """
      Examples:
        rooftree bench gemm attention-flash --model llama-3-8b --format csv --output runs.csv

        rooftree probe --profile here.yaml
        rooftree bench --grid --format csv --output runs.csv
        rooftree calibrate --measurements runs.csv --on here.yaml --output here-fits.yaml
        rooftree validate --measurements runs.csv --on here.yaml --calibration here-fits.yaml
      """)

  @Argument(help: "Names of kernels; all unless given.") var kernels: [String] = []
  @Flag(help: "The kernels that `crosscheck --claims` compares in bytes, against the clock.") var claims =
    false
  @Flag(help: "A grid of shapes for `calibrate`: enough of each class of kernel to fit it.") var grid = false
  @Flag(
    help: """
      Columns of the bytes that each kernel moves through this machine's caches, simulated on one thread; empty where \
      that takes minutes.
      """)
  var bytes = false
  @OptionGroup(title: "Kernels") var bench: BenchOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    let chosen = kernels.isEmpty && !bench.isGiven
    guard [claims, grid, !chosen].count(where: { $0 }) <= 1 else {
      throw InputError(
        .usage, "--claims, --grid and kernels by name each choose what runs: accepted: one of them")
    }
    if claims || grid { try refuse(bench.ofLayer, in: claims ? "--claims" : "--grid") }
    let list =
      grid
      ? Grid.runs
      : claims ? Claims.groups.flatMap { $0.sets.flatMap { $0 } } : try bench.kernels(named: kernels)
    let (threads, seconds) = try bench.effort()
    Interruption.arm()
    let progress = Progress("measuring")
    let system = bytes ? try caches() : nil
    let runs = Bench(threads: threads, budgetSeconds: seconds, system: system).run(list) {
      progress.show($0, $1)
    }
    progress.end()
    let finished = "\(runs.count) of \(list.count) kernels"
    // Nothing finished is nothing to put in a file's place.
    if Interruption.happened, runs.isEmpty { try endInterrupted(finished) }
    try outputs.write(
      BenchReport.document(
        runs, processor: Topology.read().processor, version: Arithmetic.best.name,
        date: Today.text, interrupted: Interruption.happened))
    if Interruption.happened { try endInterrupted(finished) }
  }

  private func caches() throws(InputError) -> CacheSystem {
    switch Topology.read().cacheSystem() {
    case .success(let system): return system
    case .failure(let why): throw InputError(.usage, "--bytes: this machine's caches: \(why.reason)")
    }
  }
}
