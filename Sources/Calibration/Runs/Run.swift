/// The kernels that runs are measured of.
public enum Kernel: String, CaseIterable, Sendable, Hashable {
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
  case quantiseFP8 = "quantize_fp8"
  case allReduce = "allreduce"
  case allGather = "all_gather"
  case reduceScatter = "reduce_scatter"
  case allToAll = "alltoall"
  /// Passes of a whole dense model.
  case forwardPass = "forward_pass"
}

/// The dimensions one kernel was launched with; what does not apply is 0.
public struct KernelShape: Hashable, Sendable {
  /// Products and row-wise kernels: rows, outputs, inputs (or width).
  public var m = 0.0, n = 0.0, k = 0.0
  public var batch = 0.0, queries = 0.0, keys = 0.0
  public var heads = 0.0, keyValueHeads = 0.0, headDim = 0.0, window = 0.0
  public var experts = 0.0, topK = 0.0, hidden = 0.0, intermediate = 0.0, tokens = 0.0
  public var expertTensorParallel = 1.0, expertParallel = 1.0
  public var gated = true
  /// Exponent of the power law that tokens are spread over experts with; 0 is balanced.
  public var skew = 0.0
  /// Tokens were dealt to the experts in turn, so that no two meet while one is idle; else each chose by itself.
  public var dealt = false
  public var ranks = 0.0, messageBytes = 0.0
  /// Of a whole model; `batch` passes of `tokens` each.
  public var weights = 0.0, weightBytes = 0.0

  public init() {}
}

/// What a fit is made for: runs of one kernel in one piece of software and precision.
public struct RunGroup: Hashable, Sendable, Comparable {
  public var kernel: Kernel
  public var framework, version, dtype, cacheDtype: String

  public init(kernel: Kernel, framework: String, version: String, dtype: String, cacheDtype: String) {
    self.kernel = kernel
    self.framework = framework
    self.version = version
    self.dtype = dtype
    self.cacheDtype = cacheDtype
  }

  public var label: String {
    ([kernel.rawValue, framework, version, dtype] + (cacheDtype.isEmpty ? [] : ["cache \(cacheDtype)"]))
      .joined(separator: " ")
  }

  public static func < (a: RunGroup, b: RunGroup) -> Bool {
    (a.kernel.rawValue, a.framework, a.version, a.dtype, a.cacheDtype)
      < (b.kernel.rawValue, b.framework, b.version, b.dtype, b.cacheDtype)
  }
}

/// One measurement.
public struct Run: Hashable, Sendable {
  public var gpu: String
  public var group: RunGroup
  public var shape: KernelShape
  public var seconds: Double
  public var file: String
  public var line: Int

  public init(
    gpu: String, group: RunGroup, shape: KernelShape, seconds: Double, file: String = "", line: Int = 0
  ) {
    self.gpu = gpu
    self.group = group
    self.shape = shape
    self.seconds = seconds
    self.file = file
    self.line = line
  }
}

extension Run {
  /// The measurement itself, in whatever file it stands.
  public var withoutPlace: Run { Run(gpu: gpu, group: group, shape: shape, seconds: seconds) }

  /// Runs of one family are held out together, so that errors are those of shapes nobody measured.
  public var family: [Double] {
    switch group.kernel {
    case .gemm: [shape.n, shape.k]
    case .attentionPrefill, .attentionDecode: [shape.heads, shape.keyValueHeads, shape.headDim, shape.window]
    case .latentPrefill, .latentDecode: [shape.heads, shape.batch]
    case .mixture:
      [
        shape.experts, shape.topK, shape.hidden, shape.intermediate, shape.expertTensorParallel,
        shape.expertParallel,
      ]
    case .rmsNorm, .siluMul, .rope, .residualAdd, .quantiseFP8: [shape.k]
    case .allReduce, .allGather, .reduceScatter, .allToAll: [shape.ranks, shape.messageBytes]
    case .forwardPass: [shape.weightBytes, shape.tokens]
    }
  }

  public var isModelSized: Bool { shape.isModelSized(for: group.kernel) }
}

extension KernelShape {
  /// Sizes that language models have (`--shapes llm`).
  public func isModelSized(for kernel: Kernel) -> Bool {
    switch kernel {
    case .gemm: n >= 1024 && k >= 1024 && k <= 16_384 && (n <= 16_384 || k <= 8192)
    case .attentionPrefill, .attentionDecode: max(queries, keys) >= 128 && (headDim == 64 || headDim == 128)
    default: true
    }
  }
}
