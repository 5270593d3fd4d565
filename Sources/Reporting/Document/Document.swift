/// A report before it has a format. Each format makes only what it shows.
public struct Document: Sendable {
  /// What people read, from top to bottom.
  public enum Block: Sendable {
    case heading(String)
    case paragraph(String)
    /// One short statement a line.
    case list([String])
    case table(Table)
    /// Lines kept as they are, such as formulas.
    case lines([String])
  }

  /// Stands above everything.
  public var title: String
  /// The command that makes this report again.
  public var command: String?
  /// What the reader asked, in a few short lines right below the title.
  public var answer: [String] = []
  /// The same for pages, of reports whose text begins otherwise.
  var headlines: [String] = []
  /// What people read.
  public let blocks: @Sendable () -> [Block]
  /// What CSV shows: numbers in base units, never scaled.
  public let records: Records
  /// What JSON shows.
  public let json: @Sendable () -> JSONValue
  /// Pictures.
  public let charts: @Sendable () -> [Chart]

  /// The blocks behind the answer, for formats that know no lines.
  var answered: [Block] { (answer.isEmpty ? [] : [.list(answer)]) + blocks() }

  /// A report whose parts are made when a format asks for them.
  public init(
    title: String, records: Records, json: @autoclosure @escaping @Sendable () -> JSONValue,
    charts: @escaping @Sendable () -> [Chart] = { [] }, blocks: @escaping @Sendable () -> [Block]
  ) {
    self.title = title
    self.blocks = blocks
    self.records = records
    self.json = json
    self.charts = charts
  }

  /// A report whose blocks are there already.
  public init(
    title: String, blocks: [Block], records: Records,
    json: @autoclosure @escaping @Sendable () -> JSONValue,
    charts: @escaping @Sendable () -> [Chart] = { [] }
  ) {
    self.init(title: title, records: records, json: json(), charts: charts) { blocks }
  }
}

/// Cells for people.
public struct Table: Sendable {
  /// Of a column's cells.
  public enum Alignment: Sendable { case left, right }
  /// Headings and how cells stand below them.
  public var columns: [(title: String, alignment: Alignment)]
  /// As many cells each as there are columns.
  public var rows: [[String]]
  /// The last row is a total, set off from the others.
  public var hasTotal: Bool
  /// The number behind a cell, in base units as in JSON, where it has one; as many rows and columns as `rows`.
  public var numbers: [[Double?]] = []
  /// Parts of a whole, which pages draw as bars behind cells; as many rows and columns as `rows`.
  var bars: [[Double?]] = []
  /// Long and worth searching: pages sort and filter its rows.
  var isCatalogue = false
  /// Titles of columns that narrow terminals do without, the first to go in front.
  public var optional: [String] = []

  /// - Parameter hasTotal: see `hasTotal`.
  public init(columns: [(title: String, alignment: Alignment)], rows: [[String]], hasTotal: Bool = false) {
    self.columns = columns
    self.rows = rows
    self.hasTotal = hasTotal
  }

  /// A row that begins with what it shows.
  struct Line {
    var title: String
    var texts: [String]
    var numbers: [Double?]
  }

  /// What is compared side by side under `names`.
  init(_ lines: [Line], names: [String], _ alignment: Alignment, sortable: Bool = false) {
    self.init(
      columns: [("", .left)] + names.map { ($0, alignment) }, rows: lines.map { [$0.title] + $0.texts })
    if sortable { numbers = lines.map { [nil] + $0.numbers } }
  }
}
