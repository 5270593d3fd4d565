import Calibration
import CostModel
import Specs

/// What a reader asked, in the first lines: does it fit, how fast, what binds.
enum Answer {
  /// Of one pass.
  static func lines(_ prediction: Prediction) -> [String] {
    let (work, scenario) = (prediction.scenario.workload, prediction.scenario)
    let each =
      work.batch == 1 ? "" : ", \(Units.whole(prediction.analysis.tokensPerSecond / work.batch)) a sequence"
    let rate =
      "\(Units.whole(prediction.analysis.tokensPerSecond)) \(work.phase == .prefill ? "prompt " : "")tokens/s"
    return [
      memory(prediction.memory, scenario, batch: scenario.largestBatch),
      time(
        Span(prediction), work.phase == .prefill ? "to the first token" : "a step",
        isFitted: prediction.pricing != nil),
      binds(prediction), rate + each + energy(Span(prediction), work.tokens, prediction.profile),
    ]
  }

  /// Of whole requests.
  static func lines(_ request: PredictedRequest) -> [String] {
    let isFitted = request.decode.pricing != nil
    let (prompt, step) = (request.prefill, request.decode)
    let tokens = prompt.scenario.workload.batch * request.outputLength
    return [
      memory(request.memory, request.last, batch: request.largestBatch),
      time(request.whole, "in all", isFitted: isFitted),
      "first token \(Units.seconds(request.firstToken.seconds)), then"
        + " \(Units.seconds(request.perToken.seconds)) a token (first excluded)",
      "bound by \(prompt.totals.bound.name(prompt.profile)) in the prompt,"
        + " \(step.totals.bound.name(step.profile)) in the steps",
      "\(Units.whole(request.tokensPerSecond)) output tokens/s in all"
        + energy(request.whole, tokens, request.profile),
    ]
  }

  /// `fits: 60.6 of 79.6 GiB left, up to batch 129 or context 8,192`.
  static func memory(_ memory: MemoryFootprint, _ scenario: Scenario, batch: Double) -> String {
    let limits =
      "batch \(count(batch)) or \(scenario.workload.phase == .decode ? "context" : "prompt")"
      + " \(count(longest(scenario)))"
    if memory.fits {
      return "fits: \(left(memory)) left, up to \(limits)"
    }
    return "does not fit: needs \(Units.memory(memory.totalBytes)) of \(Units.memory(memory.capacityBytes)), "
      + (batch > 0 || scenario.longestContext > 0
        ? "holds \(limits)" : "\(Units.whole(memory.devices)) devices at least; largest batch 0")
  }

  /// What memory holds and the model was made for.
  static func longest(_ scenario: Scenario) -> Double {
    min(scenario.longestContext, scenario.model.maxPositions.map { Double($0) } ?? .infinity)
  }

  static func count(_ value: Double) -> String { value < 1e9 ? Units.whole(value) : "any" }

  /// The unit once where both have it.
  private static func left(_ memory: MemoryFootprint) -> String {
    let (left, all) = (
      Units.memory(memory.capacityBytes - memory.totalBytes), Units.memory(memory.capacityBytes)
    )
    let (a, b) = (left.split(separator: " "), all.split(separator: " "))
    return a.count == 2 && a.last == b.last ? "\(a[0]) of \(all)" : "\(left) of \(all)"
  }

  /// `about 8.02 ms a step (7.71–8.52), at best 5.79 ms`.
  static func time(_ span: Span, _ what: String, isFitted: Bool) -> String {
    let best = "at best \(Units.seconds(span.best))"
    guard isFitted else { return "\(best) \(what); kernel by kernel \(Units.seconds(span.seconds))" }
    return "about \(Units.seconds(span.seconds)) \(what) (\(interval(span.low, span.high))), \(best)"
  }

  /// `7.71–8.52 ms`.
  static func interval(_ low: Double, _ high: Double) -> String {
    let (a, b) = (Units.seconds(low).split(separator: " "), Units.seconds(high).split(separator: " "))
    return a.count == 2 && a.last == b.last
      ? "\(a[0])–\(Units.seconds(high))" : "\(Units.seconds(low)) – \(Units.seconds(high))"
  }

  private static func binds(_ prediction: Prediction) -> String {
    let (totals, profile) = (prediction.totals, prediction.profile)
    let share = Units.percent(totals.secondsByBound[totals.bound.index] / totals.seconds)
    let ridge = profile.ridgePoint(prediction.scenario.precision.computeFormat(of: .linear))
    return "bound by \(totals.bound.name(profile)), \(share) of the time;"
      + " \(Units.plain(totals.arithmeticIntensity)) FLOP/B"
      + (ridge.map { ", ridge \(Units.plain($0))" } ?? "")
  }

  /// What the power limit and the hourly price make of the time, where a profile states them.
  private static func energy(_ span: Span, _ tokens: Double, _ profile: HardwareProfile) -> String {
    var text = ""
    if let watts = profile.powerWatts {
      text += ", at most \(Units.plain(watts * span.seconds / tokens)) J each"
    }
    if let price = profile.priceUSD {
      text += ", $\(Units.plain(price / 3600 * span.seconds / tokens * 1e6)) a million"
    }
    return text
  }
}
