/// The formats of each class of call under a precision plan.
struct ModelFormats: Sendable {
  let lmHead: CallFormats
  /// Over the cache, and over keys and values that were just computed and never quantized.
  let attention, freshAttention: CallFormats
  let rows, cacheWrite, embedding, layerEmbedding: CallFormats
  /// Recurrences run their products at attention's peak.
  let scan: CallFormats
  /// Of products and of what quantizes their inputs, in the order of `OperatorKind`, one kind of layer after the
  /// other; a single row where no rule tells kinds apart.
  let layers: [CallFormats]
  /// Whether each kind of layer has its own.
  let differs: Bool
  /// Some product's input is quantized by a kernel of its own.
  let quantizes: Bool

  /// Of a call in the kind of layer of that index.
  @inline(__always)
  func layer(_ index: Int, _ kind: OperatorKind) -> CallFormats {
    layers[(differs ? index * OperatorKind.count : 0) + kind.rawValue]
  }

  init(_ plan: PrecisionPlan, _ model: ModelSpec) {
    func formats(
      _ unit: MatrixUnit, stored: NumberFormat, output: NumberFormat? = nil, expansion: Double = 0
    ) -> CallFormats {
      CallFormats(
        stored: stored, input: plan.activations, output: output ?? plan.activations, small: plan.small,
        unit: unit, compute: plan.computeFormat(of: unit), expansionFLOPs: expansion)
    }
    attention = formats(
      .attention, stored: plan.kvCache,
      expansion: plan.kvCache == plan.activations ? 0 : plan.kvCache.expansionFLOPs)
    freshAttention = formats(.attention, stored: plan.activations)
    rows = formats(.linear, stored: plan.small)
    scan = formats(.attention, stored: plan.small)
    cacheWrite = formats(.linear, stored: plan.small, output: plan.kvCache)

    let stored = plan.rules.isEmpty ? nil : StoredByReader(plan, model)
    let head = stored?.outside(.lmHead)
    lmHead = plan.product(
      head?.main ?? plan.lmHead, input: plan.activations, unit: .lmHead, stored: head)
    let table = stored?.outside(.embedding)?.main ?? plan.embedding
    func lookup(_ table: NumberFormat) -> CallFormats {
      CallFormats(
        stored: table, input: table, output: plan.activations, small: plan.small, unit: .linear,
        compute: plan.computeFormat(of: .linear))
    }
    embedding = lookup(table)
    layerEmbedding = lookup(stored?.outside(.layerEmbedding)?.main ?? plan.embedding)
    differs = stored != nil
    layers = (0..<(stored == nil ? 1 : model.kinds.count)).flatMap { kind in
      plan.layer { stored?.parts(kind, $0) }
    }
    quantizes = layers.contains { $0.inputBytes != $0.outputBytes }
  }
}

extension PrecisionPlan {
  /// Formats of one kind of layer's calls, in the order of `OperatorKind`.
  fileprivate func layer(_ stored: (OperatorKind) -> StoredParts?) -> [CallFormats] {
    var table = OperatorKind.allCases.map { kind -> CallFormats in
      // Both absorbed products read the matrix that the naive form expands with.
      let absorbs = kind == .queryAbsorption || kind == .valueAbsorption
      let parts = stored(absorbs ? .latentExpansion : kind)
      switch kind {
      case .experts:
        return product(
          parts?.main ?? experts, input: operand(for: parts?.main ?? experts), unit: .experts,
          stored: parts)
      case .router, .streamWeights:
        let format = parts?.main ?? small
        return CallFormats(
          stored: format, input: activations, output: activations, small: small, unit: .linear,
          compute: computeFormat(of: .linear), storedBytes: parts.map { $0.mean(\.bytesPerElement) })
      default:
        let format = parts?.main ?? weights
        let input =
          kind == .latentExpansion ? kvCache : absorbs ? activations : operand(for: format)
        return product(format, input: input, unit: .linear, stored: parts)
      }
    }
    for (quantize, products) in Self.quantized {
      let own = products.first { stored($0) != nil } ?? products[0]
      table[quantize.rawValue] = CallFormats(
        stored: small, input: activations, output: table[own.rawValue].input, small: small, unit: .linear,
        compute: computeFormat(of: .linear))
    }
    return table
  }

  /// Kernels that bring products' inputs to the units' format, and the products that may follow.
  private static let quantized: [(OperatorKind, [OperatorKind])] = [
    (.quantizeMixerInput, [.qkvProjection, .latentDownProjection, .stateInProjection]),
    (.quantizeMixerOutput, [.outputProjection]), (.quantizeFeedForwardInput, [.gateUpProjection]),
    (.quantizeFeedForwardInner, [.downProjection]), (.quantizeSharedInput, [.sharedGateUp]),
    (.quantizeSharedInner, [.sharedDown]),
  ]

  /// A product over weights in `format`, on the unit that computes so.
  fileprivate func product(
    _ format: NumberFormat, input: NumberFormat, unit: MatrixUnit, stored: StoredParts?
  ) -> CallFormats {
    let wanted = compute(weights: format, operand: operand(for: format))
    let units = [unit] + MatrixUnit.allCases.filter { $0 != unit }
    let runs = stored == nil ? unit : units.first { computeFormat(of: $0) == wanted } ?? .attention
    return CallFormats(
      stored: format, input: input, output: activations, small: small, unit: runs,
      compute: computeFormat(of: runs),
      expansionFLOPs: stored?.mean { expansionFLOPs(of: $0) } ?? expansionFLOPs(of: format),
      storedBytes: stored.map { $0.mean(\.bytesPerElement) })
  }
}

extension StoredParts {
  /// Mean over all elements.
  fileprivate func mean(_ figure: (NumberFormat) -> Double) -> Double {
    parts.reduce(0) { $0 + $1.elements * figure($1.format) } / elements
  }
}

/// What each operator's tensors are stored in, kind by kind of layer.
private struct StoredByReader: TensorSink {
  struct Place: Hashable {
    var kind: Int?
    var reader: OperatorKind
  }

  let plan: PrecisionPlan
  let pattern: [Int]
  var sums: [Place: StoredParts] = [:]

  init(_ plan: PrecisionPlan, _ model: ModelSpec) {
    self.plan = plan
    pattern = model.pattern
    model.tensors(into: &self)
  }

  mutating func add(_ tensor: Tensor) {
    guard let reader = tensor.reader else { return }
    let place = Place(kind: tensor.layerKind, reader: reader)
    plan.add(tensor, pattern: pattern, to: &sums[place, default: StoredParts()])
  }

  /// A kind's own; of what stands outside the layers its only one.
  func parts(_ kind: Int, _ reader: OperatorKind) -> StoredParts? {
    sums[Place(kind: kind, reader: reader)] ?? sums[Place(kind: nil, reader: reader)]
  }
  /// A tied head is the embedding's table.
  func outside(_ reader: OperatorKind) -> StoredParts? {
    sums[Place(kind: nil, reader: reader)] ?? sums[Place(kind: nil, reader: .embedding)]
  }
}
