import CostModel

/// The messages of one stage's rank, in running order of a layer of each kind.
struct Seams {
  private(set) var list: [Seam] = []
  private let split: Split
  private let cluster: Cluster
  private let fabric: [FabricDomain]
  private let links: FittedLinks
  /// Bytes of an element that passes between operators.
  private let element: Double

  init(
    _ rank: ModelSpec, _ split: Split, _ cluster: Cluster, _ profile: HardwareProfile, _ plan: PrecisionPlan,
    _ links: FittedLinks
  ) {
    self.split = split
    self.cluster = cluster
    fabric = profile.fabric
    self.links = links
    element = plan.activations.bytesPerElement
    let hidden = Double(rank.hidden) * element
    // What each layer's own embeddings of a token come to: looked up by the first stage, and sent on.
    let lasting = (rank.layerEmbedding?.rowWidth ?? 0) * element
    let streams = Double(rank.alternating?.streams ?? 1)
    if rank.embeds { add(.embeddingAllReduce, .allReduce, dense, hidden + lasting) }
    for (index, (kind, layers)) in zip(rank.kinds, rank.kindCounts).enumerated() where layers > 0 {
      add(kind.layer, at: .kind(index), layers: Double(layers), hidden, plan)
    }
    if rank.predicts {
      let vocabulary = Double(rank.vocabulary * split.dense) * element
      add(.logitsGather, .allGather, dense, vocabulary, .logitRows)
    } else {
      let stage = split.tensor * split.context * split.data
      add(.stageSend, .sendReceive, cluster.group(2, stride: stage), hidden * streams + lasting)
    }
  }

  /// Ranks that cut products, side by side.
  private var dense: RankGroup { cluster.group(split.dense, stride: 1) }

  private mutating func add(
    _ layer: LayerSpec, at place: Place, layers: Double, _ hidden: Double, _ plan: PrecisionPlan
  ) {
    let traits = layer.mixer.traits
    if split.context > 1, traits.cacheWidth > 0 { add(layer.mixer, at: place, layers: layers, plan) }
    // A norm over all heads needs the sums of squares of the queries and keys that other ranks hold, in 32 bits.
    if case .attention(let spec) = layer.mixer, spec.queryKeyNorm == .full {
      add(.queryKeyNormReduce, .allReduce, dense, spec.crosses ? 4 : 8, at: place, layers: layers)
    }
    // Both halves of a parallel layer are summed at once.
    if layer.mixer != .none, !layer.parallel || layer.feedForward == .none {
      add(.mixerAllReduce, .allReduce, dense, hidden, at: place, layers: layers)
    }
    switch layer.feedForward {
    case .dense: add(.feedForwardAllReduce, .allReduce, dense, hidden, at: place, layers: layers)
    case .mixture(let spec): add(spec, at: place, layers: layers, hidden)
    case .none: break
    }
  }

  /// Keys and values of a sequence that several ranks share.
  private mutating func add(
    _ mixer: MixerSpec, at place: Place, layers: Double, _ plan: PrecisionPlan
  ) {
    let group = cluster.group(split.context, stride: split.tensor)
    let ranks = Double(split.context)
    let keys = mixer.traits.cacheWidth * plan.kvCache.bytesPerElement
    switch (split.contextForm, mixer) {
    case (.allToAll, .attention(let spec)):
      // Queries there and outputs back; keys and values, of which each rank needs a head at least.
      let heads = Double(spec.heads) * element
      let copies = max(1, ranks / Double(spec.keyValueHeads))
      add(
        .contextGather, .allToAll, group, heads * Double(spec.headDim + spec.valueHeadDim) / 2, at: place,
        layers: layers, rounds: 2)
      add(.contextGather, .allToAll, group, keys * copies / 2, at: place, layers: layers, rounds: 2)
    case (.ring, _):
      add(.contextGather, .sendReceive, group, keys, at: place, layers: layers, rounds: ranks - 1)
    case (.allGather, _), (.allToAll, _):
      add(.contextGather, .allGather, group, keys * ranks, at: place, layers: layers)
    }
  }

  private mutating func add(_ spec: MixtureSpec, at place: Place, layers: Double, _ hidden: Double) {
    guard split.gathered > 1 else {
      let group = cluster.group(split.tensor, stride: 1)
      return add(.feedForwardAllReduce, .allReduce, group, hidden, at: place, layers: layers)
    }
    if split.expert > 1 {
      let group = cluster.group(split.expert, stride: split.expertTensor)
      if let times = ExpertTimes(group, over: fabric, by: links) {
        let route = ExpertRoute(
          times, experts: Double(spec.experts), chosen: spec.computed,
          limit: GroupLimit(groups: Double(spec.groups), perToken: Double(spec.groupsPerToken)),
          share: 1 / Double(split.dense))
        // FP8 with a scale for 128 on the way out, 16 bits on the way back (DeepSeek-V3, arXiv:2412.19437 §3.4).
        let narrow = hidden / element * (1 + 4.0 / 128)
        for (kind, way, bytes) in [
          (OperatorKind.expertDispatch, ExpertTimes.Way.dispatch, min(hidden, narrow)),
          (.expertCombine, .combine, hidden),
        ] {
          list.append(
            Seam(
              kind: kind, place: place, layers: layers, route: .experts(way, Seam.Law(route)), bytes: bytes,
              count: .tokens))
        }
      }
    } else {
      // Experts cut over ranks that have batches of their own: tokens are brought together, and sums dealt out.
      let group = cluster.group(split.gathered, stride: split.dense)
      let all = hidden * Double(split.gathered)
      add(.expertDispatch, .allGather, group, all, at: place, layers: layers)
      add(.expertCombine, .reduceScatter, group, all, at: place, layers: layers)
    }
    add(.feedForwardAllReduce, .allReduce, dense, hidden, at: place, layers: layers)
  }

  /// Nothing where one rank would talk to itself, or nothing joins the ranks.
  private mutating func add(
    _ kind: OperatorKind, _ operation: Collective, _ group: RankGroup, _ bytes: Double,
    _ count: Seam.Count = .tokens, at place: Place = .outer, layers: Double = 1, rounds: Double = 1
  ) {
    guard group.ranks > 1, let times = CollectiveTimes(group, over: fabric, by: links) else { return }
    list.append(
      Seam(
        kind: kind, place: place, layers: layers, route: .collective(operation, Seam.Law(times)),
        bytes: bytes,
        count: count, rounds: rounds))
  }
}
