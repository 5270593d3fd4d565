import CostModel

/// The classes of kernel that runs are measured of, by their names in files. What each is stands in this file: its
/// shape, its dimensions, its formula, and the operator that models run it as. **A new one is a case, a line in each
/// table below, and a model of its own.**
public enum KernelClass: String, CaseIterable, Sendable, Hashable {
  case gemm
  /// Products of pairs of matrices, `batch` of them.
  case batchedProduct = "bmm"
  case attentionPrefill = "attention_prefill"
  case attentionDecode = "attention_decode"
  case latentPrefill = "mla_prefill"
  case latentDecode = "mla_decode"
  case mixture = "moe"
  case rmsNorm = "rmsnorm"
  case siluMul = "silu_mul"
  case rope
  case residualAdd = "residual_add"
  case quantizeFP8 = "quantize_fp8"
  case softmax
  case layerNorm = "layernorm"
  /// Of one tensor, or two.
  case elementwise
  case allReduce = "allreduce"
  case allGather = "all_gather"
  case reduceScatter = "reduce_scatter"
  case allToAll = "alltoall"
  /// Passes of a whole dense model.
  case forwardPass = "forward_pass"

  /// Messages between devices.
  public var isCollective: Bool {
    switch self {
    case .allReduce, .allGather, .reduceScatter, .allToAll: true
    default: false
    }
  }
}

extension KernelClass {
  /// A shape of the class with no extent.
  var emptyShape: RunShape {
    var shape = RunShape(messageBytes: 0, ranks: 0)
    func rows(_ operation: RowOperation) -> RowsCall {
      RowsCall(operation, rows: 0, readWidth: 0, writeWidth: 0, flopsPerElement: 0)
    }
    switch self {
    case .gemm, .batchedProduct: shape.product = shape.product
    case .attentionPrefill, .attentionDecode, .latentPrefill, .latentDecode: shape.attention = shape.attention
    case .mixture: shape.experts = shape.experts
    case .rmsNorm, .layerNorm, .softmax: shape.rows = rows(.norm)
    case .elementwise: shape.rows = rows(.add)
    case .siluMul: shape.rows = rows(.activate)
    case .rope: shape.rows = rows(.rotate)
    case .residualAdd: shape.rows = rows(.add)
    case .quantizeFP8: shape.rows = rows(.quantize)
    case .allReduce, .allGather, .reduceScatter, .allToAll: break
    case .forwardPass: shape.pass = shape.pass
    }
    return shape
  }
}

extension Dimension {
  /// Of a class, in the order of its family.
  static func all(of kernel: KernelClass) -> [Dimension] {
    switch kernel {
    case .gemm: product
    case .batchedProduct: batchedProduct
    case .attentionPrefill: attention(needsQueries: true)
    case .attentionDecode: attention(needsQueries: false)
    case .latentPrefill: latent(needsQueries: true)
    case .latentDecode: latent(needsQueries: false)
    case .mixture: mixture
    case .rmsNorm, .siluMul, .rope, .residualAdd, .quantizeFP8, .softmax, .layerNorm: rows
    case .elementwise: elementwise
    case .allReduce, .allGather, .reduceScatter, .allToAll: message
    case .forwardPass: pass
    }
  }
}

extension KernelClass {
  /// What models run such a kernel as.
  var operation: OperatorKind {
    switch self {
    case .gemm, .batchedProduct, .forwardPass, .allReduce, .allGather, .reduceScatter, .allToAll:
      .downProjection
    case .attentionPrefill, .attentionDecode, .latentPrefill, .latentDecode: .attention
    case .mixture: .experts
    case .rmsNorm, .layerNorm, .softmax: .inputNorm
    case .siluMul: .activation
    case .rope: .rotaryEmbedding
    case .residualAdd, .elementwise: .mixerResidual
    case .quantizeFP8: .quantizeMixerInput
    }
  }
}

/// Which formula a group's kernels follow.
enum KernelModels {
  static func model(for group: RunGroup) -> any KernelModel.Type {
    let isFull = group.format.number == .fp32
    return switch group.kernel {
    case .gemm where isFull: SingleProductModel.self
    case .batchedProduct where isFull: BatchedProductModel.self
    case .gemm, .batchedProduct: group.format.isNarrow ? QuantizedProductModel.self : MatrixProductModel.self
    case .attentionPrefill, .latentPrefill: PrefillModel.self
    case .attentionDecode: DecodeModel.self
    case .latentDecode: LatentDecodeModel.self
    case .mixture: MixtureModel.self
    case .rmsNorm, .siluMul, .rope: RowwiseModel.self
    case .softmax, .layerNorm: BlockRowsModel.self
    case .elementwise: TensorModel.self
    case .residualAdd, .quantizeFP8: ElementwiseModel.self
    case .allReduce where !group.framework.isNCCL: FusedAllReduceModel.self
    case .allReduce, .allGather, .reduceScatter, .allToAll: CollectiveModel.self
    case .forwardPass: ForwardPassModel.self
    }
  }

  /// Both groups' kernels take the same steps, so that parameters of one mean something for the other.
  static func takeSameSteps(_ a: RunGroup, _ b: RunGroup) -> Bool {
    ObjectIdentifier(model(for: a)) == ObjectIdentifier(model(for: b))
  }
}
