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
    kernel = group.kernel
    width = group.format.number == .fp32 ? .full : group.format.isNarrow ? .narrow : .half
    self.vendor = vendor
    isFused = group.kernel == .allReduce && !group.framework.isNCCL
  }

  /// Runs of the other class teach this one: few devices tell what a core reaches of its peak in single products, and
  /// batches of them say it as well.
  func isTaught(by other: PriorClass) -> Bool {
    guard kernel == .gemm, other.kernel == .batchedProduct else { return self == other }
    return width == other.width && vendor == other.vendor
  }

  /// In a line.
  var label: String {
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
