/// A tower made ready for a machine and a precision: its layers are lowered as any model's are.
final class TowerPlan: Sendable {
  let tower: Tower
  let index: Int
  let lowering: Lowering

  init(
    _ tower: Tower, index: Int, machine: Machine, precision: PrecisionPlan, router: RouterLoad,
    roofline: Roofline
  ) {
    self.tower = tower
    self.index = index
    var plan = precision
    plan.rules = []
    // Engines leave towers of pixels and sound as the checkpoint's activations are.
    if tower.component != nil { plan = PrecisionPlan(uniform: precision.activations) }
    lowering = Lowering(
      model: tower.body, machine: machine, precision: plan, router: router, roofline: roofline)
  }

  /// Stem, layers, last norm, projector.
  @inline(never)
  func lower<Sink: CallSink>(_ work: Workload, into sink: inout Sink) {
    let pass = tower.pass(work)
    guard pass.tokens > 0 else { return }
    withUnsafePointer(to: pass) { pass in
      let around = Step(pass, place: .tower(index, kind: nil), layers: 1)
      if tower.component == nil { lowering.embed(in: around, into: &sink) }
      for product in tower.stem { self.product(product, in: around, into: &sink) }
      if tower.component != nil, let norm = tower.body.embeddingNorm {
        lowering.norm(.embeddingNorm, norm, in: around, into: &sink)
      }
      for (kind, layer) in lowering.layers.enumerated() {
        let step = Step(pass, place: .tower(index, kind: kind), layers: layer.layers)
        lowering.lower(layer, in: step, into: &sink)
      }
      if let norm = tower.body.finalNorm { lowering.norm(.finalNorm, norm, in: around, into: &sink) }
      for product in tower.projector { self.product(product, in: around, into: &sink) }
    }
  }

  private func product<Sink: CallSink>(_ product: TowerProduct, in step: Step, into sink: inout Sink) {
    let rows = (step.tokens / product.merge).rounded(.down)
    let width = Double(product.outputs) * (product.gated ? 2 : 1)
    if let norm = product.norm {
      lowering.rows(
        .towerNorm,
        RowsCall(
          .norm, rows: rows, readWidth: Double(product.inputs), writeWidth: Double(product.inputs),
          flopsPerElement: norm.flopsPerElement, weights: norm.parameters(width: Double(product.normWidth))),
        lowering.formats.rows, in: step, into: &sink)
    }
    lowering.product(
      .towerProduct,
      ProductCall(
        rows: rows, outputs: width, inputs: Double(product.inputs), biases: product.bias ? width : 0,
        epilogueFLOPs: Double(product.outputs)
          * ((product.activation?.flops ?? 0) + (product.gated ? 1 : 0))),
      lowering.callFormats(.towerProduct, in: step), in: step, into: &sink)
  }
}

extension Tower {
  func tensors<Sink: TensorSink>(into sink: inout Sink) {
    var out = TensorWriter(hidden: Double(body.hidden), sink: sink)
    out.tower = (name, component)
    out.enter("stem", .embedding)
    for product in stem { product.tensors(into: &out) }
    if case .learned(let length) = body.embeddingPosition {
      out.matrix(
        "embed_positions", rows: Double(length), columns: out.hidden, storage: .embedding, reader: .embedding,
        split: .replicated)
    }
    if extras > 0 { out.vector("extras", extras) }
    out.enter("", .norm)
    if let norm = body.embeddingNorm { out.norm("pre_norm", norm, width: out.hidden) }
    for (kind, layers) in zip(body.kinds, body.kindCounts) where layers > 0 {
      out.enter(layerKind: nil, layers: Double(layers))
      kind.layer.tensors(into: &out)
    }
    out.enter(layerKind: nil, layers: 1)
    out.enter("", .norm)
    if let norm = body.finalNorm { out.norm("post_norm", norm, width: out.hidden) }
    out.enter("projector", .attention)
    for product in projector { product.tensors(into: &out) }
    sink = out.sink
  }
}
