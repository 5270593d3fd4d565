import CostModel
import Specs

/// Seconds to expect, their 80 % interval, and the bound that nothing beats.
public struct Span: Hashable, Sendable {
  /// To expect.
  public var seconds: Double
  /// The 80 % interval; both `seconds` where pricing has none.
  public var low, high: Double
  /// What no implementation beats.
  public var best: Double

  /// Of a pass.
  public init(_ prediction: Prediction) {
    let totals = prediction.totals
    (seconds, low, high) = (prediction.latency, prediction.low, prediction.high)
    best = totals.floor.seconds * prediction.latency / totals.seconds
  }

  /// One after the other; what is wrong with one is wrong with the next, so that ends add up.
  static func + (a: Span, b: Span) -> Span {
    var sum = a
    sum.seconds += b.seconds
    sum.low += b.low
    sum.high += b.high
    sum.best += b.best
    return sum
  }

  static func * (span: Span, count: Double) -> Span {
    var product = span
    product.seconds *= count
    product.low *= count
    product.high *= count
    product.best *= count
    return product
  }
}

/// Requests that start together: a prompt, then one token after the other behind a growing cache.
public struct PredictedRequest: Sendable {
  /// The prompt.
  public let prefill: Prediction
  /// The step in the middle.
  public let decode: Prediction
  /// What the last step has to hold, the fullest of all.
  public let memory: MemoryFootprint
  /// The last step, which decides what fits.
  public let last: Scenario
  /// Tokens of each prompt, and those generated, the first among them.
  public let inputLength, outputLength: Double
  /// Until the first token.
  public let firstToken: Span
  /// A token after the first, on average.
  public let perToken: Span
  /// The whole request.
  public let whole: Span

  /// Steps that stand for all; between them the time goes in straight lines.
  private static let samples = 33.0

  /// - Parameters:
  ///   - prompt: the prefill.
  ///   - step: a decode step of the same sequences, whatever its context.
  init(prompt: Prediction, step: Prediction, outputLength: Double) {
    let work = prompt.scenario.workload
    let steps = outputLength - 1
    func prediction(after generated: Double) -> Prediction {
      var work = step.scenario.workload
      work.prefix = prompt.scenario.workload.length + generated
      return Prediction(step.scenario.asking(work), by: step.pricing)
    }
    let count = min(max(steps, 1), Self.samples)
    var (sum, weights) = (Span(prompt) * 0, 0.0)
    for index in 0..<Int(count) {
      let at = count > 1 ? (Double(index) * (steps - 1) / (count - 1)).rounded() : 0
      // Ends of a trapezoid count half, unless every step is there.
      let weight = count < steps && (index == 0 || index == Int(count) - 1) ? 0.5 : 1
      sum = sum + Span(prediction(after: at)) * weight
      weights += weight
    }
    prefill = prompt
    decode = prediction(after: ((steps - 1) / 2).rounded(.down))
    let last = prediction(after: max(0, steps - 1))
    (self.last, memory) = (last.scenario, last.memory)
    (inputLength, self.outputLength) = (work.queries, outputLength)
    firstToken = Span(prompt)
    perToken = sum * (1 / weights)
    whole = firstToken + perToken * steps
  }

  /// What was evaluated.
  public var model: ModelSpec { decode.model }
  /// Where.
  public var profile: HardwareProfile { decode.profile }
  /// Tokens generated a second, of all requests together.
  public var tokensPerSecond: Double {
    prefill.scenario.workload.batch * outputLength / whole.seconds
  }
  /// The most such requests that the memory holds, in prompt and steps.
  public var largestBatch: Double { min(last.largestBatch, prefill.scenario.largestBatch) }
  /// Both passes hold, the longest step among them.
  public var fits: Bool { memory.fits && prefill.memory.fits }
}

extension Resolver {
  /// A whole request: `--input-len` tokens in, `--output-len` out.
  ///
  /// - Throws: see `prediction(of:)`.
  public mutating func wholeRequest(_ request: ScenarioRequest) throws(InputError) -> PredictedRequest {
    guard let output = request.outputLength, (1...1_000_000_000).contains(output) else {
      throw InputError(
        .usage, "--output-len is \(request.outputLength ?? 0); accepted: 1 to 1,000,000,000")
    }
    var prompt = request
    (prompt.phase, prompt.outputLength) = (.prefill, nil)
    let first = try prediction(of: prompt)
    let work = first.scenario.workload
    var step = prompt
    step.logits = .last
    (step.phase, step.inputLength, step.contextLength) = (.decode, nil, Int(work.length) + output - 1)
    return PredictedRequest(
      prompt: first, step: try prediction(of: step), outputLength: Double(output))
  }
}
