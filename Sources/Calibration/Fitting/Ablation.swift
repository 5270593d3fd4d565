/// A model without one of its effects: some parameters are fixed where they do nothing.
public struct AblatedModel: KernelModel {
  let base: any KernelModel
  let fixed: [String: Double]

  public init(_ base: any KernelModel, fixing fixed: [String: Double]) {
    self.base = base
    self.fixed = fixed
  }

  public var parameters: [Parameter] {
    base.parameters.map { parameter in
      guard let value = fixed[parameter.name] else { return parameter }
      return Parameter(parameter.name, parameter.meaning, value, value * 0.999_9, value * 1.000_1)
    }
  }

  public func seconds(_ p: [Double], _ shapes: [KernelShape], on device: DeviceQuantities) -> [Double] {
    base.seconds(p, shapes, on: device)
  }
}

/// The effects whose worth is worth knowing.
public enum Ablation {
  public static func effects(of kernel: Kernel) -> [(name: String, fixed: [String: Double])] {
    switch kernel {
    case .gemm:
      [
        (
          "serial quantising of the input",
          [
            "quantise_seconds": 1e-7, "quantise_efficiency": 1, "quantise_cached_bytes_per_clock": 64,
            "quantise_row_seconds": 1e-10,
          ]
        ), ("filling a tile", ["prologue_inputs": 1]),
        ("a tile's operands", ["operand_bytes_per_clock": 500]),
        ("splitting the inputs", ["split_seconds": 3e-5]), ("the last wave", ["wave_share": 0.01]),
      ]
    case .attentionPrefill:
      [
        ("softmax beside the products", ["softmax_seconds": 5e-9]),
        ("the longest block", ["imbalance": 0.01]),
        ("serial cache write", ["cache_write_efficiency": 1, "token_seconds": 1e-12]),
      ]
    case .attentionDecode:
      [
        ("fixed cost per wave", ["unit_seconds": 1e-8]),
        ("one core's bandwidth", ["core_bytes_per_clock": 128]),
        ("the last wave", ["wave_share": 0.01]),
        ("splitting the keys", ["join_seconds": 2e-2, "grouped_join_seconds": 2e-2]),
        ("keys beyond the window", ["window_extra_keys": 1]),
        ("outputs put in order", ["regroup_seconds": 1e-8]),
      ]
    case .mixture:
      [("skew of the router", ["skew_share": 0.05]), ("permutation", ["permutation_efficiency": 1])]
    case .allReduce, .allGather, .reduceScatter, .allToAll:
      [
        ("latency per rank", ["hop_seconds": 1e-9, "rank_seconds": 1e-9]),
        (
          "protocols of short messages",
          ["bulk_seconds": 1e-8, "bulk_hop_seconds": 1e-9, "phase_seconds": 5e-7, "ramp_bytes": 100]
        ),
      ]
    case .rmsNorm:
      [
        ("waves of blocks", ["block_seconds": 2e-7, "row_seconds": 1e-7]),
        ("the last wave", ["wave_share": 0.1]), ("the shared level", ["cached_bytes_per_clock": 2]),
      ]
    default: []
    }
  }
}
