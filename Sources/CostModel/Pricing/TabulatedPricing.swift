/// What calls that hang on their rows alone add to a pass, worked out once for each number of rows; all other calls are
/// asked of the pricing the tables were made from. For sweeps and fixed points, which ask for the same products
/// thousands of times: the numbers are the source's own to the last bit.
public struct TabulatedPricing: Pricing {
  /// The source's intervals are kept.
  public static let hasIntervals = true
  let tables: Tables

  /// - Parameters:
  ///   - source: what is asked, once for each call and number of rows.
  ///   - rows: tokens of a pass up to which times are kept; at least 1.
  public init<P: Pricing>(_ source: P, for evaluator: Evaluator, rows: Int) {
    var sink = TableWriter(source, rows: max(1, rows), for: evaluator.model)
    for count in 1...sink.rows {
      sink.count = count
      evaluator.lower(.decode(batch: Double(count), contextLength: 0), into: &sink)
    }
    var joins = JoinSink(source: source)
    evaluator.lower(.decode(batch: 1, contextLength: 4096), into: &joins)
    tables = Tables(
      addends: sink.addends, rows: sink.rows, joinsAreFree: joins.areFree, time: { source.time($0, $1) },
      overhead: { source.overhead(launches: $0, seconds: $1, $2) })
  }

  /// The source's.
  public func time(_ call: Call, _ work: Work) -> Time { tables.time(call, work) }

  /// The source's.
  public func overhead(launches: Double, seconds: Double, _ work: Workload) -> Time? {
    tables.overhead(launches, seconds, work)
  }
}

/// What tabulated pricings share.
final class Tables: Sendable {
  /// Of 1, 2, … rows.
  let addends: Slots<Addend>
  /// Up to which tables go.
  let rows: Double
  /// What joins splits is counted within attention: sums need not ask for it.
  let joinsAreFree: Bool
  /// The source's.
  let time: @Sendable (Call, Work) -> Time
  /// See `time`.
  let overhead: @Sendable (_ launches: Double, _ seconds: Double, Workload) -> Time?

  init(
    addends: Slots<Addend>, rows: Int, joinsAreFree: Bool, time: @escaping @Sendable (Call, Work) -> Time,
    overhead: @escaping @Sendable (Double, Double, Workload) -> Time?
  ) {
    self.addends = addends
    self.rows = Double(rows)
    self.joinsAreFree = joinsAreFree
    self.time = time
    self.overhead = overhead
  }
}

/// Sums of a pass by tables, through pointers: a sink that held arrays would count references a dozen times a pass.
struct TableSink: CallSink {
  unowned(unsafe) let tables: Tables
  let addends: SlotView<Addend>
  let sums: UnsafeMutablePointer<Sums<TabulatedPricing>>

  @inline(__always)
  mutating func add(_ call: Call, _ work: Work) {
    if case .join = call.shape, tables.joinsAreFree {
      let time = Time(seconds: 0, low: 0, high: 0, bound: .vector, basis: .calibrated, floor: Floor())
      return sums.pointee.add(Addend(call.layers, work, time))
    }
    sums.pointee.add(Addend(call.layers, work, tables.time(call, work)))
  }

  mutating func adds(_ kind: OperatorKind, at place: Place, rows: Double) -> Bool {
    guard rows >= 1, rows <= tables.rows, let first = addends.first(kind, at: place) else { return false }
    let count = Int(rows)
    guard Double(count) == rows, first[count - 1].isKnown else { return false }
    sums.pointee.add(first[count - 1])
    return true
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

/// Fills the tables, one number of rows after the other.
private struct TableWriter<P: Pricing>: CallSink {
  let source: P
  let rows: Int
  var count = 1
  var addends: Slots<Addend>

  init(_ source: P, rows: Int, for model: ModelSpec) {
    self.source = source
    self.rows = rows
    addends = Slots(model)
  }

  mutating func add(_ call: Call, _ work: Work) {
    guard call.rowsAlone == Double(count), let place = addends.place(call, of: rows, filledWith: .unknown)
    else {
      return
    }
    addends[place + count - 1] = Addend(call.layers, work, source.time(call, work))
  }
}

extension Call {
  /// The rows that its time hangs on, all else being the model's; nil where it hangs on more.
  fileprivate var rowsAlone: Double? {
    switch shape {
    case .product(let shape): shape.rows
    case .rows(let shape): shape.goesByRowsAlone ? shape.rows : nil
    case .experts(let shape): shape.tokens
    case .attention, .join, .index, .scan, .message: nil
    }
  }
}
