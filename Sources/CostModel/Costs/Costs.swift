/// Turns a call into work on a machine: FLOPs of both kinds, and bytes that cross below each memory level.
///
/// Made once per machine and width of products' operands; costing then allocates nothing.
public struct Costs: Sendable {
  /// Whose levels and cores the work is for.
  public let machine: Machine
  /// 1 ÷ edge of a product's output tile at each level.
  let inverseTile: SIMD4<Double>
  /// The same at the nearest level, where weights are expanded.
  let inverseNearTile: Double

  /// FLOPs per element that a kernel spends on bringing a product's input to the units' format.
  let quantizationFLOPs: Double

  /// - Parameters:
  ///   - operand: what products' inputs are brought to: it sizes their tiles.
  ///   - quantizationFLOPs: per element of them; a scale found anew for each row unless told otherwise.
  public init(
    machine: Machine, operand: NumberFormat,
    quantizationFLOPs: Double = OperandQuantization.dynamicFLOPsPerElement
  ) {
    self.machine = machine
    self.quantizationFLOPs = quantizationFLOPs
    inverseTile = 1 / machine.productTile(bytesPerElement: operand.bytesPerElement)
    inverseNearTile = inverseTile[machine.levels - 1]
  }

  /// Work of one layer of `call`.
  public func work(of call: Call) -> Work {
    let formats = call.formats
    switch call.shape {
    case .product(let shape): return product(shape, formats)
    case .attention(let shape): return attention(shape, formats).attention
    case .join(let shape): return attention(shape, formats).join ?? Work(traffic: Traffic())
    case .index(let shape): return index(shape, formats)
    case .experts(let shape): return experts(shape, formats)
    case .rows(let shape): return rows(shape, formats)
    case .scan(let shape): return scan(shape, formats)
    case .message: return Work(traffic: Traffic())
    }
  }

  private func attention(_ shape: AttentionCall, _ formats: CallFormats) -> AttentionWork {
    attention(shape.simplified, formats, AttentionBlocks(shape, formats, on: machine))
  }

  /// Work of one layer of `call` on `machine`, its own input format taken as products' operand.
  public static func work(of call: Call, on machine: Machine) -> Work {
    Costs(machine: machine, operand: call.formats.input).work(of: call)
  }
}
