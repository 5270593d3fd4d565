/// A report's column, said once: tables, CSV and JSON come from one list of them.
struct Column<Row>: Sendable {
  /// Stands above it in CSV and before it in JSON.
  let key: String
  /// Stands above it in tables.
  let title: String
  let alignment: Table.Alignment
  var places: Places
  /// In base units, never scaled; null where the row has none.
  let value: @Sendable (Row) -> JSONValue
  /// For people.
  let text: @Sendable (Row) -> String
  /// Which part of a whole a cell is, where it is one.
  var bar: (@Sendable (Row) -> Double?)?

  /// A figure, and how people read it.
  init(
    _ key: String, _ title: String = "",
    _ shown: @escaping @Sendable (Double) -> String = { Units.whole($0) }, at places: Places = .all,
    absent: String = "", number: @escaping @Sendable (Row) -> Double?
  ) {
    self.init(
      key, title, .right, places, value: { number($0).map { .number($0) } ?? .null },
      text: { number($0).map(shown) ?? absent })
  }

  /// Words.
  init(
    _ key: String, _ title: String = "", at places: Places = .all,
    word: @escaping @Sendable (Row) -> String?
  ) {
    self.init(
      key, title, .left, places, value: { word($0).map { .string($0) } ?? .null }, text: { word($0) ?? "" })
  }

  /// A list of words.
  init(
    _ key: String, _ title: String = "", at places: Places = .all,
    words: @escaping @Sendable (Row) -> [String]
  ) {
    self.init(
      key, title, .left, places, value: { .array(words($0).map { .string($0) }) },
      text: { words($0).joined(separator: ", ") })
  }

  /// Words that only people read, such as a share of the column beside it.
  static func shown(
    _ title: String, _ alignment: Table.Alignment = .right, at places: Places = .table,
    _ text: @escaping @Sendable (Row) -> String
  ) -> Column {
    Column("", title, alignment, places, value: { _ in .null }, text: text)
  }

  /// A part of a whole, in percent; empty where it is none.
  static func share(_ part: @escaping @Sendable (Row) -> Double?) -> Column {
    var column = shown("share") { part($0).map { Units.percent($0) } ?? "" }
    column.bar = part
    return column
  }

  /// A member that has no cell of its own, such as a list.
  static func member(
    _ key: String, at places: Places = .json, _ value: @escaping @Sendable (Row) -> JSONValue
  ) -> Column {
    Column(key, "", .left, places, value: value, text: { _ in "" })
  }

  private init(
    _ key: String, _ title: String, _ alignment: Table.Alignment, _ places: Places,
    value: @escaping @Sendable (Row) -> JSONValue, text: @escaping @Sendable (Row) -> String
  ) {
    self.key = key
    self.title = title
    self.alignment = alignment
    self.places = places
    self.value = value
    self.text = text
  }

  /// The same column, there alone: where formats order theirs differently.
  func only(_ places: Places) -> Column {
    var copy = self
    copy.places = places
    return copy
  }
}

/// Where a column shows.
struct Places: OptionSet, Sendable {
  let rawValue: Int

  static let table = Places(rawValue: 1)
  static let csv = Places(rawValue: 2)
  static let json = Places(rawValue: 4)
  /// In JSON, and not there where the row has no value.
  static let jsonIfKnown = Places(rawValue: 8)
  static let data: Places = [.csv, .json]
  static let all: Places = [.table, .csv, .json]
}

extension Array {
  func at<Row>(_ places: Places) -> [Column<Row>] where Element == Column<Row> {
    filter { !$0.places.isDisjoint(with: places) }
  }

  /// For people.
  ///
  /// - Parameters:
  ///   - total: a last row, set off from the others.
  ///   - sortable: pages get the figures behind the cells.
  func table<Row>(
    _ rows: [Row], total: Row? = nil, sortable: Bool = false, at place: Places = .table
  ) -> Table where Element == Column<Row> {
    let columns = at(place)
    let rows = rows + (total.map { [$0] } ?? [])
    var table = Table(
      columns: columns.map { ($0.title, $0.alignment) },
      rows: rows.map { row in columns.map { $0.text(row) } }, hasTotal: total != nil)
    if sortable { table.numbers = rows.map { row in columns.map { $0.value(row).number } } }
    if columns.contains(where: { $0.bar != nil }) {
      table.bars = rows.map { row in columns.map { $0.bar?(row) } }
    }
    return table
  }

  /// Columns as lines of a table, one row each of what is compared: title, texts, and the figures behind them.
  func lines<Row>(_ rows: [Row], at place: Places) -> [Table.Line] where Element == Column<Row> {
    at(place).map { column in
      Table.Line(
        title: column.title, texts: rows.map(column.text), numbers: rows.map { column.value($0).number })
    }
  }

  /// A row's members.
  func json<Row>(_ row: Row) -> JSONValue where Element == Column<Row> {
    .object(
      at([.json, .jsonIfKnown]).compactMap { column in
        let value = column.value(row)
        if case .null = value, !column.places.contains(.json) { return nil }
        return JSONValue.Member(column.key, value)
      })
  }

  /// Rows made one by one as they are written.
  func json<Row>(_ rows: some Sequence<Row> & Sendable) -> JSONValue where Element == Column<Row> {
    .list(rows, json)
  }
}
