import CostModel

/// What a pass costs beside its kernels. Of a CUDA graph, which decode steps run as, the host prepares and samples a step,
/// and small kernels that no model lowers to run in every layer; without one the host also starts each kernel, behind the
/// others as long as they are longer than that takes it.
///
/// Set by hand beside a few measured steps of single devices at batch 1 to 4 (Llama 3.1 8B and 70B on H100 and B200,
/// TensorRT-LLM and vLLM), not fitted: the wide factors say so.
struct HostOverhead: Sendable {
  /// Of a step on the host; between two kernels of a graph; to start one without a graph.
  private let step, gap, start: Double

  init(_ framework: Framework) {
    switch framework {
    case .trtllm: (step, gap, start) = (1e-4, 2e-7, 4e-6)
    case .sglang: (step, gap, start) = (5e-4, 7e-7, 6e-6)
    case .torch: (step, gap, start) = (0, 0, 1e-5)
    default: (step, gap, start) = (6e-4, 7e-7, 6e-6)
    }
  }

  /// Hosts and engines' versions differ by as much.
  private static let factors = ErrorInterval(low: 0.4, high: 2.5)
  /// Errs apart from kernels.
  private static let fit = 14

  func time(launches: Double, seconds: Double, _ work: Workload) -> Time {
    let between = work.phase == .decode ? launches * gap : max(0, launches * start - seconds)
    let own = step + between
    return Time(
      seconds: own, low: own * Self.factors.low, high: own * Self.factors.high, bound: .launch, basis: .prior,
      fit: Self.fit, floor: Floor())
  }
}
