import Basics
import CostModel

/// How a model is dealt out to devices: cut into `pipeline` stages, of each of which `data` replicas of `tensor` ×
/// `context` ranks hold a part. Experts and attention may regroup a stage's ranks.
public struct Split: Hashable, Sendable {
  /// Ranks that cut each product (Megatron-LM, arXiv:1909.08053).
  public var tensor = 1
  /// Stages of consecutive layers.
  public var pipeline = 1
  /// Ranks that share each sequence.
  public var context = 1
  /// Replicas of the model, each with a batch of its own.
  public var data = 1
  /// Ranks of a stage that whole experts are dealt out to.
  public var expert = 1
  /// Parts of the tensor ranks with a batch of their own: attention is whole on each, experts are not.
  public var attentionData = 1
  /// How ranks that share a sequence come to each other's keys and values.
  public var contextForm = ContextForm.allGather
  /// Of the messages' time, the share that is meant to pass behind computing.
  public var overlap = 0.0

  /// One device.
  public init() {}

  /// All devices.
  public var devices: Int { tensor * pipeline * context * data }
  /// Ranks of one stage.
  var stageRanks: Int { tensor * context * data }
  /// Ranks that cut what every token uses.
  var dense: Int { tensor / attentionData }
  /// Batches of their own.
  public var batches: Int { data * attentionData }
  /// Ranks that cut each expert.
  var expertTensor: Int { expert <= tensor ? tensor / expert : 1 }
  /// Ranks over which all experts are spread, cut or whole.
  var expertRanks: Int { max(tensor, expert) }
  /// Batches whose tokens meet at a rank's experts.
  var gathered: Int { expertRanks / dense }
}

/// How ranks that share a sequence come to each other's keys and values.
public enum ContextForm: String, CaseIterable, Hashable, Sendable {
  /// Blocks go round, each rank's to the next (ring attention, arXiv:2310.01889).
  case ring
  /// All of them at once (Llama 3, arXiv:2407.21783 §3.3.2).
  case allGather = "all-gather"
  /// Each gets all tokens of some heads, and gives them back (Ulysses, arXiv:2309.14509).
  case allToAll = "all-to-all"
}

/// Devices side by side in nodes.
public struct Cluster: Hashable, Sendable {
  /// All of them.
  public var devices: Int
  /// Of those, in one near domain.
  public var perNode: Int

  /// So many devices, `perNode` of them in each near domain.
  public init(devices: Int, perNode: Int) {
    self.devices = devices
    self.perNode = max(1, min(perNode, devices))
  }

  /// Fills the nearest domain of the profile first.
  public init(devices: Int, of profile: HardwareProfile) {
    self.init(devices: devices, perNode: profile.fabric.first?.devices ?? devices)
  }

  /// Near domains that are in use.
  public var nodes: Int { ceilDiv(devices, perNode) }

  /// `ranks` of which neighbours stand `stride` devices apart.
  func group(_ ranks: Int, stride: Int) -> RankGroup {
    RankGroup(ranks: Double(ranks), near: Double(max(1, perNode / max(1, stride))))
  }
}

/// Why a split is impossible, and the nearest that is not.
public struct SplitError: Error, Hashable, Sendable {
  /// What was asked, as options spell it (`--tp 7`).
  public var asked: String
  /// What stands in its way.
  public var reason: String
  /// The nearest possible value.
  public var accepted: String
}

extension Split {
  /// - Throws: for the first part that the model does not allow.
  public func check(for model: ModelSpec) throws(SplitError) {
    try checkWidths()
    let heads = model.mostSplittable
    if tensor > heads {
      throw SplitError(
        asked: "--tp \(tensor)", reason: "\(model.name) has \(heads) heads to deal out",
        accepted: "--tp \(heads)")
    }
    if pipeline > model.layerCount {
      throw SplitError(
        asked: "--pp \(pipeline)", reason: "\(model.name) has \(model.layerCount) layers",
        accepted: "--pp \(model.layerCount)")
    }
    if tensor % attentionData != 0 {
      throw SplitError(
        asked: "--attention-dp \(attentionData)", reason: "it regroups the \(tensor) ranks of --tp",
        accepted: "--attention-dp \(Self.nearest(attentionData) { tensor % $0 == 0 })")
    }
    let dealt = (heads / max(1, dense))
    if contextForm == .allToAll, context > dealt {
      throw SplitError(
        asked: "--cp \(context)", reason: "--cp-form all-to-all deals out the \(dealt) heads of a rank",
        accepted: "--cp \(max(1, dealt))")
    }
    guard expert > 1 else { return }
    guard let experts = model.mixtures.map(\.spec.experts).min() else {
      throw SplitError(
        asked: "--ep \(expert)", reason: "\(model.name) has no experts", accepted: "--ep 1")
    }
    func isPossible(_ value: Int) -> Bool {
      value <= experts
        && (tensor % value == 0 || (value % tensor == 0 && stageRanks % value == 0))
    }
    guard isPossible(expert) else {
      throw SplitError(
        asked: "--ep \(expert)",
        reason:
          "\(experts) experts over the \(stageRanks) ranks of a stage, \(tensor) of which cut each product",
        accepted: "--ep \(Self.nearest(expert, isPossible))")
    }
  }

  /// The most of a kind of rank; and of all, far below what integers hold.
  private static let most = (ranks: 1_000_000, devices: 1e15)

  private func checkWidths() throws(SplitError) {
    let widths = [
      ("--tp", tensor), ("--pp", pipeline), ("--cp", context), ("--dp", data), ("--ep", expert),
      ("--attention-dp", attentionData),
    ]
    for (option, width) in widths where !(1...Self.most.ranks).contains(width) {
      throw SplitError(
        asked: "\(option) \(width)", reason: "there is no such number of ranks",
        accepted: "\(option) \(width < 1 ? 1 : Self.most.ranks)")
    }
    let devices = Double(tensor) * Double(pipeline) * Double(context) * Double(data)
    guard devices <= Self.most.devices else {
      throw SplitError(
        asked: "--cp \(context) --dp \(data)", reason: "that is more devices than there are",
        accepted: "--dp 1")
    }
  }

  private static func nearest(_ value: Int, _ isPossible: (Int) -> Bool) -> Int {
    (0...max(1, value)).lazy.flatMap { [value - $0, value + $0] }.first { $0 > 0 && isPossible($0) } ?? 1
  }
}

extension ModelSpec {
  /// Heads of the mixer that has the fewest to deal out.
  var mostSplittable: Int {
    kinds.map { $0.layer.mixer.dealt?.most ?? .max }.min().map { min($0, hidden) } ?? 1
  }
}
