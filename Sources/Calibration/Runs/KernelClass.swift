/// The classes of kernel that runs are measured of, by their names in files.
public enum KernelClass: String, CaseIterable, Sendable, Hashable {
  case gemm
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
