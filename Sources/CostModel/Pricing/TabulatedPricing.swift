/// Times of calls that hang on their rows alone, worked out once for each number of rows; all other calls are asked
/// of the pricing the tables were made from. For sweeps and fixed points, which ask for the same products thousands
/// of times: the numbers are the source's own to the last bit.
public struct TabulatedPricing: Pricing {
  /// The source's intervals are kept.
  public static let hasIntervals = true
  /// Tables start at one row.
  public let rows: Int
  /// By `slot`: where the call's times begin; −1 for calls without a table.
  private let start: [Int32]
  private let times: [Time]
  private let other: @Sendable (Call, Work) -> Time

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
    self.rows = rows
    start = sink.start
    times = sink.times
    other = { source.time($0, $1) }
  }

  /// From the table, or from the source.
  @inline(__always)
  public func time(_ call: Call, _ work: Work) -> Time {
    if let count = call.tableRows {
      let place = Int(count)
      let start = start[call.slot]
      if start >= 0, place >= 1, place <= rows, Double(place) == count {
        return times[Int(start) + place - 1]
      }
    }
    return other(call, work)
  }
}

extension Call {
  /// The rows that its time hangs on, all else being the model's; nil where it hangs on more.
  @inline(__always)
  fileprivate var tableRows: Double? {
    switch shape {
    case .product(let shape): shape.rows
    case .rows(let shape): shape.rows
    case .experts(let shape): shape.tokens
    case .attention, .join, .index, .scan: nil
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
