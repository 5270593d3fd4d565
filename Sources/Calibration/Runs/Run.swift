import CostModel

/// One measurement.
public struct Run: Hashable, Sendable {
  /// The device as the row calls it.
  public var gpu: String
  /// Kernel, software and formats.
  public var group: RunGroup
  /// What was launched.
  public var shape: RunShape
  /// Of one launch.
  public var seconds: Double
  /// What counters saw of it.
  public var traffic = MeasuredTraffic()
  /// Measured on a processor's cores, whatever the device that it is named with.
  public var isOnHost = false
  /// Where the row stands.
  public var file: String
  /// Counted from 1; 0 where nothing was read.
  public var line: Int

  /// - Parameter seconds: of one launch.
  public init(
    gpu: String, group: RunGroup, shape: RunShape, seconds: Double, file: String = "", line: Int = 0
  ) {
    self.gpu = gpu
    self.group = group
    self.shape = shape
    self.seconds = seconds
    self.file = file
    self.line = line
  }

  /// The measurement itself, in whatever file it stands.
  public var withoutPlace: Run {
    var run = self
    (run.file, run.line) = ("", 0)
    return run
  }

  /// Sizes that language models have (`--shapes llm`).
  public var isModelSized: Bool { shape.isModelSized(for: group.kernel) }
}

extension RunShape {
  /// Sizes that language models have.
  func isModelSized(for kernel: KernelClass) -> Bool {
    switch kernel {
    case .gemm: product.isModelSized
    case .attentionPrefill, .attentionDecode: attention.isModelSized
    default: true
    }
  }
}

extension ProductCall {
  /// Language models have such weights.
  var isModelSized: Bool {
    outputs >= 1024 && inputs >= 1024 && inputs <= 16_384 && (outputs <= 16_384 || inputs <= 8192)
  }
}

extension AttentionCall {
  /// Language models have such heads and lengths.
  var isModelSized: Bool {
    (queries > 1 ? queries : length) >= 128 && (keyWidth == 64 || keyWidth == 128)
  }
}
