import CostModel

/// What no kernel beats that does what a run measured: from cold caches, and on buffers that were just used.
public struct RunBound: Hashable, Sendable {
  /// All operands from far memory.
  public var seconds: Double
  /// All but one last-level cache of them.
  public var resident: Double
  /// What sets `seconds`.
  public var by: Bound
  /// Of the operands.
  public var bytes: Double
  /// Of a mixture, with the experts that evenly dealt tokens touch instead of the fewest of any routing.
  public var balanced: Double?

  /// Timers are as good as this.
  public static let slack = 0.02

  /// Of a kernel by itself; inputs as they arrive, quantized by the kernel where its format is narrow.
  public init(_ group: RunGroup, _ shape: RunShape, on device: DeviceQuantities) {
    switch shape.measured {
    case .call(let call):
      let (least, even) = shape.ofOneRank(call)
      func cold(_ shape: Shape) -> (call: Call, floor: Floor) {
        let call = Call(group.kernel.operation, at: .outer, layers: 1, formats: group.arriving, shape: shape)
        return (call, device.machine.floor(of: call, .cold))
      }
      let (call, floor) = cold(least)
      self.init(floor, bytes: call.compulsory.bytes)
      balanced = even.map { cold($0).floor.seconds }
    case .message(let bytes):
      let share = (shape.ranks - 1) / max(1, shape.ranks)
      // Where the switch sums, an all-reduce sends and receives each byte once.
      let sent = group.kernel == .allReduce ? min(2 * share, device.linkReduces ? 1 : 2) : share
      var floor = Floor()
      floor.roofs[Bound.link.index] = sent * bytes / device.link
      self.init(floor, bytes: bytes)
    case .pass(let pass):
      let (weights, bytes) = (pass.weights * WholePass.leastShare, pass.weightBytes * WholePass.leastShare)
      let floor = device.machine.floor(flops: 2 * weights * pass.tokens, bytes: bytes, group.arriving)
      self.init(floor * pass.passes, bytes: bytes)
    }
  }

  private init(_ floor: Floor, bytes: Double) {
    (seconds, resident, by, self.bytes) = (floor.seconds, floor.resident, floor.by, bytes)
  }
}

extension WholePass {
  /// Tables of embeddings are not multiplied with, and the head only once a prompt: together a quarter of the weights at
  /// most in models of a billion parameters.
  static let leastShare = 0.75
}

extension RunShape {
  /// What one device of those that took part computes at least: of a mixture with the fewest experts of any routing,
  /// and with as many as tokens dealt in turn touch.
  fileprivate func ofOneRank(_ call: Shape) -> (least: Shape, even: Shape?) {
    switch call {
    case .experts(var experts):
      experts.rows /= expertParallel
      experts.tokens /= expertParallel
      experts.inner /= expertTensorParallel
      experts.fewest = max(1, min(experts.topK, experts.experts) / expertParallel)
      var even = experts
      even.fewest = max(experts.fewest, min(experts.experts / expertParallel, experts.rows))
      return (.experts(experts), .experts(even))
    case .rows(var rows) where rows.operation == .rotate:
      // The rows hold values too, at most a third of them, which are not turned.
      rows.writeWidth *= 2 / 3
      return (.rows(rows), nil)
    default: return (call, nil)
    }
  }
}

extension RunGroup {
  /// Formats of the group's call as its operands arrive: inputs in 16 bits or wider.
  var arriving: CallFormats {
    let own = format.number ?? .bf16
    let wide: NumberFormat = own.bytesPerElement >= 2 ? own : .bf16
    var plan = PrecisionPlan(weights: own, base: wide)
    plan.operand = own.operand(beside: wide)
    switch kernel {
    case .attentionPrefill, .attentionDecode, .latentPrefill, .latentDecode:
      let decodes = kernel == .attentionDecode || kernel == .latentDecode
      return CallFormats(
        stored: decodes ? cache.number ?? wide : wide, input: wide, output: wide, small: wide,
        unit: .attention,
        compute: ComputeFormat(activations: own))
    default:
      return CallFormats(
        stored: own, input: wide, output: kernel == .quantizeFP8 ? .fp8 : wide, small: wide, unit: .linear,
        compute: plan.compute(weights: own))
    }
  }
}

/// What a run is that beats its bound.
public enum BoundVerdict: String, CaseIterable, Sendable {
  /// Its operands are at most two last-level caches, and it holds the resident bound.
  case warmCache = "warm cache"
  /// A clock above the sheet's: at most 10 %, and at most one of a thousand rows of a device.
  case aboveSheet = "above data sheet"
  /// Nothing explains it.
  case beaten = "beats the bound"

  static let highestClock = 1.1
  static let shareAboveSheet = 0.001
}

extension [ValidatedGroup] {
  /// Says of each row that beats its bound what excuses it, if anything.
  mutating func judge(on device: DeviceQuantities) {
    let rows = Dictionary(grouping: self, by: \.gpu).mapValues { $0.reduce(0) { $0 + $1.rows.count } }
    var above: [String: [(group: Int, row: Int)]] = [:]
    for (place, group) in enumerated() {
      for (index, row) in group.rows.enumerated()
      where row.run.seconds < row.bound.seconds * (1 - RunBound.slack) {
        let isResident = row.run.seconds >= row.bound.resident * (1 - RunBound.slack)
        if isResident, row.bound.bytes <= 2 * device.machine.keptBytes {
          self[place].rows[index].verdict = .warmCache
        } else {
          self[place].rows[index].verdict = .beaten
          if row.run.seconds * BoundVerdict.highestClock >= row.bound.resident {
            above[group.gpu, default: []].append((place, index))
          }
        }
      }
    }
    for (gpu, places) in above
    where Double(places.count) <= BoundVerdict.shareAboveSheet * Double(rows[gpu] ?? 0) {
      for place in places { self[place.group].rows[place.row].verdict = .aboveSheet }
    }
  }
}
