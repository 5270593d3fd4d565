import Basics
import Deployment

/// A fit with the intervals of what it was not fitted to.
public struct FittedServing: Sendable, Hashable {
  /// The numbers.
  public var fit: ServingFit
  /// Rows that taught it, and their fingerprint.
  public var rows: Int
  /// See `rows`.
  public var fingerprint: String
  /// Factors of 80 % of the rows of models left out: of the time per token, of the throughput of servers that were given all
  /// requests at once, and of the time to the first by engine.
  public var perToken, throughput: ErrorInterval
  /// See `perToken`.
  public var toFirst: [String: ErrorInterval]
  /// Kinds of rows that taught it; intervals widen for each that is not among them.
  public var kinds: Set<String>
}

enum ServingFitting {
  /// Of time per token, of which repeated measurements agree twice as well as of time to the first.
  static let perTokenWeight = 4.0
  /// Of throughput, which all that decodes at once makes.
  static let throughputWeight = 2.0
  /// Of the pull towards usual values, in rows: what few rows of one model tell moves a share little, so that it holds for
  /// others; 0.05 to 3 fit alike, and models left out are predicted worse below 1.
  private static let usualStrength = 1.0

  /// - Parameter start: where to begin; the usual values otherwise, which hold the fit in either case.
  static func fit(_ servers: [MeasuredServer], from start: ServingFit? = nil) -> ServingFit {
    let rows = teaching(servers)
    var logs: [Double] = []
    var weights: [Double] = []
    for row in rows {
      let means = row.measured
      for (value, weight) in [
        (means.timePerToken, perTokenWeight), (means.timeToFirstToken, 1),
        (means.outputPerSecond, throughputWeight),
      ] {
        logs.append(logarithm(value ?? 1))
        weights.append(value == nil ? 0 : weight)
      }
    }
    var fitter = Fitter()
    (fitter.start, fitter.starts, fitter.iterations) = (start?.values, 0, 25)
    fitter.usualStrength = usualStrength
    let values = fitter.fit(ServingFit.parameters, to: logs, weights: weights) { values in
      let fit = ServingFit(values)
      return rows.flatMap { row in
        let means = row.predicted(by: fit).map { MeasuredServer.Means($0, row.load) }
        return [means?.timePerToken ?? 0, means?.timeToFirstToken ?? 0, means?.outputPerSecond ?? 0]
      }
    }
    return ServingFit(values)
  }

  /// Rows alike in all that they say differ by 3 %; where they differ by more than `repeats`, what made them differ is not
  /// said, and none of them teaches.
  static func teaching(_ servers: [MeasuredServer]) -> [MeasuredServer] {
    let rows = servers.filter { $0.leftOut == nil }
    let unlike = Dictionary(grouping: rows, by: \.stated).filter { alike in
      let times = alike.value.compactMap(\.measured.timePerToken)
      return (times.max() ?? 0) > repeats * (times.min() ?? 0)
    }
    return rows.filter { unlike[$0.stated] == nil }
  }

  private static let repeats = 1.15

  /// A row, and what a fit that never saw it expects.
  typealias Held = (server: MeasuredServer, times: ServingTimes)

  /// Each row predicted by a fit that saw no row of its group.
  static func leftOut(
    _ servers: [MeasuredServer], by group: (MeasuredServer) -> String, from start: ServingFit
  ) -> [Held] {
    let groups = Dictionary(grouping: servers.filter { $0.leftOut == nil }, by: group)
    return groups.keys.sorted().flatMap { key in
      let others = groups.filter { $0.key != key }.flatMap(\.value)
      let fit = fit(others, from: start)
      return (groups[key] ?? []).compactMap { server in server.predicted(by: fit).map { (server, $0) } }
    }
  }

  /// The fit of all, and what fits without a model expect of its rows.
  static func fitted(_ servers: [MeasuredServer]) -> (fitted: FittedServing, held: [Held]) {
    let fit = fit(servers)
    let held = leftOut(servers, by: \.model, from: fit)
    func interval(_ rows: [Held], _ value: (MeasuredServer.Means) -> Double?) -> ErrorInterval {
      ErrorInterval(
        of: rows.compactMap { row in
          value(row.server.measured).flatMap { measured in
            value(.init(row.times, row.server.load)).map { logarithm(measured / $0) }
          }
        })
    }
    var fingerprint = Fingerprint()
    let taught = teaching(servers)
    for row in taught.sorted(by: { $0.id < $1.id }) {
      fingerprint.add(row.id)
      fingerprint.add(row.measured.timePerToken ?? row.measured.outputPerSecond ?? 0)
      fingerprint.add(row.measured.timeToFirstToken ?? 0)
    }
    return (
      FittedServing(
        fit: fit, rows: taught.count, fingerprint: fingerprint.hex,
        perToken: interval(held, \.timePerToken), throughput: interval(held, \.outputPerSecond),
        toFirst: Dictionary(grouping: held, by: \.server.engine).mapValues { rows in
          interval(rows, \.timeToFirstToken)
        },
        kinds: Set(taught.flatMap(\.kinds))), held
    )
  }
}
