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

  /// Rows of two schemas under one heading; what a row has no column for stays empty.
  ///
  /// - Parameter first: keys in the order of the heading; those of further columns follow.
  static func joined<A: Sendable, B: Sendable>(
    _ a: (columns: [Column<A>], rows: [A]), _ b: (columns: [Column<B>], rows: [B]), first: [String]
  ) -> Records {
    let keys = (a.columns.at(.csv).map(\.key) + b.columns.at(.csv).map(\.key)).reduce(into: first) {
      if !$0.contains($1) { $0.append($1) }
    }
    func ordered<Row>(_ columns: [Column<Row>]) -> [Column<Row>] {
      keys.map { key in columns.at(.csv).first { $0.key == key } ?? .member(key) { _ in .null } }
    }
    let (left, right) = (ordered(a.columns), ordered(b.columns))
    return Records(columns: keys) { body in
      for row in a.rows { try body(left.map { $0.value(row) }) }
      for row in b.rows { try body(right.map { $0.value(row) }) }
    }
  }

  /// Rows of which `each` makes one after the other.
  init(
    columns: [String], each: @escaping @Sendable (_ body: ([JSONValue]) throws -> Void) throws -> Void
  ) {
    (self.columns, self.each) = (columns, each)
  }

  /// Every row, in order.
  public func forEach(_ body: ([JSONValue]) throws -> Void) throws { try each(body) }
}
