import Basics
import CostModel
import Deployment
import Specs

/// Measured servers held against what serving is predicted with.
public enum MeasuredServers {
  /// - Returns: nil where the file's heading is another; two rows a server, times to first token and per token.
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
    sources.allSatisfy { DeploymentTable($0).has(MeasuredServer.columns) }
  }

  /// A row's server, or why there is none.
  struct Entry {
    var id, device, engine, model: String
    var measured: (toFirst: Double?, perToken: Double?)
    var server: MeasuredServer?
    var note = ""
  }

  /// - Returns: nil where the file's heading is another.
  static func servers(_ source: SourceFile) -> [Entry]? {
    var table = DeploymentTable(source)
    guard table.has(MeasuredServer.columns) else { return nil }
    var known = KnownModels()
    var entries: [Entry] = []
    while let row = table.next() {
      var entry = Entry(
        id: row.text("id").isEmpty ? String(row.number) : row.text("id"), device: row.text("system"),
        engine: row.text("backend"), model: row.text("model_path"),
        measured: (
          row.number("silicon_ttft_ms").map { $0 / 1e3 }, row.number("silicon_tpot_ms").map { $0 / 1e3 }
        ))
      do throws(Unpredicted) {
        let server = try MeasuredServer(closedLoop: row, &known)
        entry.server = server
        (entry.device, entry.model) = (server.device, server.model)
        entry.note = server.leftOut ?? ""
      } catch { entry.note = error.text }
      entries.append(entry)
    }
    return entries
  }

  private static func rows(_ entry: Entry, by fitted: FittedServing) -> [DeploymentRow] {
    let times = entry.note.isEmpty ? entry.server?.predicted(by: fitted.fit) : nil
    func row(
      _ metric: String, _ measured: Double?, _ predicted: Double?, _ interval: ErrorInterval
    ) -> DeploymentRow? {
      guard let measured else { return nil }
      var row = DeploymentRow(
        id: entry.id, metric: metric, measured: measured, hardware: entry.device, framework: entry.engine,
        model: entry.model)
      row.note = entry.note
      guard let predicted, predicted.isFinite, let server = entry.server else {
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
    let toFirst = fitted.toFirst[entry.engine.lowercased()] ?? ErrorInterval(low: 0.3, high: 3)
    return [
      row("ttft_seconds", entry.measured.toFirst, times?.timeToFirstToken, toFirst),
      row("tpot_seconds", entry.measured.perToken, times?.timePerToken, fitted.perToken),
    ].compactMap { $0 }
  }

  /// Fits every number of serving to the servers of files.
  ///
  /// - Throws: `InputError`, 65 where too few rows can be used.
  public static func fit(_ sources: [SourceFile]) throws(InputError) -> FittedServing {
    let servers = sources.flatMap { Self.servers($0)?.compactMap(\.server) ?? [] }
    guard servers.count >= 2 * ServingFit.table.count else {
      throw InputError(
        .data, "\(servers.count) servers can be used; accepted: \(2 * ServingFit.table.count) and more")
    }
    return ServingFitting.fitted(servers)
  }
}
