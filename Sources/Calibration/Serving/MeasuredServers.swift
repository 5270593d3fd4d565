import Basics
import CostModel
import Deployment
import Specs

/// Measured servers held against what serving is predicted with.
public enum MeasuredServers {
  /// - Returns: nil where the file's heading is another; two rows a server, times to first token and per token, or its
  ///   throughput where it was given all requests at once.
  /// - Parameter fitted: the shipped fit where nothing else is said.
  public static func read(_ source: SourceFile, by fitted: FittedServing? = nil) throws(InputError)
    -> [DeploymentRow]?
  {
    guard let servers = servers(source) else { return nil }
    let found: FittedServing
    if let fitted { found = fitted } else { found = try ServingFile.shipped() }
    return servers.flatMap { rows($0, by: found) }
  }

  /// All of them are tables of servers.
  public static func areServers(_ sources: [SourceFile]) -> Bool {
    sources.allSatisfy { table($0) != nil }
  }

  private static func table(_ source: SourceFile) -> (rows: DeploymentTable, isClosedLoop: Bool)? {
    if let table = DeploymentTable(source, as: .measuredServers) { return (table, true) }
    return DeploymentTable(source, as: .measuredThroughputs).map { ($0, false) }
  }

  /// A row's server, or why there is none.
  struct Entry {
    var id, device, engine, model: String
    var measured: MeasuredServer.Means
    var server: MeasuredServer?
    var note = ""
  }

  /// - Returns: nil where the file's heading is another.
  static func servers(_ source: SourceFile) -> [Entry]? {
    guard let (found, isClosedLoop) = table(source) else { return nil }
    var table = found
    var known = KnownModels()
    var entries: [Entry] = []
    while let row = table.next() {
      var entry = Entry(
        id: row.id,
        device: row.text(isClosedLoop ? "system" : "hardware"),
        engine: row.text(isClosedLoop ? "backend" : "framework"),
        model: row.text(isClosedLoop ? "model_path" : "model"), measured: MeasuredServer.Means(row))
      do throws(Unpredicted) {
        let server =
          isClosedLoop
          ? try MeasuredServer(closedLoop: row, &known) : try MeasuredServer(offline: row, &known)
        entry.server = server
        (entry.device, entry.model) = (server.device, server.model)
        entry.note = server.leftOut ?? ""
      } catch { entry.note = error.text }
      entries.append(entry)
    }
    return entries
  }

  private static func rows(_ entry: Entry, by fitted: FittedServing) -> [DeploymentRow] {
    let predicted = (entry.note.isEmpty ? entry.server : nil).flatMap { server in
      server.predicted(by: fitted.fit).map { MeasuredServer.Means($0, server.load) }
    }
    let toFirst = fitted.toFirst[entry.engine.lowercased()] ?? ErrorInterval(low: 0.3, high: 3)
    let metrics: [(String, KeyPath<MeasuredServer.Means, Double?>, ErrorInterval)] = [
      ("ttft_seconds", \.timeToFirstToken, toFirst), ("tpot_seconds", \.timePerToken, fitted.perToken),
      ("output_tokens_per_second", \.outputPerSecond, fitted.throughput),
    ]
    return metrics.compactMap { metric, value, interval in
      guard let measured = entry.measured[keyPath: value] else { return nil }
      var row = DeploymentRow(
        id: entry.id, metric: metric, measured: measured, hardware: entry.device, framework: entry.engine,
        model: entry.model)
      row.note = entry.note
      guard let predicted = predicted?[keyPath: value], predicted.isFinite, let server = entry.server else {
        if row.note.isEmpty { row.note = "the device cannot compute in this precision" }
        return row
      }
      let strange = server.kinds.count { !fitted.kinds.contains($0) }
      let widening = power(ErrorInterval.widening, Double(strange))
      row.expected = (
        predicted, predicted * power(interval.low, widening), predicted * power(interval.high, widening)
      )
      row.basis = strange == 0 ? "calibrated" : "extrapolated"
      return row
    }
  }

  /// Fits every number of serving to the servers of files.
  ///
  /// - Throws: `InputError`, 65 where too few rows can be used.
  public static func fit(_ sources: [SourceFile]) throws(InputError) -> FittedServing {
    try study(sources).fitted
  }

  static func study(_ sources: [SourceFile]) throws(InputError) -> (
    fitted: FittedServing, held: [ServingFitting.Held]
  ) {
    let servers = sources.flatMap { Self.servers($0)?.compactMap(\.server) ?? [] }
    guard servers.count >= 2 * ServingFit.table.count else {
      throw InputError(
        .data, "\(servers.count) servers can be used; accepted: \(2 * ServingFit.table.count) and more")
    }
    return ServingFitting.fitted(servers)
  }
}
