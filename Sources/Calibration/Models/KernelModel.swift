/// A named quantity that a fit may choose, within bounds.
public struct Parameter: Hashable, Sendable {
  public var name: String
  public var meaning: String
  public var lower: Double
  public var upper: Double
  /// What it is taken as before any run is seen.
  public var typical: Double
  /// Standard deviation of its logarithm before any run is seen.
  public var spread: Double

  public init(
    _ name: String, _ meaning: String, _ bounds: ClosedRange<Double>, typical: Double, spread: Double = 1
  ) {
    self.name = name
    self.meaning = meaning
    lower = bounds.lowerBound
    upper = bounds.upperBound
    self.typical = typical
    self.spread = spread
  }

  /// A share of a datasheet rate, in (0, 1].
  static func efficiency(_ name: String, _ meaning: String, typical: Double = 0.7) -> Parameter {
    Parameter(name, meaning, 0.02...1, typical: typical, spread: 0.6)
  }

  static func microseconds(_ name: String, _ meaning: String, typical: Double, upTo: Double = 200)
    -> Parameter
  {
    Parameter(name, meaning, 0.01...upTo, typical: typical, spread: 1)
  }
}

/// How long a kernel takes: a function of shape, device and a few physical parameters.
public struct KernelModel: Sendable {
  public var name: String
  public var parameters: [Parameter]
  /// Seconds; the shape has to be of the model's kind (NaN otherwise).
  public var seconds: @Sendable (KernelShape, DeviceQuantities, [Double]) -> Double

  public init(
    _ name: String, _ parameters: [Parameter],
    seconds: @escaping @Sendable (KernelShape, DeviceQuantities, [Double]) -> Double
  ) {
    self.name = name
    self.parameters = parameters
    self.seconds = seconds
  }

  /// The model of a kernel in a format.
  public static func of(_ kernel: Kernel, _ format: KernelFormat) -> KernelModel {
    switch kernel {
    case .gemm: format.quantisesInput ? GEMMModel.quantised : GEMMModel.plain
    case .attentionPrefill, .mlaPrefill: PrefillAttentionModel.model
    case .attentionDecode, .mlaDecode: DecodeAttentionModel.model
    case .moe: format.quantisesInput ? ExpertsModel.quantised : ExpertsModel.plain
    case .allReduce: CollectiveModel.allReduce
    case .allGather, .reduceScatter, .allToAll: CollectiveModel.exchange
    case .rmsNorm, .siluMul, .rope, .residualAdd, .quantizeFP8: RowsModel.model
    }
  }
}
