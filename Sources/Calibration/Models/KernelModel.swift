import CostModel

/// A kernel's time, its parameters and device made ready: asking for seconds allocates nothing.
protocol KernelModel: Sendable {
  associatedtype Parameters: ParameterVector
  /// - Parameter group: whose formats and kernel it is.
  init(_ parameters: Parameters, for group: RunGroup, on device: DeviceQuantities)
  /// Works out what several of `shapes` share.
  mutating func prepare(for shapes: [RunShape])
  func seconds(_ shape: RunShape) -> Double
  /// Effects whose worth is worth knowing: parameters fixed where they do nothing.
  static func effects(of kernel: KernelClass) -> [Effect<Parameters>]
  /// The parameters that all devices share, fixed where a fit of few devices would make them stand for something else.
  static func shared(of kernel: KernelClass) -> [Parameter]
  /// The pull towards usual values where devices share parameters: some trade against each other within any one device.
  static func sharedStrength(of kernel: KernelClass) -> Double
}

extension KernelModel {
  mutating func prepare(for shapes: [RunShape]) {}
  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] { [] }
  static func shared(of kernel: KernelClass) -> [Parameter] { parameters }
  static func sharedStrength(of kernel: KernelClass) -> Double { 0.05 }

  /// Seconds of each shape.
  static func seconds(
    _ parameters: Parameters, _ shapes: [RunShape], for group: RunGroup, on device: DeviceQuantities
  ) -> [Double] {
    var model = Self(parameters, for: group, on: device)
    model.prepare(for: shapes)
    return shapes.map(model.seconds)
  }

  /// The same, of parameters in the order of their table.
  static func seconds(
    _ values: [Double], _ shapes: [RunShape], for group: RunGroup, on device: DeviceQuantities
  ) -> [Double] {
    seconds(Parameters(values), shapes, for: group, on: device)
  }

  static var parameters: [Parameter] { Parameters.parameters }
}

extension RunGroup {
  /// What is fitted of such runs.
  public var parameters: [Parameter] { KernelModels.model(for: self).parameters }
}

extension RunFormat {
  /// Products whose 16-bit inputs are first brought to 8 or 4 bits.
  var isNarrow: Bool {
    switch number {
    case .fp8, .fp8Block, .nvfp4, .mxfp4, .int8: true
    default: false
    }
  }
}
