/// A pricing that need not see every call's shape; it has no intervals and knows no host.
protocol KnownPricing: Pricing {
  /// Of one layer.
  func time(_ call: UnsafePointer<KnownCall>, _ work: Work) -> Time
  /// Of any call at those rates; nil where the shape counts.
  func time(_ work: Work, _ rates: CallRates) -> Time?
}

/// Sums where calls are known. Those that follow each other wait until one comes that is not known, and are summed in one
/// loop: what they share is worked out once.
struct KnownSink<P: KnownPricing>: CallSink {
  /// Small, or a view.
  let pricing: P
  let sums: UnsafeMutablePointer<PlainSums>
  let calls: SlotView<KnownCall>
  /// Outlives the sink.
  unowned(unsafe) let lowering: Lowering
  /// Places of calls that wait, one behind the other, and how many rows each has.
  private var first = 0, end = 0
  private var rows = 0.0

  init(pricing: P, sums: UnsafeMutablePointer<PlainSums>, calls: SlotView<KnownCall>, lowering: Lowering) {
    self.pricing = pricing
    self.sums = sums
    self.calls = calls
    self.lowering = lowering
  }

  @inline(__always)
  mutating func add(_ call: Call, _ work: Work) {
    addWaiting()
    sums.pointee.add(Addend(call.layers, work, pricing.time(call, work)))
  }

  @inline(__always)
  mutating func adds(_ kind: OperatorKind, at place: Place, rows: Double) -> Bool {
    guard let call = calls.index(kind, at: place) else { return false }
    if call != end || rows != self.rows {
      addWaiting()
      (first, self.rows) = (call, rows)
    }
    end = call + 1
    return true
  }

  @inline(__always)
  mutating func adds(_ work: Work, layers: Double, _ rates: @autoclosure () -> CallRates) -> Bool {
    guard let time = pricing.time(work, rates()) else { return false }
    addWaiting()
    sums.pointee.add(Addend(layers, work, time))
    return true
  }

  /// Before anything else is added, and at the end.
  @inline(__always)
  mutating func addWaiting() {
    if first < end { addAll() }
  }

  /// Adds the calls that wait. Mutating, since of what it only reads a copy would be made to be handed on.
  @inline(never)
  private mutating func addAll() {
    let rows = rows
    let passes = lowering.costs.passes(rows: rows)
    var call = calls[first]
    let past = calls[end]
    while call < past {
      // Each by itself: bytes of rows are the same below all levels, which the compiler sees as long as it knows which it is.
      if call.pointee.operation == nil {
        let work = lowering.costs.product(call.pointee.product, rows: rows, passes: passes)
        sums.pointee.add(Addend(call.pointee.layers, work, pricing.time(call, work)))
      } else {
        let work = lowering.costs.stream(call.pointee.stream, rows: rows)
        sums.pointee.add(streaming: Addend(call.pointee.layers, work, pricing.time(call, work)))
      }
      call += 1
    }
    first = end
  }
}
