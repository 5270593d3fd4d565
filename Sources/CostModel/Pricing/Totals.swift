/// What a call or a whole pass costs, all layers together.
public protocol Priced: Sendable {
  /// Matrix products' FLOPs.
  var matmulFLOPs: Double { get }
  /// FLOPs of both kinds.
  var flops: Double { get }
  /// Bytes below each level.
  var traffic: Traffic { get }
  /// The time, and its 80 % interval; both ends are `seconds` where pricing has none.
  var seconds: Double { get }
  /// See `seconds`.
  var low: Double { get }
  /// See `seconds`.
  var high: Double { get }
  /// What keeps it from being faster.
  var bound: Bound { get }
  /// What no implementation beats.
  var floor: Floor { get }
  /// Bytes sent to other devices.
  var sentBytes: Double { get }
}

extension Priced {
  /// FLOPs per byte of the farthest memory; 0 where nothing crosses it.
  public var arithmeticIntensity: Double { traffic.total[0] > 0 ? flops / traffic.total[0] : 0 }
}

/// Sums over all layers of a pass.
public struct Totals: Priced, Hashable {
  /// FLOPs on the matrix units.
  public var matmulFLOPs = 0.0
  /// FLOPs on the vector units.
  public var vectorFLOPs = 0.0
  /// Bytes below each memory level.
  public var traffic = Traffic()
  /// Bytes sent to other devices.
  public var sentBytes = 0.0
  /// Of the whole pass.
  public var seconds = 0.0
  /// The 80 % interval; both `seconds` where pricing has none.
  public var low = 0.0
  /// The upper end of the 80 % interval.
  public var high = 0.0
  /// Seconds spent under each bound, by `Bound.index`.
  public var secondsByBound = SIMD16<Double>.zero
  /// Everything fused and overlapped: each resource's seconds over all operators.
  public var floor = Floor()
  /// The operators' own floors, one after the other.
  public var kernelFloor = 0.0

  /// Nothing yet.
  public init() {}

  /// FLOPs of both kinds.
  public var flops: Double { matmulFLOPs + vectorFLOPs }

  /// The bound that most of the time is spent under.
  public var bound: Bound {
    var best = 0
    for index in 1...Bound.launch.index where secondsByBound[index] > secondsByBound[best] { best = index }
    return Bound(index: best)
  }

  /// Adds a message of a rank, whose error is independent of all others.
  public mutating func add(_ message: MessageCall, layers: Double, hasIntervals: Bool) {
    let (below, above) = (seconds - low, high - seconds)
    let time = message.time(layers: layers, hasInterval: hasIntervals)
    seconds += time.seconds
    // Links are busy with what is hidden too.
    floor.roofs[Bound.link.index] += message.floorSeconds * layers
    kernelFloor += time.floor.seconds
    secondsByBound[Bound.link.index] += time.seconds
    sentBytes += message.bytes * layers
    guard hasIntervals else {
      (low, high) = (seconds, seconds)
      return
    }
    func joined(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
    low = seconds - joined(below, time.seconds - time.low)
    high = seconds + joined(above, time.high - time.seconds)
  }
}

/// What one layer of a call adds to a pass.
struct Addend: Sendable {
  let floor: Floor
  let kernelFloor, matmulFLOPs, vectorFLOPs: Double
  let traffic: Traffic
  let seconds, low, high: Double
  let layers: Double
  let bound: Bound
  let fit: Int?

  @inline(__always)
  init(_ layers: Double, _ work: Work, _ time: Time) {
    let counted = work.counted
    self.layers = layers
    floor = time.floor
    kernelFloor = time.floor.seconds
    matmulFLOPs = counted.matmulFLOPs
    vectorFLOPs = counted.vectorFLOPs
    traffic = counted.traffic
    (seconds, low, high) = (time.seconds, time.low, time.high)
    bound = time.bound
    fit = time.fit
  }

  /// Of a number of rows that no pass had yet.
  static let unknown = Addend(
    -1, .none, Time(seconds: 0, low: 0, high: 0, bound: .vector, basis: .prior, floor: Floor()))
  @inline(__always) var isKnown: Bool { layers >= 0 }
}

extension SIMD16<Double> {
  /// Through memory: a lane known only at run time would move all sixteen.
  @inline(__always)
  mutating func add(_ value: Double, at place: Int) {
    withUnsafeMutableBytes(of: &self) { $0.bindMemory(to: Double.self)[place & 15] += value }
  }
}

/// A call with its work and its place under the roofs.
public struct PricedOperator: Priced, Hashable {
  /// What runs.
  public var call: Call
  /// Of one layer.
  public var work: Work
  /// Of all layers.
  public var time: Time

  /// Seconds of all layers, and their interval.
  public var seconds: Double { time.seconds }
  /// See `seconds`.
  public var low: Double { time.low }
  /// See `seconds`.
  public var high: Double { time.high }
  /// What binds `seconds`.
  public var bound: Bound { time.bound }
  /// What no implementation of it beats.
  public var floor: Floor { time.floor }
  /// Matrix products' FLOPs of all layers.
  public var matmulFLOPs: Double { work.matmulFLOPs * call.layers }
  /// FLOPs of all layers.
  public var flops: Double { work.flops * call.layers }
  /// Bytes of all layers.
  public var traffic: Traffic { work.traffic * call.layers }
  /// Bytes sent to other devices.
  public var sentBytes: Double {
    if case .message(let message) = call.shape { message.bytes * call.layers } else { 0 }
  }
}

/// One pass, operator by operator.
public struct Analysis: Hashable, Sendable {
  /// What was asked.
  public var workload: Workload
  /// In running order of a layer of each kind.
  public var operators: [PricedOperator]
  /// Sums over `operators`.
  public var totals: Totals
}

extension Analysis {
  /// Adds a message of a rank behind all that is there.
  public mutating func add(message call: Call, hasIntervals: Bool) {
    guard case .message(let message) = call.shape else { return }
    totals.add(message, layers: call.layers, hasIntervals: hasIntervals)
    operators.append(
      PricedOperator(
        call: call, work: Work(traffic: Traffic()),
        time: message.time(layers: call.layers, hasInterval: hasIntervals)))
  }

  /// New tokens of all sequences over the pass's time.
  public var tokensPerSecond: Double { workload.tokens / totals.seconds }

  /// Of the time, in operators whose time came about so.
  public func share(of basis: Basis) -> Double {
    let seconds = operators.reduce(0) { $0 + ($1.time.basis == basis ? $1.seconds : 0) }
    return totals.seconds > 0 ? seconds / totals.seconds : 0
  }
}

/// Totals on the way.
struct PlainSums {
  fileprivate var totals = Totals()
  /// Bytes read and written that cross all levels alike, not in `totals` yet: whole numbers below 2^53 add up in any
  /// order.
  private var streamed = SIMD2<Double>.zero

  @inline(__always)
  mutating func add(_ addend: Addend) {
    totals.traffic += addend.traffic * addend.layers
    addTimes(addend)
  }

  /// The same of a call whose bytes cross all levels alike.
  @inline(__always)
  mutating func add(streaming addend: Addend) {
    streamed += SIMD2(addend.traffic.reads[0], addend.traffic.writes[0]) * addend.layers
    addTimes(addend)
  }

  @inline(__always)
  private mutating func addTimes(_ addend: Addend) {
    let layers = addend.layers
    totals.matmulFLOPs += addend.matmulFLOPs * layers
    totals.vectorFLOPs += addend.vectorFLOPs * layers
    totals.seconds += addend.seconds * layers
    totals.floor = totals.floor + addend.floor * layers
    totals.kernelFloor += addend.kernelFloor * layers
    totals.secondsByBound.add(addend.seconds * layers, at: addend.bound.index)
  }

  /// Sums without interval.
  @inline(__always) var closed: Totals {
    var totals = totals
    totals.traffic += Traffic(streamingReads: streamed.x, writes: streamed.y)
    (totals.low, totals.high) = (totals.seconds, totals.seconds)
    return totals
  }
}

/// The same with the errors of fits, and what the host takes.
struct Sums<P: Pricing> {
  private var plain = PlainSums()
  private var errors = ErrorSum()
  /// Kernels that take time.
  private var launches = 0.0

  /// Beside the kernels so far; nil where none is known.
  @inline(__always)
  func overhead(_ work: Workload, by pricing: P) -> Time? {
    pricing.overhead(launches: launches, seconds: plain.totals.seconds, work)
  }

  @inline(__always)
  mutating func add(_ addend: Addend) {
    if addend.seconds > 0 { launches += addend.layers }
    plain.add(addend)
    if P.hasIntervals { errors.add(addend) }
  }

  /// Sums with their interval.
  var closed: Totals {
    var totals = plain.closed
    if P.hasIntervals { errors.bound(&totals) }
    return totals
  }

  /// The same with what the pass costs beside its kernels.
  mutating func closed(with overhead: Time?) -> Totals {
    if let overhead { add(Addend(1, .none, overhead)) }
    return closed
  }
}

/// Sums behind a pointer: a sink is copied into and out of every mechanism.
struct TotalsSink<P: Pricing>: CallSink {
  let pricing: P
  let sums: UnsafeMutablePointer<Sums<P>>

  @inline(__always)
  mutating func add(_ call: Call, _ work: Work) {
    sums.pointee.add(Addend(call.layers, work, pricing.time(call, work)))
  }
}

struct AnalysisSink<P: Pricing>: CallSink {
  let pricing: P
  var sums = Sums<P>()
  var operators: [PricedOperator] = []

  init(pricing: P) { self.pricing = pricing }

  mutating func add(_ call: Call, _ work: Work) {
    let time = pricing.time(call, work)
    sums.add(Addend(call.layers, work, time))
    operators.append(PricedOperator(call: call, work: work.counted, time: time * call.layers))
  }

  mutating func end(_ work: Workload) {
    guard let time = sums.overhead(work, by: pricing) else { return }
    sums.add(Addend(1, .none, time))
    operators.append(PricedOperator(call: .overhead, work: .none, time: time))
  }
}
