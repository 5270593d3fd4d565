/// Cells for machines, row by row: a row is made when it is written and gone afterwards.
public struct Records: Sendable {
  /// Names above the columns.
  public let columns: [String]
  private let each: @Sendable (_ body: ([JSONValue]) throws -> Void) throws -> Void

  /// Rows that are there already.
  public init(columns: [String], rows: [[JSONValue]]) {
    self.columns = columns
    each = { try rows.forEach($0) }
  }

  /// Rows of a schema, of which only the one in hand is alive.
  init<Row>(_ columns: [Column<Row>], _ rows: some Sequence<Row> & Sendable) {
    let shown = columns.at(.csv)
    self.columns = shown.map(\.key)
    each = { body in for row in rows { try body(shown.map { $0.value(row) }) } }
  }

  /// Every row, in order.
  public func forEach(_ body: ([JSONValue]) throws -> Void) throws { try each(body) }
}
