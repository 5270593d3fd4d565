import Calibration
import CostModel
import Specs

/// What a reader asked, in the first lines: does it fit, how fast, what binds.
enum Answer {
  /// Of one pass.
  static func lines(_ prediction: Prediction) -> [String] {
    let (work, scenario) = (prediction.scenario.workload, prediction.scenario)
    let each =
      work.batch == 1 ? "" : ", \(Units.rate(prediction.tokensPerSecond / work.batch)) a sequence"
    let rate =
      "\(Units.rate(prediction.tokensPerSecond)) \(work.phase == .prefill ? "prompt " : "")tokens/s"
    return [
      memory(prediction.memory, scenario, batch: scenario.largestBatch),
      time(
        Span(prediction), work.phase == .prefill ? "first token in" : "a step takes",
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
      time(request.whole, "the request takes", isFitted: isFitted),
      "first token \(Units.seconds(request.firstToken.seconds)), then"
        + " \(Units.seconds(request.perToken.seconds)) a token (first excluded)",
      "bound by \(prompt.totals.bound.name(prompt.profile)) in the prompt,"
        + " \(step.totals.bound.name(step.profile)) in the steps",
      "\(Units.rate(request.tokensPerSecond)) output tokens/s in all"
        + energy(request.whole, tokens, request.profile),
    ]
  }

  /// One of several that stand side by side.
  struct Side {
    var name: String
    var memory: MemoryFootprint
    var largestBatch: Double
    var span: Span
    var step: Prediction
    var tokensPerSecond: Double
  }

  /// Of several: which fit, which is fastest, what binds, how many sequences each holds.
  static func lines(_ sides: [Side], _ what: String) -> [String] {
    let tooLarge = sides.filter { !$0.memory.fits }.map(\.name)
    var lines = [tooLarge.isEmpty ? "all fit" : "does not fit: " + tooLarge.joined(separator: ", ")]
    if let best = sides.filter(\.memory.fits).max(by: { $0.tokensPerSecond < $1.tokensPerSecond }) {
      // Larger batches take longer and still do more.
      let isRate = Set(sides.map(\.step.scenario.workload.batch)).count > 1
      lines.append(
        (isRate
          ? "most tokens/s \(best.name): \(Units.rate(best.tokensPerSecond)), " : "fastest \(best.name): ")
          + time(best.span, what, isFitted: best.step.pricing != nil))
    }
    let bounds = sides.map { "\($0.name) \($0.step.totals.bound.name($0.step.profile))" }
    let names = Set(sides.map { $0.step.totals.bound.name($0.step.profile) })
    lines.append("bound by " + (names.count == 1 ? names.first ?? "" : bounds.joined(separator: ", ")))
    let batches = sides.map(\.largestBatch)
    lines.append(
      "largest batch: "
        + (Set(batches).count == 1
          ? count(batches[0]) : sides.map { "\($0.name) \(count($0.largestBatch))" }.joined(separator: ", ")))
    return lines
  }

  /// `fits, 60.7 GiB left: batch ≤ 129, context ≤ 8,192`.
  static func memory(_ memory: MemoryFootprint, _ scenario: Scenario, batch: Double) -> String {
    let longest = longest(scenario)
    let limits =
      batch > 0 || longest > 0
      ? "batch ≤ \(count(batch)), \(scenario.workload.phase == .decode ? "context" : "prompt") ≤ \(count(longest))"
      : "batch 0"
    guard !memory.fits else {
      return "fits, \(Units.memory(memory.capacityBytes - memory.totalBytes)) left: \(limits)"
    }
    return
      "does not fit: \(Units.memory(memory.totalBytes)) of \(Units.memory(memory.capacityBytes)), \(limits)"
      + (batch > 0 || longest > 0 ? "" : "; \(Units.whole(memory.devices)) devices or more")
  }

  /// What memory holds and the model was made for.
  static func longest(_ scenario: Scenario) -> Double {
    min(scenario.longestContext, scenario.model.maxPositions.map { Double($0) } ?? .infinity)
  }

  static func count(_ value: Double) -> String { value < 1e9 ? Units.whole(value) : "any" }

  /// `a step takes about 8.02 ms (7.71–8.52), at best 5.79 ms`.
  static func time(_ span: Span, _ what: String, isFitted: Bool) -> String {
    let best = Units.seconds(span.best)
    guard isFitted else { return "\(what) \(best) at best, \(Units.seconds(span.seconds)) kernel by kernel" }
    return "\(what) about \(about(span.seconds, span.low, span.high)), at best \(best)"
  }

  /// `8.02 ms (7.71–8.52)`.
  static func about(_ seconds: Double, _ low: Double, _ high: Double) -> String {
    let time = Units.seconds(seconds)
    var range = interval(low, high)
    // The unit once where all have it.
    if let unit = time.split(separator: " ").last, !range.contains(" – "), range.hasSuffix(" \(unit)") {
      range.removeLast(unit.count + 1)
    }
    return "\(time) (\(range))"
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
