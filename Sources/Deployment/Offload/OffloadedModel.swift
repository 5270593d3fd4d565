import Basics
import CostModel

/// A model of which a part lies in the host's memory beside a device, or in another device's: stages of one pipeline over the bus, without overlap,
/// since every part waits for the rows of the one before.
public struct OffloadedModel: Sendable {
  /// The whole model.
  public let model: ModelSpec
  /// What lies where.
  public let placement: Placement
  /// The device and its host.
  public let device, host: HardwareProfile
  /// Between the two.
  public let bus: FabricDomain
  private let precision: PrecisionPlan
  /// Layers before the device's, and the device's, on either side.
  private let early, late, lateOnHost: Evaluator?
  /// Layers that the host holds.
  private let hostLayers: Int
  /// The host's layers on the device, with weights that pass the bus.
  private let earlyOnDevice: Evaluator?

  /// Tokens that llama.cpp computes together: under more, a host's weights cross the bus once for each such batch.
  public static let microBatch = 512.0
  /// Of one crossing.
  public static let crossingSeconds = 1e-5
  /// Fewer new tokens than this are never worth sending weights for (llama.cpp).
  static let fewestStreamed = 32.0

  /// - Throws: `EvaluationError` where one of the two cannot compute.
  public init(
    _ model: ModelSpec, on device: HardwareProfile, beside host: HardwareProfile, over bus: FabricDomain,
    precision: PrecisionPlan, router: RouterLoad = .balanced, placement: Placement
  ) throws(EvaluationError) {
    self.model = model
    self.device = device
    self.host = host
    self.bus = bus
    self.precision = precision
    self.placement = placement
    let layers = model.layerCount
    hostLayers = max(0, layers - placement.deviceLayers)
    func evaluator(
      _ range: Range<Int>, on profile: HardwareProfile, embeds: Bool, predicts: Bool
    ) throws(EvaluationError) -> Evaluator? {
      guard !range.isEmpty || embeds || predicts else { return nil }
      var part = model
      part.pattern = Array(model.pattern[range])
      part.embeds = embeds
      part.predicts = predicts
      // The table stays on the host; a head on the device has one of its own.
      if predicts, !embeds { part.tiedEmbeddings = false }
      return try Evaluator(
        model: part, profile: profile, precision: precision.stage(range), router: router)
    }
    let hasHead = placement.deviceLayers > layers
    early = try evaluator(0..<hostLayers, on: host, embeds: true, predicts: !hasHead)
    late = try evaluator(hostLayers..<layers, on: device, embeds: false, predicts: hasHead)
    lateOnHost = try evaluator(hostLayers..<layers, on: host, embeds: false, predicts: false)
    earlyOnDevice = try evaluator(0..<hostLayers, on: device, embeds: false, predicts: false)
  }

  /// What the pass costs on both.
  public func pass(_ work: Workload) -> OffloadedPass {
    let row = Double(model.hidden) * precision.activations.bytesPerElement
    let hasHead = placement.deviceLayers > model.layerCount
    let deviceLayers = model.layerCount - hostLayers
    var pass = OffloadedPass(
      parts: [], downBytes: 0, upBytes: 0, crossings: 0, busSeconds: 0,
      device: footprint(late, work, in: device),
      host: footprint(early, work, in: host))
    func cross(down: Double = 0, up: Double = 0, times: Double = 1) {
      pass.downBytes += down * times
      pass.upBytes += up * times
      pass.crossings += times * ((down > 0 ? 1 : 0) + (up > 0 ? 1 : 0))
    }
    if let early { pass.parts.append(hostPart(early, work)) }
    if deviceLayers > 0 || hasHead {
      // Tables stay on the host: what they hold of each of the device's layers crosses with the rows.
      let own = Double(model.layerEmbedding?.width ?? 0) * Double(deviceLayers)
      let rows = Double(model.alternating?.streams ?? 1) * row
      cross(down: work.tokens * (rows + own * precision.activations.bytesPerElement))
    }
    if let late {
      var own = late.analyze(work).operators
      for (moved, name) in [(\Self.movedAttention, "attention"), (\Self.movedExperts, "experts")] {
        let shares = self[keyPath: moved]
        guard shares.contains(where: { $0.share > 0 }), let lateOnHost else { continue }
        let list = lateOnHost.analyze(work).operators
        var operators: [PricedOperator] = []
        for (kinds, place, share) in shares where share > 0 {
          func isMoved(_ op: PricedOperator) -> Bool {
            kinds.contains(op.call.kind) && op.call.place == place
          }
          operators += list.filter(isMoved).map { $0.scaled(by: share) }
          own = own.compactMap { op in isMoved(op) ? (share < 1 ? op.scaled(by: 1 - share) : nil) : op }
          let count = operators.last.map(\.call.layers) ?? 0
          let rows = crossing(kinds, place, work, row)
          cross(down: rows.down, up: rows.up, times: count)
        }
        let weights = name == "experts" ? movedExpertBytes : 0
        let cache = name == "attention" ? late.memory(work).cacheBytes : 0
        pass.device.weightsBytes -= weights
        pass.host.weightsBytes += weights
        pass.device.cacheBytes -= cache
        pass.host.cacheBytes += cache
        pass.parts.append(
          OffloadedPart(
            name: "\(name) of the device's layers", side: .host, operators: operators, weightsBytes: weights,
            cacheBytes: cache, seconds: operators.reduce(0) { $0 + $1.seconds }))
      }
      pass.parts.append(
        OffloadedPart(
          name: layersName(hostLayers..<model.layerCount) + (hasHead ? " and head" : ""), side: .device,
          operators: own, weightsBytes: pass.device.weightsBytes, cacheBytes: pass.device.cacheBytes,
          seconds: own.reduce(0) { $0 + $1.seconds }))
    }
    if hasHead {
      cross(up: work.logitRows * Double(model.vocabulary) * 4)
    } else if deviceLayers > 0 {
      cross(up: work.logitRows * row)
    }
    pass.busSeconds =
      (pass.downBytes + pass.upBytes) / bus.bytesPerSecond + pass.crossings * Self.crossingSeconds
    return pass
  }

  /// The host's layers: where a long prompt makes it faster, on the device, with weights that cross the bus for each
  /// micro-batch.
  private func hostPart(_ early: Evaluator, _ work: Workload) -> OffloadedPart {
    let operators = early.analyze(work).operators
    let memory = early.memory(work)
    var part = OffloadedPart(
      name: layersName(0..<hostLayers, with: early.model), side: .host, operators: operators,
      weightsBytes: memory.weightsBytes, cacheBytes: memory.cacheBytes,
      seconds: operators.reduce(0) { $0 + $1.seconds })
    // What lies in another device's memory stays there.
    guard host.levels.first?.name == "dram", work.tokens >= Self.fewestStreamed, hostLayers > 0,
      let earlyOnDevice
    else { return part }
    let ends = operators.filter { $0.call.place == .outer }
    let moved = earlyOnDevice.analyze(work).operators
    let streamed =
      earlyOnDevice.model.weightBytes(earlyOnDevice.precision) * ceilDiv(work.tokens, Self.microBatch)
    let seconds =
      max(moved.reduce(0) { $0 + $1.seconds }, streamed / bus.bytesPerSecond)
      + ends.reduce(0) { $0 + $1.seconds }
    if seconds < part.seconds {
      part.name += ", computed on the device"
      (part.operators, part.streamedBytes, part.seconds, part.side) = (
        moved + ends, streamed, seconds, .device
      )
    }
    return part
  }

  private func layersName(_ range: Range<Int>, with part: ModelSpec? = nil) -> String {
    var name =
      range.isEmpty
      ? ""
      : range.count == 1 ? "layer \(range.lowerBound)" : "layers \(range.lowerBound)–\(range.upperBound - 1)"
    if let part {
      name = ["token table", name, part.predicts ? "head" : ""].filter { !$0.isEmpty }.joined(separator: ", ")
    }
    return name
  }

  private func footprint(
    _ evaluator: Evaluator?, _ work: Workload, in profile: HardwareProfile
  ) -> MemoryFootprint {
    evaluator?.memory(work)
      ?? MemoryFootprint(capacityBytes: profile.levels.first?.capacityBytes ?? 0)
  }

  /// Which operators of which kind of layer run on the host, and what share of such layers.
  private typealias Moved = (kinds: Set<OperatorKind>, place: Place, share: Double)

  private var movedAttention: [Moved] {
    guard placement.hostCache, let late else { return [] }
    return late.model.kinds.indices.map { index in
      ([.attention, .attentionReduction, .cacheWrite, .indexScores, .indexCacheWrite], .kind(index), 1)
    }
  }

  /// Mixture layers on the device whose experts are moved, by kind of layer.
  private var movedExperts: [Moved] {
    guard placement.hostExperts > 0, let late else { return [] }
    var left = placement.hostExperts
    var counts = [Int](repeating: 0, count: late.model.kinds.count)
    for index in late.model.pattern where left > 0 {
      guard case .mixture = late.model.kinds[index].layer.feedForward else { continue }
      counts[index] += 1
      left -= 1
    }
    return zip(counts, late.model.kindCounts).enumerated().compactMap { index, pair in
      pair.0 > 0 ? ([.experts], .kind(index), Double(pair.0) / Double(pair.1)) : nil
    }
  }

  /// Weights of the moved layers' routed experts.
  private var movedExpertBytes: Double {
    guard let late else { return 0 }
    var without = late.model
    var sum = 0.0
    for moved in movedExperts {
      guard case .kind(let index) = moved.place,
        case .mixture(var spec) = without.kinds[index].layer.feedForward
      else { continue }
      let before = without.weightBytes(late.precision)
      spec.dealing = ExpertDealing(local: 0, batches: 1)
      without.kinds[index].layer.feedForward = .mixture(spec)
      sum += (before - without.weightBytes(late.precision)) * moved.share
    }
    return sum
  }

  /// Rows of one layer that cross for operators which run on the host.
  private func crossing(
    _ kinds: Set<OperatorKind>, _ place: Place, _ work: Workload, _ row: Double
  ) -> (down: Double, up: Double) {
    guard kinds.contains(.attention), case .kind(let index) = place,
      case .attention(let spec) = model.kinds[index].layer.mixer
    else { return (work.tokens * row, work.tokens * row) }
    let element = precision.activations.bytesPerElement
    // Queries, keys and values go up, what attention makes of them comes back.
    return (
      work.tokens * Double(spec.heads * spec.valueHeadDim) * element,
      work.tokens * spec.projectionWidth * element
    )
  }

  /// The most layers that the device holds, one more than there are with the head; nil where not even none fits the host.
  public static func mostLayers(
    _ model: ModelSpec, on device: HardwareProfile, beside host: HardwareProfile, over bus: FabricDomain,
    precision: PrecisionPlan, router: RouterLoad = .balanced, placement: Placement, work: Workload
  ) throws(EvaluationError) -> Int? {
    for layers in stride(from: model.layerCount + 1, through: 0, by: -1) {
      var placement = placement
      placement.deviceLayers = layers
      let offloaded = try OffloadedModel(
        model, on: device, beside: host, over: bus, precision: precision, router: router, placement: placement
      )
      if offloaded.pass(work).device.fits { return layers }
    }
    return nil
  }
}

extension PricedOperator {
  /// The same in a share of its layers.
  fileprivate func scaled(by share: Double) -> PricedOperator {
    var scaled = self
    scaled.call.layers *= share
    scaled.time = time * share
    return scaled
  }
}
