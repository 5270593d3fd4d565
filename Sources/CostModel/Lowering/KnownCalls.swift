/// A product or a row-wise call of which nothing but the number of rows is missing. Laid out flat, since a case taken out of
/// an enum is a copy.
struct KnownCall: Sendable {
  let product: ProductByRows
  let stream: StreamByRows
  /// What is done to each row; nil of products.
  let operation: RowOperation?
  let unit: MatrixUnit
  let layers: Double
  let rates: CallRates

  /// - Returns: nil of calls that hang on more than their rows.
  fileprivate init?(_ call: Call, _ lowering: Lowering) {
    var product = ProductCall(rows: 0, outputs: 0, inputs: 0)
    var rows = RowsCall(.add, rows: 0, readWidth: 0, writeWidth: 0, flopsPerElement: 0)
    switch call.shape {
    case .product(let shape): (product, operation) = (shape, nil)
    case .rows(let shape): (rows, operation) = (shape, shape.operation)
    case .attention, .join, .index, .experts, .scan, .message: return nil
    }
    self.product = ProductByRows(product, call.formats, lowering.costs)
    stream = StreamByRows(rows, call.formats)
    unit = call.formats.unit
    layers = call.layers
    rates = lowering.roofline.rates(call.kind, call.formats)
  }
}

/// A model's known calls, found once, so that sums of a pass need not make them again.
struct KnownCalls: CallSink {
  private(set) var calls: Slots<KnownCall>
  private let lowering: Lowering

  init(of model: ModelSpec, _ lowering: Lowering) {
    calls = Slots(model)
    self.lowering = lowering
    for form in LatentForm.allCases {
      var work = Workload.decode(batch: 1, contextLength: 0)
      work.latent = form
      lowering.lower(work, into: &self)
    }
  }

  mutating func add(_ call: Call, _ work: Work) {
    if let known = KnownCall(call, lowering) { _ = calls.place(call, filledWith: known) }
  }
}
