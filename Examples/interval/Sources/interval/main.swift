import Calibration
import Specs

var resolver = Resolver()
let request = ScenarioRequest(
  model: "llama-3-8b", device: "h100-sxm", phase: .decode, batch: 8, contextLength: 4096)
let step = try resolver.prediction(of: request)
print("\(step.latency) s, 80 % between \(step.low) and \(step.high)")
