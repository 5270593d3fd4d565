import Basics
import CostModel
import Deployment

/// Fits laws of messages to measured ones: what all generations of links share, and each generation near that; or, from
/// what is known already, the generations that were measured.
struct LinkFitting {
  let prior: FittedLinks

  /// - Parameter sharing: all that the rows teach, shared laws among it; else what they change of the prior.
  func fit(_ messages: [MeasuredMessage], sharing: Bool) -> FittedLinks {
    var links = FittedLinks()
    links.near = fits(messages.filter { $0.family == .near }, prior.near, sharing: sharing)
    links.experts = fits(messages.filter { $0.family == .experts }, prior.experts, sharing: sharing)
    let between = messages.filter { $0.family == .nodes }
    if !between.isEmpty { links.nodes = [shared(between, from: sharing ? nil : prior.nodes.first)] }
    return links
  }

  private func fits<Law: LinkLaw>(
    _ messages: [MeasuredMessage], _ known: [FittedLaw<Law>], sharing: Bool
  ) -> [FittedLaw<Law>] {
    var list: [FittedLaw<Law>] = []
    let switched = messages.filter { $0.near.topology == .switch }
    if sharing, !switched.isEmpty { list.append(shared(switched, from: nil)) }
    let generations = Dictionary(grouping: messages.filter { !$0.near.passesHost }, by: Generation.init)
    for (generation, rows) in generations.sorted(by: { $0.key < $1.key }) {
      let start = FittedLinks.fit(sharing ? list : known, for: rows[0].near)
      var fit = FittedLaw(
        law(rows, from: start.law), topology: rows[0].near.topology,
        bytesPerSecond: generation.bytesPerSecond)
      describe(&fit, rows, heldOut(rows, by: Self.folds(rows), from: start.law) ?? nil, known: start)
      list.append(fit)
    }
    return list
  }

  /// One law for all rows, each device weighing alike.
  private func shared<Law: LinkLaw>(_ rows: [MeasuredMessage], from known: FittedLaw<Law>?) -> FittedLaw<Law>
  {
    let start = known?.law ?? Law()
    var fit = FittedLaw(law(rows, from: start))
    let devices = Set(rows.map(\.near.bytesPerSecond)).sorted()
    let folds = rows.map { devices.firstIndex(of: $0.near.bytesPerSecond) ?? 0 }
    describe(
      &fit, rows, heldOut(rows, by: devices.count > 1 ? folds : Self.folds(rows), from: start),
      known: known ?? fit)
    return fit
  }

  /// One rate of one wiring.
  private struct Generation: Hashable, Comparable {
    var wiring: String
    var bytesPerSecond: Double

    init(_ message: MeasuredMessage) {
      wiring = message.near.topology.rawValue
      bytesPerSecond = message.near.bytesPerSecond
    }

    static func < (a: Self, b: Self) -> Bool { (a.wiring, a.bytesPerSecond) < (b.wiring, b.bytesPerSecond) }
  }

  private func describe<Law>(
    _ fit: inout FittedLaw<Law>, _ rows: [MeasuredMessage], _ held: [Double]?, known: FittedLaw<Law>
  ) {
    fit.devices = Set(rows.map(\.device)).sorted()
    fit.rows = rows.count
    var hash = Fingerprint()
    for time in rows.map(\.measured).sorted() { hash.add(time) }
    fit.fingerprint = hash.hex
    guard let held else {
      // Too few rows to hold some out.
      (fit.median, fit.ninth, fit.low, fit.high) = (known.median, known.ninth, known.low, known.high)
      return
    }
    let errors = held.map { abs(exponential(-$0) - 1) }.sorted()
    fit.median = GroupFitting.quantile(errors, 0.5)
    fit.ninth = GroupFitting.quantile(errors, 0.9)
    let interval = ErrorInterval(of: held)
    (fit.low, fit.high) = (min(1, interval.low), max(1, interval.high))
  }

  /// Parts that rows are dealt into, by nothing that has to do with their size.
  private static func folds(_ rows: [MeasuredMessage]) -> [Int] {
    rows.map { row in
      var hash = Fingerprint()
      hash.add(row.measured)
      return Int(hash.value % 3)
    }
  }

  private static let fewestHeldOut = 12

  /// Logarithms of measured over predicted by laws that never saw the row's part; nil where there are too few.
  private func heldOut<Law: LinkLaw>(
    _ rows: [MeasuredMessage], by folds: [Int], from start: Law
  ) -> [Double]? {
    guard rows.count >= Self.fewestHeldOut else { return nil }
    var list: [Double] = []
    for fold in Set(folds).sorted() {
      let taught = zip(rows, folds).filter { $0.1 != fold }.map(\.0)
      guard !taught.isEmpty else { return nil }
      let law = law(taught, from: start)
      list += zip(rows, folds).filter { $0.1 == fold }.map {
        logarithm($0.0.measured / $0.0.seconds(by: law))
      }
    }
    return list
  }

  /// The law that fits rows, near `start` where they do not tell; first all latencies of it by one factor.
  private func law<Law: LinkLaw>(_ rows: [MeasuredMessage], from start: Law) -> Law {
    let numbers = Law.numbers
    let logs = rows.map { logarithm($0.measured) }
    let counts = Dictionary(grouping: rows, by: \.near.bytesPerSecond).mapValues { Double($0.count) }
    let share = Double(rows.count) / Double(counts.count)
    let weights = rows.map { share / (counts[$0.near.bytesPerSecond] ?? share) }
    var law = start
    let first = rows.map { $0.seconds(by: start) }
    let shortest = (first.min() ?? 0) * 1.5
    let ratios = zip(first, logs).filter { $0.0 <= shortest }.map { $0.1 - logarithm($0.0) }.sorted()
    let factor = exponential(GroupFitting.quantile(ratios, 0.5))
    for number in numbers where number.isTime {
      law[keyPath: number.path] = min(
        number.bounds.upperBound, max(number.bounds.lowerBound, law[keyPath: number.path] * factor))
    }
    func cost(_ law: Law) -> Double {
      zip(zip(rows, logs), weights).reduce(0) {
        let error = (logarithm($1.0.0.seconds(by: law)) - $1.0.1) / Fitter.softness
        return $0 + $1.1 * ((1 + error * error).squareRoot() - 1)
      }
    }
    let smooth = numbers.filter(\.choices.isEmpty)
    let parameters = smooth.map {
      Parameter(
        name: $0.name, meaning: $0.meaning, initial: law[keyPath: $0.path], low: $0.bounds.lowerBound,
        high: $0.bounds.upperBound)
    }
    var fitter = Fitter(prior: smooth.map { law[keyPath: $0.path] })
    (fitter.starts, fitter.priorStrength) = (0, fitter.usualStrength)
    // Thresholds, then all others, until the thresholds stay.
    for _ in 0..<3 {
      var chosen = law
      for number in numbers where !number.choices.isEmpty {
        var best = cost(chosen)
        for choice in number.choices {
          var other = chosen
          other[keyPath: number.path] = choice
          let found = cost(other)
          if found < best * 0.999 { (best, chosen) = (found, other) }
        }
      }
      if chosen == law, fitter.iterations < 120 { break }
      let values = fitter.fit(parameters, to: logs, weights: weights) { values in
        var law = chosen
        for (number, value) in zip(smooth, values) { law[keyPath: number.path] = value }
        return rows.map { $0.seconds(by: law) }
      }
      law = chosen
      for (number, value) in zip(smooth, values) { law[keyPath: number.path] = value }
      fitter.iterations = 60
    }
    return law
  }
}
