import CostModel
import Specs

/// A measured figure of a deployment beside what was expected of it.
public struct DeploymentRow: Sendable, Hashable {
  /// The row's own name, or its number from 1.
  public var id: String
  /// What was measured: `seconds`, `bytes`, `fits`, ….
  public var metric: String
  /// In seconds, bytes, tokens per second; 1 or 0.
  public var measured: Double
  /// What was expected, with its 80 % interval; nil where that cannot be said.
  public var expected: (seconds: Double, low: Double, high: Double)? {
    get { predicted.map { ($0, low, high) } }
    set {
      predicted = newValue?.seconds
      (low, high) = (newValue?.low ?? 0, newValue?.high ?? 0)
    }
  }
  private var predicted: Double?
  private var low = 0.0
  private var high = 0.0
  /// What the prediction stands on; empty where there is none.
  public var basis = ""
  /// Why there is no prediction, or what was assumed for it.
  public var note = ""
  /// What rows are grouped by.
  public var hardware, framework, model: String

  /// Nothing expected yet.
  public init(
    id: String, metric: String, measured: Double, hardware: String, framework: String = "", model: String = ""
  ) {
    self.id = id
    self.metric = metric
    self.measured = measured
    self.hardware = hardware
    self.framework = framework
    self.model = model
  }
}

/// A table with a heading, read row by row.
struct DeploymentTable {
  let file: String
  private let block: Block
  private let columns: [String: Int]
  private var scanner: RowScanner

  /// One row of it.
  struct Row {
    fileprivate let block: Block
    fileprivate let columns: [String: Int]
    fileprivate let fields: [String]
    /// From 1, the heading not counted.
    let number: Int
    let at: SourceLocation

    func text(_ column: String) -> String {
      FieldTrace.note([column], .any, in: block)
      return columns[column].flatMap { fields.indices.contains($0) ? fields[$0].trimmed : nil } ?? ""
    }

    /// Of the first column, or of the other where the table has no such.
    func text(_ column: String, or other: String) -> String { text(columns[column] == nil ? other : column) }

    /// See `text(_:or:)`.
    func number(_ column: String, or other: String) -> Double? {
      number(columns[column] == nil ? other : column)
    }

    /// The row's own name, or its number.
    var id: String { text("id").isEmpty ? String(number) : text("id") }

    /// All that it says but its name and what was measured.
    var said: [String: String] {
      columns.filter { $0.key != "id" && !$0.key.hasPrefix("silicon_") && !$0.key.hasPrefix("output_tokens") }
        .mapValues { fields.indices.contains($0) ? fields[$0] : "" }
    }

    /// What a prediction cannot do without.
    func required(_ column: String) throws(Unpredicted) -> Double {
      guard let number = number(column) else {
        throw Unpredicted("“\(column)” is \(text(column).isEmpty ? "not stated" : "no positive number")")
      }
      return number
    }

    /// Nil for an empty cell, or what is no positive number.
    func number(_ column: String) -> Double? {
      Double(text(column)).flatMap { $0.isFinite && $0 > 0 && $0 < 1e18 ? $0 : nil }
    }
  }

  private var number = 0

  /// - Parameters:
  ///   - block: the columns that rows have; they see no others.
  ///   - needed: those that tell such tables from others; all that the block needs unless given.
  /// - Returns: nil where the heading lacks one of them.
  init?(_ source: SourceFile, as block: Block, needing needed: [String]? = nil) {
    file = source.name
    self.block = block
    scanner = RowScanner(source.text)
    let heading = (scanner.next()?.fields ?? []).map(\.trimmed)
    columns = Dictionary(
      heading.enumerated().compactMap { index, name in block.key(name).map { _ in (name, index) } },
      uniquingKeysWith: { first, _ in first })
    let needed = needed ?? block.keys.filter { $0.usual == nil }.map { $0.names[0] }
    guard needed.allSatisfy({ columns[$0] != nil }) else { return nil }
  }

  mutating func next() -> Row? {
    while let fields = scanner.next()?.fields {
      if fields.allSatisfy(\.isEmpty) { continue }
      number += 1
      return Row(
        block: block, columns: columns, fields: fields, number: number,
        at: SourceLocation(file: file, line: scanner.line, column: 1))
    }
    return nil
  }
}
