import CostModel

/// A real kernel with its cost beside it.
///
/// `execute` is written once, generic over the instrument; `run`, `count` and `simulate` are that loop with the
/// instrument off, counting, and feeding caches.
public protocol Kernel: Sendable {
  associatedtype Data: Sendable
  /// Name on the command line: `gemm`.
  var name: String { get }
  /// Dimensions for people: `m=64 n=64 k=64`.
  var shape: String { get }
  /// Arithmetic the loops do; a multiply-add is 2.
  var matmulFLOPs: Double { get }
  var vectorFLOPs: Double { get }
  /// Elements that pass through e^x.
  var exponentials: Double { get }
  /// Name and dimensions in the table of measured runs.
  var measured: MeasuredShape { get }
  /// What its operands are stored in.
  var formats: CallFormats { get }
  /// The operator that it computes, as the cost model is asked for it; nil where it is none, or more than one.
  var call: Call? { get }
  /// What the cost model's bytes for `call` are held to.
  var modelClaim: ModelClaim { get }
  /// The part of `matmulFLOPs` that a mask throws away.
  var maskedFLOPs: Double { get }
  func formula(_ arithmetic: Arithmetic) -> TrafficFormula
  /// What the kernel does one after the other.
  func phases(_ arithmetic: Arithmetic) -> [KernelPhase]
  /// Operands and scratch for up to `threads` threads.
  func makeData(_ arithmetic: Arithmetic, threads: Int) -> Data
  func execute<I: Instrument>(_ data: Data, _ arithmetic: Arithmetic, _ instrument: inout I)
  func run(_ data: Data, _ arithmetic: Arithmetic, threads: Int)
  func count(_ data: Data, _ arithmetic: Arithmetic) -> TileCounter
  func simulate(_ data: Data, _ arithmetic: Arithmetic, _ caches: CacheHierarchy)
  /// Largest difference from naive loops in double precision ÷ the largest magnitude; call after `run`.
  func error(_ data: Data) -> Double
  /// Those loops do a whole product's arithmetic again, which takes long.
  var isSlowToCheck: Bool { get }
  /// How far simulated traffic may be from the formula outside transitions, a share.
  var trafficTolerance: Double { get }
  /// Its seconds are judged by `Crosscheck.ratioBounds`: products and attention are, passes over rows are shown.
  var isTimeJudged: Bool { get }
}

extension Kernel {
  public var formats: CallFormats { CallFormats(uniform: .fp32) }
  public var measured: MeasuredShape { call.map { MeasuredShape(name, $0) } ?? MeasuredShape(name, [:]) }
  public var modelClaim: ModelClaim { .equal }
  public var maskedFLOPs: Double { 0 }
  public var vectorFLOPs: Double { 0 }
  public var isSlowToCheck: Bool { false }
  public var trafficTolerance: Double { 0.05 }
  public var isTimeJudged: Bool { false }

  public func count(_ data: Data, _ arithmetic: Arithmetic) -> TileCounter {
    var counter = TileCounter()
    execute(data, arithmetic, &counter)
    return counter
  }

  /// Its operator, one layer of it.
  func call(_ kind: OperatorKind, _ shape: Shape) -> Call {
    Call(kind, at: .kind(0), layers: 1, formats: formats, shape: shape)
  }

  /// Cold caches at first, everything written back in the end.
  public func simulate(_ data: Data, _ arithmetic: Arithmetic, _ caches: CacheHierarchy) {
    var stream = AddressStream(caches)
    execute(data, arithmetic, &stream)
    caches.flush()
  }
}

/// A kernel of pieces that threads take in slices, each on data of its own.
public protocol SlicedKernel: Kernel {
  /// Rows, heads, elements.
  var pieces: Int { get }
  /// Slices are cut at multiples of so many.
  var grain: Int { get }
  func part<I: Instrument>(
    _ data: Data, _ pieces: Range<Int>, thread: Int, _ arithmetic: Arithmetic, _ instrument: inout I)
}

extension SlicedKernel {
  public var grain: Int { 1 }

  public func execute<I: Instrument>(_ data: Data, _ arithmetic: Arithmetic, _ instrument: inout I) {
    part(data, 0..<pieces, thread: 0, arithmetic, &instrument)
  }

  public func run(_ data: Data, _ arithmetic: Arithmetic, threads: Int) {
    Threads.run(threads) { index in
      var off = NoCounter()
      let slice = Threads.slice(pieces, index, of: threads, grain: grain)
      part(data, slice, thread: index, arithmetic, &off)
    }
  }
}

enum Compare {
  /// Largest |got − expected| ÷ largest |expected|; infinite for what is not a number.
  static func error(_ count: Int, got: (Int) -> Float, expected: (Int) -> Double) -> Double {
    var worst = 0.0
    var scale = 1e-30
    for index in 0..<count {
      let right = expected(index)
      let difference = abs(Double(got(index)) - right)
      guard difference.isFinite else { return .infinity }
      worst = max(worst, difference)
      scale = max(scale, abs(right))
    }
    return worst / scale
  }
}
