import CostModel
import Deployment

/// How a user deals a model out to devices; what is nil stays open.
public struct SplitRequest: Hashable, Sendable {
  /// `--tp`, `--pp`, `--cp`, `--dp`, `--ep`, `--attention-dp`.
  public var tensor, pipeline, context, data, expert, attentionData: Int?
  /// `--devices`: with no part of a split, the tool chooses one.
  public var devices: Int?

  /// `--cp-form`.
  public var contextForm: ContextForm?
  /// `--overlap`.
  public var overlap: Double?
  /// What is known of messages, in place of what is shipped.
  public var links: FittedLinks?

  /// Nothing said: one device.
  public init() {}

  /// A split that was chosen already, since one device is too small.
  public init(_ choice: SplitChoice) {
    let split = choice.best.split
    (tensor, pipeline, context, data) = (split.tensor, split.pipeline, split.context, split.data)
    (expert, attentionData) = (split.expert, split.attentionData)
    smallest = ChosenSplit(choice)
  }

  /// Why these are the devices, where one is too small.
  var smallest: ChosenSplit?

  /// Some part of a split was named.
  var names: Bool {
    [tensor, pipeline, context, data, expert, attentionData].contains { $0 != nil }
  }

  /// The options' names, as they are read and shown.
  static let options: [(name: String, path: WritableKeyPath<SplitRequest, Int?> & Sendable)] = [
    ("--tp", \.tensor), ("--pp", \.pipeline), ("--cp", \.context), ("--dp", \.data), ("--ep", \.expert),
    ("--attention-dp", \.attentionData), ("--devices", \.devices),
  ]

  /// - Throws: `InputError`, 64, for what is no number of devices.
  func check() throws(InputError) {
    for (name, path) in Self.options {
      if let value = self[keyPath: path], !(1...1_000_000).contains(value) {
        throw InputError(.usage, "\(name) is \(value); accepted: a whole number from 1 to 1,000,000")
      }
    }
  }
}

/// A device as users name it, several of them as `h100-sxm:8`, in nodes as `h100-sxm:8x4`.
public struct DeviceRequest: Hashable, Sendable {
  /// A catalogue name or the path of a profile.
  public var name: String
  /// How many, where that was said.
  public var devices: Int?
  /// Of those, in each node, where that was said.
  public var perNode: Int?

  /// - Throws: `InputError`, 64, where a number of devices is none.
  public init(_ text: String) throws(InputError) {
    name = text
    guard let colon = text.lastIndex(of: ":"), let first = text[text.index(after: colon)...].first,
      first.isNumber || first == "-"
    else { return }
    let counts = text[text.index(after: colon)...].split(separator: "x", omittingEmptySubsequences: false)
      .map { Int($0) }
    guard counts.count <= 2, let near = counts[0], counts.allSatisfy({ (1...100_000).contains($0 ?? 0) })
    else {
      throw InputError(
        .usage,
        "“\(text)” states no number of devices; accepted: NAME:8, or NAME:8x4 for 8 in each of 4 nodes")
    }
    name = String(text[..<colon])
    devices = near * (counts.count == 2 ? counts[1] ?? 1 : 1)
    perNode = counts.count == 2 ? near : nil
  }
}

extension SplitRequest {
  /// The model dealt out as asked, and what was assumed for it; nil on one device.
  ///
  /// - Throws: `InputError`, 64, for an impossible split, with the nearest possible one.
  func deployment(
    of evaluator: Evaluator, over device: DeviceRequest, _ work: Workload
  ) throws(InputError) -> (model: DeployedModel, assumptions: [Assumption])? {
    try check()
    if let overlap, !(0...1).contains(overlap) {
      throw InputError(.usage, "--overlap is \(overlap); accepted: a share from 0 to 1")
    }
    if let stated = device.devices, let wanted = devices, stated != wanted {
      throw InputError(.usage, "--devices is \(wanted), but \(stated) are named; accepted: one of them")
    }
    let stated = device.devices ?? devices
    guard names || (stated ?? 1) > 1 else {
      if let option = overlap.map({ _ in "--overlap" }) ?? contextForm.map({ _ in "--cp-form" }) {
        throw InputError(
          .usage, "\(option) has no part in a pass on one device; accepted: with --tp and the like")
      }
      return nil
    }
    let (model, profile) = (evaluator.model, evaluator.profile)
    let links: FittedLinks
    if let own = self.links { links = own } else { links = try Catalogue.links() }
    guard names else {
      if contextForm != nil || overlap != nil {
        throw InputError(
          .usage, "--cp-form and --overlap belong to a split of one's own; accepted: with --tp and the like")
      }
      let cluster = Self.cluster(stated ?? 1, device, profile)
      guard
        let choice = SplitChoice.best(
          of: cluster, for: model, on: profile, precision: evaluator.precision, router: evaluator.router,
          links: links, passes: [work])
      else {
        let smallest = SplitChoice.smallest(
          for: model, on: profile, precision: evaluator.precision, router: evaluator.router, links: links,
          passes: [work])
        throw InputError(
          .usage,
          "no split of \(cluster.devices) × \(profile.name) holds \(model.name)"
            + (smallest.map { "; accepted: \($0.best.split.devices) devices (\($0.best.split.words))" } ?? "")
        )
      }
      return (choice.best, [.chosenSplit(ChosenSplit(choice))] + Self.remarks(choice.best))
    }
    var split = Split()
    split.tensor = tensor ?? 1
    split.pipeline = pipeline ?? 1
    split.context = context ?? 1
    split.expert = expert ?? 1
    split.attentionData = attentionData ?? 1
    split.data = data ?? 1
    split.contextForm = contextForm ?? .allGather
    split.overlap = overlap ?? 0
    if contextForm != nil, split.context == 1 {
      throw InputError(
        .usage, "--cp-form says how the ranks of --cp share a sequence; accepted: with --cp 2 or more")
    }
    var assumptions: [Assumption] = []
    if let stated {
      let named = split.devices
      if data == nil, stated % named == 0 {
        split.data = stated / named
        if split.data > 1 { assumptions.append(.replicas(split.data)) }
      }
      guard split.devices == stated else {
        let fewer = max(1, stated / split.devices * split.devices)
        throw InputError(
          .usage,
          "\(split.words) takes \(split.devices) devices, but \(stated) are named; accepted: \(split.devices) devices"
            + (data == nil && fewer > split.devices
              ? ", or \(fewer) for \(fewer / split.devices) replicas" : ""))
      }
    }
    do throws(SplitError) {
      try split.check(for: model)
    } catch {
      throw InputError(.usage, "\(error.asked): \(error.reason); accepted: \(error.accepted)")
    }
    if split.devices == 1 { return nil }
    if work.queries > 1, Double(split.context) > work.queries {
      throw InputError(
        .usage,
        "--cp \(split.context): a sequence has \(Int(work.queries)) new tokens; accepted: --cp"
          + " \(Int(work.queries))")
    }
    let deployed: DeployedModel
    do {
      deployed = try DeployedModel(
        model, on: profile, precision: evaluator.precision, router: evaluator.router, split: split,
        cluster: Self.cluster(split.devices, device, profile), links: links)
    } catch {
      throw InputError(error, profile)
    }
    if let smallest { assumptions.append(.smallestNumber(smallest)) }
    return (deployed, assumptions + Self.remarks(deployed))
  }

  private static func cluster(_ devices: Int, _ device: DeviceRequest, _ profile: HardwareProfile) -> Cluster
  {
    device.perNode.map { Cluster(devices: devices, perNode: $0) } ?? Cluster(devices: devices, of: profile)
  }

  private static func remarks(_ deployed: DeployedModel) -> [Assumption] {
    var list = deployed.split.unevenness(of: deployed.model).map(Assumption.uneven)
    if deployed.profile.fabric.isEmpty { list.append(.noFabric) }
    if let host = deployed.profile.fabric.first(where: { $0.topology == .host }), host.peerAccess == nil {
      list.append(.peerAccess(host.name))
    }
    return list + [deployed.split.overlap > 0 ? .overlaps(deployed.split.overlap) : .nothingOverlaps]
  }
}

/// Why a split was chosen.
public struct ChosenSplit: Hashable, Sendable {
  /// What was chosen, and the best of the others.
  public var split: Split
  /// See `split`.
  public var next: Split?
  /// Seconds of a pass, of both.
  public var seconds: Double
  /// See `seconds`.
  public var nextSeconds: Double?
  /// How many splits there are, and how many of them fit.
  public var tried, fitting: Int

  init(_ choice: SplitChoice) {
    split = choice.best.split
    next = choice.next?.split
    seconds = choice.seconds
    nextSeconds = choice.next?.seconds
    tried = choice.tried
    fitting = choice.fitting
  }
}
