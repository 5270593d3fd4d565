/// One kernel that a model runs: which, where, how often, on what shape and in which formats.
public struct Call: Hashable, Sendable {
  /// Which operator of the model it is.
  public var kind: OperatorKind
  /// Before, in or behind the layers.
  public var place: Place
  /// How many layers run it.
  public var layers: Double
  /// What its operands are stored in, and what it computes in.
  public var formats: CallFormats
  /// The dimensions it is launched with.
  public var shape: Shape

  /// A call of `kind` at `place`, run once for each of `layers`.
  @inline(__always)
  public init(_ kind: OperatorKind, at place: Place, layers: Double, formats: CallFormats, shape: Shape) {
    self.kind = kind
    self.place = place
    self.layers = layers
    self.formats = formats
    self.shape = shape
  }
}

extension Call {
  /// What a pass costs beside its kernels: nothing is computed.
  static let overhead = Call(
    .overhead, at: .outer, layers: 1, formats: CallFormats(uniform: .bf16),
    shape: .rows(RowsCall(.add, rows: 0, readWidth: 0, writeWidth: 0, flopsPerElement: 0)))
}

/// Where in a model a call stands.
public enum Place: Hashable, Sendable {
  /// Before or behind the layers.
  case outer
  /// In the layers of the model's kind of that index.
  case kind(Int)
  /// In the model's tower of that index, in its kind of layer of that index or around them.
  case tower(Int, kind: Int?)
}

/// What a call reads and writes is stored in, and what it computes in.
///
/// Bytes and FLOPs per element stand beside the formats so that costing looks nothing up.
public struct CallFormats: Hashable, Sendable {
  /// Weights of products and experts; the cache in attention; the table of an embedding.
  public let stored: NumberFormat
  /// Inputs and results.
  public let input, output: NumberFormat
  /// Biases, norm weights.
  public let small: NumberFormat
  /// Which peak the products run at.
  public let unit: MatrixUnit
  /// The arithmetic of its products.
  public let compute: ComputeFormat

  /// The fastest arithmetic with the same result: engines multiply llama.cpp's blocks as 8-bit integers, and caches of
  /// 8-bit floats as such.
  let fastest: ComputeFormat
  /// Mean bytes of a stored element.
  public let storedBytes: Double
  let inputBytes, outputBytes, smallBytes: Double
  /// FLOPs to expand a stored element each time it is loaded; 0 where the units take it as it is.
  let expansionFLOPs: Double

  /// - Parameters:
  ///   - expansionFLOPs: per stored element.
  ///   - storedBytes: mean bytes of a stored element, where not all are in `stored`.
  public init(
    stored: NumberFormat, input: NumberFormat, output: NumberFormat, small: NumberFormat, unit: MatrixUnit,
    compute: ComputeFormat, expansionFLOPs: Double = 0,
    storedBytes: Double? = nil
  ) {
    self.stored = stored
    self.input = input
    self.output = output
    self.small = small
    self.unit = unit
    self.compute = compute
    fastest =
      switch stored {
      case .gguf, .mixed: .int8
      case .fp8 where unit == .attention: .fp8
      default: compute
      }
    self.storedBytes = storedBytes ?? stored.bytesPerElement
    inputBytes = input.bytesPerElement
    outputBytes = output.bytesPerElement
    smallBytes = small.bytesPerElement
    self.expansionFLOPs = expansionFLOPs
  }

  /// Everything in one format, taken as it is.
  public init(uniform format: NumberFormat, unit: MatrixUnit = .linear) {
    self.init(
      stored: format, input: format, output: format, small: format, unit: unit,
      compute: ComputeFormat(activations: format))
  }
}

/// Which of a model's precisions a call's products run in.
public enum MatrixUnit: Int, CaseIterable, Hashable, Sendable {
  case linear, experts, attention, lmHead
  /// Products whose weights are in another format than most of the model.
  case other
}

/// What one call costs on a machine, a single layer of it.
public struct Work: Hashable, Sendable {
  /// Products on the matrix units: one multiply-add is 2.
  public var matmulFLOPs: Double
  /// Element-wise arithmetic on the vector units.
  public var vectorFLOPs: Double
  /// Bytes below each memory level.
  public var traffic: Traffic
  /// Share of the cores that have work, 0…1; it scales compute and what each core pulls.
  public var occupancy: Double
  /// The call's, kept beside it so that pricing need not look at the shape again.
  var compulsory: Compulsory

  /// - Parameter occupancy: 1 where all cores have work.
  @inline(__always)
  public init(matmulFLOPs: Double = 0, vectorFLOPs: Double = 0, traffic: Traffic, occupancy: Double = 1) {
    self.matmulFLOPs = matmulFLOPs
    self.vectorFLOPs = vectorFLOPs
    self.traffic = traffic
    self.occupancy = occupancy
    compulsory = Compulsory()
  }

  /// The same beside what its call cannot do without.
  @inline(__always)
  func beside(_ compulsory: Compulsory) -> Work {
    var work = self
    work.compulsory = compulsory
    return work
  }

  /// No work at all.
  @inline(__always) static var none: Work { Work(traffic: Traffic()) }

  /// FLOPs of both kinds.
  public var flops: Double { matmulFLOPs + vectorFLOPs }

  /// Whole FLOPs and bytes, as reports state them; times are taken before.
  @inline(__always) var counted: Work {
    var work = self
    work.vectorFLOPs = wholeNumber(vectorFLOPs)
    work.traffic = traffic.whole
    return work
  }
}

/// Receives calls with their work one by one; generic, so that a sink that only adds up keeps nothing.
public protocol CallSink {
  /// `work` is that of one of the call's layers.
  mutating func add(_ call: Call, _ work: Work)
  /// Adds a call of which nothing but the number of rows changes from pass to pass, without being told what it is.
  ///
  /// - Returns: false where the sink does not know it, and is to be told.
  mutating func adds(_ kind: OperatorKind, at place: Place, rows: Double) -> Bool
  /// Adds what any call at those rates costs; false where the sink has to see its shape.
  mutating func adds(_ work: Work, layers: Double, _ rates: @autoclosure () -> CallRates) -> Bool
}

extension CallSink {
  /// Knows no calls.
  @inline(__always)
  public mutating func adds(_ kind: OperatorKind, at place: Place, rows: Double) -> Bool { false }
  /// Sees every shape.
  @inline(__always)
  public mutating func adds(_ work: Work, layers: Double, _ rates: @autoclosure () -> CallRates) -> Bool {
    false
  }
}
