import AllocationCounter
import CostModel
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

func evaluations(_ name: String, _ work: (Int) -> Workload) throws {
  let model = try Catalogue.model(name)
  let profile = try Catalogue.hardware("h100-sxm")
  let evaluator = try Evaluator(model: model, profile: profile, precision: PrecisionPlan(uniform: .bf16))
  let before = allocation_count()
  let (rate, sum) = best(of: 500_000) { count in
    var seconds = 0.0
    for index in 0..<count { seconds += evaluator.totals(work(index)).seconds }
    return seconds
  }
  let allocations = before < 0 ? "uncounted" : "\(allocation_count() - before)"
  print("\(name): \(Int(rate)) evaluations/s per core, \(allocations) allocations, checksum \(sum)")
}

let (limit, checksum) = best(of: 500_000) { count in
  var value = 1.0
  for index in 0..<(count * 15 * 3) { value = value * 0.999_999 + Double(index & 7) * 1e-9 }
  return value
}
print(
  "limit: \(Int(limit)) bare rooflines/s (15 operators × 3 levels of dependent multiply-adds), checksum \(checksum)"
)
for name in ["llama-3-70b", "mixtral-8x7b", "gpt-3-175b"] {
  try evaluations(name) { .decode(batch: Double(1 + $0 & 127), contextLength: Double(1024 + $0 & 4095)) }
}
