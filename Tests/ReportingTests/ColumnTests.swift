import Foundation
import Synchronization
import Testing

@testable import Reporting

@Suite struct ColumnTests {
  static let columns: [Column<Double>] = [
    Column("name", "name", word: { "n\($0)" }), Column("seconds", "time", Units.seconds) { $0 },
    Column("odd", "odd", at: [.table, .jsonIfKnown], absent: "–") { $0 == 1 ? nil : $0 },
    Column("tags", "tags", words: { ["a", "b\($0)"] }),
  ]

  /// One line in the list shows in every format that the column is flagged for.
  @Test func everyFormatComesFromTheList() throws {
    let document = Document(
      title: "t", records: Records(Self.columns, [1, 2.5]), json: Self.columns.json([1, 2.5])
    ) { [.table(Self.columns.table([1, 2.5]))] }
    #expect(
      ReportFormat.csv.text(of: document) == "name,seconds,tags\nn1.0,1,a; b1.0\nn2.5,2.5,a; b2.5\n")
    let text = ReportFormat.text.text(of: document)
    for word in ["name", "time", "odd", "n2.5", "2.50 s", "–", "a, b1.0"] { #expect(text.contains(word)) }
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(ReportFormat.json.text(of: document).utf8))
        as? [[String: Any]])
    #expect(json.map { Set($0.keys) } == [["name", "seconds", "tags"], ["name", "seconds", "odd", "tags"]])
  }

  /// Rows of two kinds under one heading; a column that only one of them has is empty in the other's rows.
  @Test func joinedRows() {
    let more: [Column<Int>] = [Column("count") { Double($0) }, Column("name", word: { "i\($0)" })]
    let document = Document(
      title: "t", blocks: [],
      records: .joined((Self.columns, [1]), (more, [7]), first: ["name"]), json: .null)
    #expect(
      ReportFormat.csv.text(of: document) == "name,seconds,tags,count\nn1.0,1,a; b1.0,\ni7,,,7\n")
  }

  /// A row that counts how many of its kind are alive.
  final class Row: Sendable {
    static let alive = Atomic(0)
    static let most = Atomic(0)
    let number: Int
    init(_ number: Int) {
      self.number = number
      let now = Self.alive.add(1, ordering: .relaxed).newValue
      if now > Self.most.load(ordering: .relaxed) { Self.most.store(now, ordering: .relaxed) }
    }
    deinit { Self.alive.subtract(1, ordering: .relaxed) }
  }

  struct Rows: Sequence, IteratorProtocol {
    var left: Int
    mutating func next() -> Row? {
      guard left > 0 else { return nil }
      left -= 1
      return Row(left)
    }
  }

  /// A hundred thousand rows of CSV and JSON: one alive at a time, handed on in pieces of bounded size.
  @Test func longTablesStream() throws {
    let columns: [Column<Row>] = [Column("number") { Double($0.number) }, Column("word", word: { _ in "w" })]
    let rows = Rows(left: 100_000)
    let document = Document(title: "t", records: Records(columns, rows), json: columns.json(rows)) { [] }
    for format in [ReportFormat.csv, .json] {
      var lines = 0
      var largest = 0
      try format.render(document) { piece in
        lines += piece.utf8.count { $0 == UInt8(ascii: "\n") }
        largest = max(largest, piece.utf8.count)
      }
      #expect(lines >= 100_000)
      #expect(largest < 70_000)
    }
    #expect(Row.most.load(ordering: .relaxed) <= 2)
    #expect(Row.alive.load(ordering: .relaxed) == 0)
  }
}
