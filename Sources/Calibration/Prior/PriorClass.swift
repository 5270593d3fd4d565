import CostModel

/// Kernels that share their parameters over devices: of one class, in formats of one kind, from one vendor's libraries.
public struct PriorClass: Hashable, Comparable, Sendable {
  /// Which formula they follow.
  public let kernel: KernelClass
  /// Of the products' operands.
  public let width: Width
  /// Whose devices, in lower case.
  public let vendor: String
  /// Messages by an engine's own kernel, and not by NCCL.
  public let isFused: Bool

  /// Units and kernels differ between these.
  public enum Width: String, Sendable { case narrow, half, full }

  init(_ group: RunGroup, vendor: String) {
    // Batches of products are cut as single ones are.
    kernel = group.kernel == .batchedProduct ? .gemm : group.kernel
    width = group.format.number == .fp32 ? .full : group.format.isNarrow ? .narrow : .half
    self.vendor = vendor
    isFused = group.kernel == .allReduce && !group.framework.isNCCL
  }

  /// In a line, of one of its kernels.
  func label(of kernel: KernelClass) -> String {
    let format =
      switch width {
      case .narrow: " 8, 4 bit"
      case .half: ""
      case .full: " fp32"
      }
    return kernel.rawValue + (isFused ? " (fused)" : "") + format + (vendor == "nvidia" ? "" : ", \(vendor)")
  }

  /// By kernel, format, vendor.
  public static func < (a: Self, b: Self) -> Bool {
    (a.kernel.rawValue, a.width.rawValue, a.vendor, a.isFused ? 1 : 0)
      < (b.kernel.rawValue, b.width.rawValue, b.vendor, b.isFused ? 1 : 0)
  }
}

extension RunGroup {
  /// What of a group has a launch time of its own in the prior: its software and formats, on devices of that vendor.
  func shared(by vendor: String) -> RunGroup {
    var group = self
    group.version = vendor
    if group.format.number == .fp16 { group.format = RunFormat(.bf16) }
    if group.cache.number == .fp16 { group.cache = RunFormat(.bf16) }
    return group
  }
}
