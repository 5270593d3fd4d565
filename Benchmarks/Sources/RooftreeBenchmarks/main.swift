import AllocationCounter
import Calibration
import CostModel
import Deployment
import Specs

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Whole-model evaluations per second on one core, beside a limit measured in the same run: how often per second
// this core can do the same count of dependent multiply-adds that a bare roofline of 15 operators needs.

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Best of several rounds, in evaluations per second.
func best(rounds: Int = 7, of count: Int, _ body: (Int) -> Double) -> (rate: Double, sum: Double) {
  var best = 0.0
  var sum = 0.0
  for _ in 0..<rounds {
    let start = cpuSeconds()
    sum += body(count)
    best = max(best, Double(count) / (cpuSeconds() - start))
  }
  return (best, sum)
}

/// What to run, by any part of its name; everything unless it is said.
let wanted = CommandLine.arguments.dropFirst().first ?? ""

/// Evaluations a second, and what they allocate.
func report(_ name: String, of count: Int, _ evaluate: (Int) -> Double) {
  guard wanted.isEmpty || name.contains(wanted) else { return }
  // Constants that are made on first use are no allocations of a total.
  _ = evaluate(0)
  let before = allocation_count()
  let (rate, sum) = best(of: count) { count in
    var seconds = 0.0
    for index in 0..<count { seconds += evaluate(index) }
    return seconds
  }
  let allocations = before < 0 ? "uncounted" : "\(allocation_count() - before)"
  print("\(name): \(Int(rate)) evaluations/s per core, \(allocations) allocations, checksum \(sum)")
}

/// Batches of 1 to 128 over contexts of 1,024 to 5,119 tokens.
func work(_ index: Int) -> Workload {
  .decode(batch: Double(1 + index & 127), contextLength: Double(1024 + index & 4095))
}

let (limit, checksum) = best(of: 500_000) { count in
  var value = 1.0
  for index in 0..<(count * 15 * 3) { value = value * 0.999_999 + Double(index & 7) * 1e-9 }
  return value
}
print(
  "limit: \(Int(limit)) bare rooflines/s (15 operators × 3 levels of dependent multiply-adds), checksum \(checksum)"
)
let profile = try Catalogue.hardware("h100-sxm")
let evaluators = try ["llama-3-70b", "mixtral-8x7b", "gpt-3-175b"].map { name in
  (
    name,
    try Evaluator(
      model: try Catalogue.model(name), profile: profile, precision: PrecisionPlan(uniform: .bf16))
  )
}
for (name, evaluator) in evaluators {
  report(name, of: 500_000) { evaluator.totals(work($0)).seconds }
}

// Over eight devices: one rank with its messages.
let deployments = try evaluators.map { name, evaluator in
  var split = Split()
  split.tensor = 8
  if !evaluator.model.mixtures.isEmpty { split.expert = 8 }
  return (
    name,
    try DeployedModel(
      evaluator.model, on: profile, precision: evaluator.precision, split: split,
      cluster: Cluster(devices: 8, of: profile), links: try Catalogue.links())
  )
}
for (name, deployed) in deployments {
  report("\(name) over 8 devices", of: 500_000) { deployed.totals(work($0)).seconds }
}

// Servers under load, fixed point of batch, pass time and prefill share and all.
let recipe = try Catalogue.recipe("vllm")
let taught = try ServingFile.shipped().fit
for (name, deployed) in deployments {
  let passes = try DeployedPasses(deployed, recipe: recipe, taught.pass)
  let steady = SteadyState(passes, recipe: recipe, parameters: taught.queue)
  report("\(name) under load", of: 20_000) { index in
    steady.means(
      ServingLoad(
        .closed(concurrency: Double(1 + index & 127)), input: Double(512 + index & 4095), output: 256,
        rounds: 10)
    ).timePerToken
  }
}

// The same by fitted kernels: each asked anew, and products' times from a table made once.
let reading = cpuSeconds()
if let fits = try Calibrations.shipped(for: profile), let predictor = Predictor(fits, on: profile) {
  print("calibration of \(fits.hardware) read in \(Int((cpuSeconds() - reading) * 1e6)) µs")
  for (name, evaluator) in evaluators {
    let making = cpuSeconds()
    let fitted = FittedPricing(predictor, framework: .vllm, for: evaluator)
    let made = cpuSeconds()
    let table = TabulatedPricing(fitted, for: evaluator, rows: 4096)
    print(
      "\(name): fits resolved in \(Int((made - making) * 1e6)) µs,"
        + " table of 4,096 rows made in \(Int((cpuSeconds() - made) * 1e3)) ms")
    report("\(name), calibrated", of: 20_000) { evaluator.totals(work($0), by: fitted).seconds }
    report("\(name), calibrated, tabulated", of: 200_000) { evaluator.totals(work($0), by: table).seconds }
  }
  for (name, deployed) in deployments {
    let rank = deployed.stages[0]
    let fitted = FittedPricing(predictor, framework: .vllm, for: rank.evaluator)
    let table = TabulatedPricing(fitted, for: rank.evaluator, rows: 4096)
    report("\(name) over 8 devices, calibrated, tabulated", of: 200_000) {
      rank.totals(work($0), by: table).seconds
    }
  }
}
