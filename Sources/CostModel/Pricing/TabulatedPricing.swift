/// Times of calls that hang on their rows alone, worked out once for each number of rows; all other calls are asked
/// of the pricing the tables were made from. For sweeps and fixed points, which ask for the same products thousands
/// of times: the numbers are the source's own to the last bit.
public struct TabulatedPricing: Pricing {
  /// The source's intervals are kept.
  public static let hasIntervals = true
  private let tables: Tables

  /// - Parameters:
  ///   - source: what is asked, once for each call and number of rows.
  ///   - rows: tokens of a pass up to which times are kept; at least 1.
  public init<P: Pricing>(_ source: P, for evaluator: Evaluator, rows: Int) {
    let rows = max(1, rows)
    var sink = TableSink(
      source, rows: rows, slots: (evaluator.model.kinds.count + 1) * OperatorKind.allCases.count)
    for count in 1...rows {
      sink.count = count
      evaluator.lower(.decode(batch: Double(count), contextLength: 0), into: &sink)
    }
    var joins = JoinSink(source: source)
    evaluator.lower(.decode(batch: 1, contextLength: 4096), into: &joins)
    tables = Tables(
      start: sink.start, times: sink.times, rows: rows,
      source: TableSource(joinsAreFree: joins.areFree) { source.time($0, $1) })
  }

  /// From the table, or from the source.
  public func time(_ call: Call, _ work: Work) -> Time {
    tables.read { $0.known(call) ?? $0.source.pointee.time(call, work) }
  }

  /// The tables where they lie, for as long as `body` takes.
  @inline(__always)
  func read<Result>(_ body: (TableView) -> Result) -> Result { tables.read(body) }
}

/// What tabulated pricings share.
private final class Tables: Sendable {
  /// By `slot`: where the call's times begin; −1 for calls without a table.
  private let start: [Int32]
  private let times: [Time]
  /// Tables start at one row.
  private let rows: Double
  private let source: TableSource

  init(start: [Int32], times: [Time], rows: Int, source: TableSource) {
    self.start = start
    self.times = times
    self.rows = Double(rows)
    self.source = source
  }

  @inline(__always)
  func read<Result>(_ body: (TableView) -> Result) -> Result {
    withUnsafePointer(to: source) { source in
      start.withUnsafeBufferPointer { start in
        times.withUnsafeBufferPointer { times in
          body(TableView(start: start, times: times, rows: rows, source: source))
        }
      }
    }
  }
}

/// What is asked where a table has nothing. A type of its own: a bare closure would be wrapped, on the heap, each time
/// a pointer to it is taken.
struct TableSource: Sendable {
  /// What joins splits is counted within attention: sums need not ask for it.
  let joinsAreFree: Bool
  let time: @Sendable (Call, Work) -> Time
}

/// Tables seen through pointers: a sink that holds them counts no references, a dozen times a pass.
struct TableView: Pricing, @unchecked Sendable {
  static let hasIntervals = true
  let start: UnsafeBufferPointer<Int32>
  let times: UnsafeBufferPointer<Time>
  let rows: Double
  let source: UnsafePointer<TableSource>

  @inline(__always)
  func time(_ call: Call, _ work: Work) -> Time {
    if case .join = call.shape, source.pointee.joinsAreFree {
      return Time(seconds: 0, low: 0, high: 0, bound: .vector, basis: .calibrated, floor: Floor())
    }
    return known(call) ?? source.pointee.time(call, work)
  }

  /// What the table holds.
  @inline(__always)
  func known(_ call: Call) -> Time? {
    let slot = call.slot
    guard let count = call.tableRows, count >= 1, count <= rows, slot < start.count, start[slot] >= 0 else {
      return nil
    }
    let place = Int(count)
    return Double(place) == count ? times[Int(start[slot]) + place - 1] : nil
  }
}

/// Whether a source prices what joins splits at nothing.
private struct JoinSink<P: Pricing>: CallSink {
  let source: P
  var areFree = true

  mutating func add(_ call: Call, _ work: Work) {
    if case .join = call.shape, source.time(call, work).seconds > 0 { areFree = false }
  }
}

extension Call {
  /// The rows that its time hangs on, all else being the model's; nil where it hangs on more.
  @inline(__always)
  fileprivate var tableRows: Double? {
    switch shape {
    case .product(let shape): shape.rows
    case .rows(let shape):
      // Of many tokens a sequence, the cache is written by attention's own kernel.
      if case .cacheWrite(let tokens) = shape.operation, tokens > 1 { nil } else { shape.rows }
    case .experts(let shape): shape.tokens
    case .attention, .join, .index, .scan, .message: nil
    }
  }

  /// A number for kind and place.
  @inline(__always)
  fileprivate var slot: Int {
    switch place {
    case .outer: kind.rawValue
    case .kind(let index): (index + 1) * OperatorKind.count + kind.rawValue
    }
  }
}

private struct TableSink<P: Pricing>: CallSink {
  let source: P
  let rows: Int
  var count = 1
  var start: [Int32]
  var times: [Time] = []

  init(_ source: P, rows: Int, slots: Int) {
    self.source = source
    self.rows = rows
    start = Array(repeating: -1, count: slots)
  }

  mutating func add(_ call: Call, _ work: Work) {
    guard call.tableRows == Double(count) else { return }
    let time = source.time(call, work)
    if start[call.slot] < 0 {
      start[call.slot] = Int32(times.count)
      times += Array(repeating: time, count: rows)
    }
    times[Int(start[call.slot]) + count - 1] = time
  }
}
