/// A report before it has a format.
public struct Document: Sendable {
  public enum Block: Sendable {
    case heading(String)
    case paragraph(String)
    /// One short statement a line.
    case list([String])
    case table(Table)
    /// Lines kept as they are, such as formulas.
    case lines([String])
  }

  public var title: String
  /// The command that makes this report again.
  public var command: String?
  public var blocks: [Block]
  /// What CSV shows: numbers in base units, never scaled.
  public var records: Records
  public var json: JSONValue
  /// Drawn only when a format shows them.
  public var charts: @Sendable () -> [Chart]

  public init(
    title: String, blocks: [Block], records: Records, json: JSONValue,
    charts: @escaping @Sendable () -> [Chart] = { [] }
  ) {
    self.title = title
    self.blocks = blocks
    self.records = records
    self.json = json
    self.charts = charts
  }
}

/// Cells for people.
public struct Table: Sendable {
  public enum Alignment: Sendable { case left, right }
  public var columns: [(title: String, alignment: Alignment)]
  public var rows: [[String]]
  /// The last row is a total, set off from the others.
  public var hasTotal: Bool
  /// The number behind a cell, in base units as in JSON, where it has one; as many rows and columns as `rows`.
  public var numbers: [[Double?]] = []

  public init(columns: [(title: String, alignment: Alignment)], rows: [[String]], hasTotal: Bool = false) {
    self.columns = columns
    self.rows = rows
    self.hasTotal = hasTotal
  }
}

/// Cells for machines.
public struct Records: Sendable {
  public var columns: [String]
  public var rows: [[JSONValue]]

  public init(columns: [String], rows: [[JSONValue]]) {
    self.columns = columns
    self.rows = rows
  }
}
