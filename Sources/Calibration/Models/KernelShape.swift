/// A measured kernel; raw values are the words of the measured-run files.
public enum Kernel: String, CaseIterable, Hashable, Sendable {
  case gemm
  case attentionPrefill = "attention_prefill"
  case attentionDecode = "attention_decode"
  case mlaPrefill = "mla_prefill"
  case mlaDecode = "mla_decode"
  case moe
  case allReduce = "allreduce"
  case allGather = "all_gather"
  case reduceScatter = "reduce_scatter"
  case allToAll = "alltoall"
  case rmsNorm = "rmsnorm"
  case siluMul = "silu_mul"
  case rope
  case residualAdd = "residual_add"
  case quantizeFP8 = "quantize_fp8"
}

/// Number format of a kernel's operands as measured-run files spell it.
public enum KernelFormat: String, CaseIterable, Hashable, Sendable {
  case bfloat16, float16, fp8
  case fp8Block = "fp8_block"
  case nvfp4

  /// Bytes of a weight, scales included.
  public var weightBytes: Double {
    switch self {
    case .bfloat16, .float16: 2
    case .fp8: 1
    case .fp8Block: 1 + 4.0 / (128 * 128)
    case .nvfp4: 0.5 + 1.0 / 16
    }
  }

  /// Bytes of an operand on the matrix unit.
  public var operandBytes: Double {
    switch self {
    case .bfloat16, .float16: 2
    case .fp8, .fp8Block: 1
    case .nvfp4: 0.5
    }
  }

  /// The input arrives in 16 bits and a kernel of its own narrows it first.
  public var quantisesInput: Bool { operandBytes < 2 }

  public init?(word: String) {
    switch word.lowercased() {
    case "bf16", "bfloat16": self = .bfloat16
    case "fp16", "float16", "half": self = .float16
    case "fp8", "fp8_e4m3": self = .fp8
    case "fp8_block", "fp8-block": self = .fp8Block
    case "nvfp4", "fp4": self = .nvfp4
    default: return nil
    }
  }
}

/// The dimensions a kernel is launched with, per GPU.
public enum KernelShape: Hashable, Sendable {
  /// [m, k] × [k, n]
  case product(m: Double, n: Double, k: Double, KernelFormat)
  case attention(AttentionDimensions)
  case experts(ExpertDimensions)
  /// `bytes` is the whole buffer.
  case collective(ranks: Double, bytes: Double)
  /// `rows` rows; bytes read and written per row.
  case rows(rows: Double, readBytes: Double, writtenBytes: Double)
}

public struct AttentionDimensions: Hashable, Sendable {
  public var batch: Double
  /// New tokens of each sequence.
  public var queries: Double
  /// Keys each sequence spans, the new ones among them.
  public var keys: Double
  public var queryHeads: Double
  public var kvHeads: Double
  public var headDim: Double
  /// Width of a value; the latent's 512 in absorbed MLA, 128 in its naive form.
  public var valueDim: Double
  /// 0 is full attention.
  public var window: Double
  public var operandBytes: Double
  public var cacheBytes: Double

  public init(
    batch: Double, queries: Double, keys: Double, queryHeads: Double, kvHeads: Double, headDim: Double,
    valueDim: Double, window: Double, operandBytes: Double, cacheBytes: Double
  ) {
    self.batch = batch
    self.queries = queries
    self.keys = keys
    self.queryHeads = queryHeads
    self.kvHeads = kvHeads
    self.headDim = headDim
    self.valueDim = valueDim
    self.window = window
    self.operandBytes = operandBytes
    self.cacheBytes = cacheBytes
  }
}

public struct ExpertDimensions: Hashable, Sendable {
  public var tokens: Double
  public var hidden: Double
  /// Per GPU, after tensor parallelism.
  public var intermediate: Double
  /// Experts of the whole layer, and those on this GPU.
  public var experts: Double
  public var localExperts: Double
  public var topK: Double
  public var gated: Bool
  public var format: KernelFormat
  /// Experts on this GPU expected to get a token.
  public let active: Double
  /// Tokens of the busiest expert over the mean of the active ones.
  public let imbalance: Double

  /// - Parameter skew: exponent of the power law of the experts' popularity; 0 is a balanced router.
  public init(
    tokens: Double, hidden: Double, intermediate: Double, experts: Double, localExperts: Double, topK: Double,
    gated: Bool, format: KernelFormat, skew: Double
  ) {
    self.tokens = tokens
    self.hidden = hidden
    self.intermediate = intermediate
    self.experts = experts
    self.localExperts = localExperts
    self.topK = topK
    self.gated = gated
    self.format = format
    let load = ExpertLoad(tokens: tokens, experts: experts, topK: topK, skew: skew)
    active = max(1, min(localExperts, load.active * localExperts / max(1, experts)))
    imbalance = load.imbalance
  }
}

/// How a router spreads tokens over experts.
struct ExpertLoad {
  var active: Double
  var imbalance: Double

  /// Balanced: each token draws k of E without replacement, E(1 − (1 − k/E)^T) get one.
  /// Skewed: popularity follows quantiles of a power law x^−α on 1…0.8 T, as benchmark generators draw it.
  init(tokens: Double, experts: Double, topK: Double, skew: Double) {
    let count = max(1, min(4096, experts))
    guard skew > 0, tokens > 1 else {
      active = count * (1 - power(max(0, 1 - topK / count), tokens))
      imbalance = 1
      return
    }
    let top = max(1.0001, 0.8 * tokens)
    let exponent = 1 - skew
    var weights: [Double] = []
    for index in 0..<Int(count) {
      let u = (Double(index) + 0.5) / count
      let x =
        abs(exponent) < 1e-9
        ? power(top, u) : power((power(top, exponent) - 1) * u + 1, 1 / exponent)
      weights.append(x)
    }
    let sum = weights.reduce(0, +)
    var touched = 0.0
    var most = 0.0
    for weight in weights {
      let share = min(1, topK * weight / sum)
      touched += 1 - power(1 - share, tokens)
      most = max(most, share)
    }
    active = max(min(topK, count), touched)
    imbalance = max(1, most * tokens / (tokens * topK / max(1, touched)))
  }
}
