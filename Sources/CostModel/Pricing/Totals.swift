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

  /// - Parameter time: of one layer.
  @inline(__always)
  mutating func add(_ work: Work, layers: Double, _ time: Time) {
    matmulFLOPs += work.matmulFLOPs * layers
    vectorFLOPs += work.vectorFLOPs * layers
    traffic.reads += work.traffic.reads * layers
    traffic.writes += work.traffic.writes * layers
    seconds += time.seconds * layers
    floor = floor + time.floor * layers
    kernelFloor += time.floor.seconds * layers
    secondsByBound.add(time.seconds * layers, at: time.bound.index)
  }
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

/// Totals on the way, with the errors of fits.
struct Sums<P: Pricing> {
  private var totals = Totals()
  private var errors = ErrorSum()
  /// Kernels that take time.
  private var launches = 0.0

  /// Beside the kernels so far; nil where none is known.
  @inline(__always)
  func overhead(_ work: Workload, by pricing: P) -> Time? {
    pricing.overhead(launches: launches, seconds: totals.seconds, work)
  }

  /// - Parameter time: of one layer.
  @inline(__always)
  mutating func add(_ call: Call, _ work: Work, _ time: Time) {
    if time.seconds > 0 { launches += call.layers }
    totals.add(work.counted, layers: call.layers, time)
    if P.hasIntervals { errors.add(time * call.layers) }
  }

  /// Sums with their interval.
  var closed: Totals {
    mutating get {
      let (below, above) = P.hasIntervals ? errors.deviation : (0, 0)
      totals.low = totals.seconds - below
      totals.high = totals.seconds + above
      return totals
    }
  }
}

/// Sums behind a pointer, and pricing that is small or a view: a sink is copied into and out of every mechanism.
struct TotalsSink<P: Pricing>: CallSink {
  private let pricing: P
  private let sums: UnsafeMutablePointer<Sums<P>>

  /// Sums of what `lower` gives the sink.
  @inline(__always)
  static func totals(_ work: Workload, by pricing: P, _ lower: (inout TotalsSink) -> Void) -> Totals {
    var sums = Sums<P>()
    withUnsafeMutablePointer(to: &sums) { sums in
      var sink = TotalsSink(pricing: pricing, sums: sums)
      lower(&sink)
      if let time = sums.pointee.overhead(work, by: pricing) { sums.pointee.add(.overhead, .none, time) }
    }
    return sums.closed
  }

  @inline(__always)
  mutating func add(_ call: Call, _ work: Work) {
    sums.pointee.add(call, work, pricing.time(call, work))
  }
}

struct AnalysisSink<P: Pricing>: CallSink {
  let pricing: P
  var sums = Sums<P>()
  var operators: [PricedOperator] = []

  init(pricing: P) { self.pricing = pricing }

  mutating func add(_ call: Call, _ work: Work) {
    let time = pricing.time(call, work)
    sums.add(call, work, time)
    operators.append(PricedOperator(call: call, work: work.counted, time: time * call.layers))
  }

  mutating func end(_ work: Workload) {
    guard let time = sums.overhead(work, by: pricing) else { return }
    sums.add(.overhead, .none, time)
    operators.append(PricedOperator(call: .overhead, work: .none, time: time))
  }
}
