import Basics
import Deployment
import Specs

/// How well serving is predicted: on the rows of the fit, on models and on devices that it never saw.
public struct ServingStudy: Sendable {
  /// Errors of one kind of fit.
  public struct Line: Sendable, Hashable {
    /// Which rows a fit never saw.
    public var name: String
    /// How many closed loops were predicted.
    public var rows: Int
    /// Percent, of time per token and time to the first.
    public var perToken, toFirst: Errors
    /// How many servers that were given all requests at once.
    public var offlineRows: Int
    /// Percent, of their throughput.
    public var throughput: Errors
  }

  /// Percent.
  public struct Errors: Sendable, Hashable {
    public var median, mean, p90: Double
    /// Share of the rows inside the 80 % interval made from models left out.
    public var coverage: Double

    init(_ pairs: [(measured: Double, predicted: Double)], _ interval: ErrorInterval) {
      let errors = pairs.map { 100 * abs($0.predicted / $0.measured - 1) }.sorted()
      median = GroupFitting.quantile(errors, 0.5)
      p90 = GroupFitting.quantile(errors, 0.9)
      mean = errors.reduce(0, +) / Double(max(1, errors.count))
      coverage =
        Double(
          pairs.count {
            (interval.low * $0.predicted...interval.high * $0.predicted).contains($0.measured)
          }) / Double(max(1, pairs.count))
    }
  }

  /// The fit of all rows.
  public let fitted: FittedServing
  /// Rows that say nothing of an engine, or cannot be expressed.
  public let leftOut: Int
  /// Rows that differ from others of which the same is said: predicted, but taught by none.
  public let unlike: Int
  /// In sample, models left out, devices left out, models by engine.
  public let lines: [Line]

  /// - Throws: `InputError`, 65 where too few rows can be used.
  public init(_ sources: [SourceFile]) throws(InputError) {
    let (fitted, models) = try MeasuredServers.study(sources)
    let entries = sources.flatMap { MeasuredServers.servers($0) ?? [] }
    let servers = entries.compactMap(\.server)
    let taught = servers.filter { $0.leftOut == nil }
    func line(_ name: String, _ rows: [ServingFitting.Held]) -> Line {
      let perToken = rows.compactMap { row in
        row.server.measured.timePerToken.map { ($0, row.times.timePerToken) }
      }
      let toFirst = rows.compactMap { row in
        row.server.measured.timeToFirstToken.map { ($0, row.times.timeToFirstToken) }
      }
      let all = ErrorInterval(
        of: rows.compactMap { row in
          row.server.measured.timeToFirstToken.map { logarithm($0 / row.times.timeToFirstToken) }
        })
      let engines = Set(rows.map(\.server.engine))
      let interval = engines.count == 1 ? engines.first.flatMap { fitted.toFirst[$0] } ?? all : all
      let perSecond = rows.compactMap { row in
        row.server.measured.outputPerSecond.map { ($0, row.times.requestsPerSecond * row.server.load.output) }
      }
      return Line(
        name: name, rows: perToken.count, perToken: Errors(perToken, fitted.perToken),
        toFirst: Errors(toFirst, interval), offlineRows: perSecond.count,
        throughput: Errors(perSecond, fitted.throughput))
    }
    let own = taught.compactMap { server in server.predicted(by: fitted.fit).map { (server, $0) } }
    let devices = ServingFitting.leftOut(servers, by: \.device, from: fitted.fit)
    lines =
      [line("all rows, in sample", own), line("models left out", models), line("devices left out", devices)]
      + Dictionary(grouping: models) { $0.server.engine }.sorted { $0.key < $1.key }
      .map { line("models left out: \($0.key)", $0.value) }
    self.fitted = fitted
    leftOut = entries.count - taught.count
    unlike = taught.count - fitted.rows
  }
}
