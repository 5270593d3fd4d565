import CostModel

/// What the cost model's bytes below a cache are held to. With everything held its bytes, and its products' FLOPs at
/// any size, have to be the kernel's exactly.
public enum ModelClaim: Hashable, Sendable {
  /// The kernel runs what the cost model prices: equal at every capacity.
  case equal
  /// Equal where all reuse is there; before that the kernel moves more than its operator's best cut, and why.
  case atMost(String)

  /// How far the two may be from each other, a share.
  public static let tolerance = 0.05

  /// As reports show it.
  public var words: String {
    switch self {
    case .equal: "equal"
    case .atMost(let reason): "at most: \(reason)"
    }
  }
}

extension Crosscheck {
  /// A kernel's call as the cost model prices it, beside what the kernel says of itself.
  public struct Model: Sendable {
    public let call: Call
    public let claim: ModelClaim
    /// Where a cache holds everything: every operand crosses once.
    public let compulsory: Work
    /// The kernel's own, less scratch, allocations and what a mask throws away.
    public let kernel: Work
    /// The condition under which the kernel moves least.
    let least: String

    /// - Returns: nil without a call.
    init?(_ kernel: some Kernel, _ call: Call?, _ formula: TrafficFormula) {
      guard let call, let machine = Machine(cacheBytes: 0x1p60) else { return nil }
      let value = formula.below(capacityBytes: .infinity, writeAllocate: false)
      (self.call, claim, least) = (call, kernel.modelClaim, value.condition)
      compulsory = Costs.work(of: call, on: machine)
      self.kernel = Work(
        matmulFLOPs: kernel.matmulFLOPs - kernel.maskedFLOPs, vectorFLOPs: kernel.vectorFLOPs,
        traffic: CostModel.Traffic(
          streamingReads: value.reads - value.own.reads, writes: value.writes - value.own.writes))
    }

    /// Bytes below a cache, reads and writes.
    func bytes(below capacity: Double) -> Double? {
      Machine(cacheBytes: capacity).map { Costs.work(of: call, on: $0).traffic.total[0] }
    }

    /// To the byte, whatever the cache.
    var exactFlags: [Flag] {
      let (model, own) = (compulsory.traffic, kernel.traffic)
      return (model.reads[0] == own.reads[0] && model.writes[0] == own.writes[0] ? [] : [.modelBytesDiffer])
        + (compulsory.matmulFLOPs == kernel.matmulFLOPs ? [] : [.modelFLOPsDiffer])
    }

    /// - Parameter seen: bytes below this cache, simulated where they were.
    func flags(_ bytes: Double, _ value: TrafficFormula.Value, seen: Double) -> [Flag] {
      if value.inTransition { return [] }
      // Ends of arrays fill lines that no formula counts: no more than a few.
      let margin = ModelClaim.tolerance * seen + 512
      let excess = bytes - (seen - value.notOperator)
      if excess > margin { return [.modelAbove(share: ModelClaim.tolerance)] }
      let equal = claim == .equal || value.condition == least
      return equal && excess < -margin ? [.modelBelow(share: ModelClaim.tolerance)] : []
    }
  }
}

extension Machine {
  /// One core before far memory with one cache, in which its blocks of queries live too.
  fileprivate init?(cacheBytes: Double) {
    var profile = HardwareProfile(
      name: "cache",
      levels: [
        MemoryLevel(name: "far", capacityBytes: 0x1p60, bytesPerSecond: 1),
        MemoryLevel(name: "cache", capacityBytes: cacheBytes, bytesPerSecond: 1),
      ], peaks: [], vectorFLOPsPerSecond: 1, cores: 1)
    profile.registerBytesPerCore = cacheBytes
    guard let machine = try? Machine(profile) else { return nil }
    self = machine
  }
}
