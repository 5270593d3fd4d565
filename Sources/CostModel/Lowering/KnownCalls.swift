/// A product or a row-wise call of which nothing but the number of rows is missing. Laid out flat, since a case taken out of
/// `Shape` is a copy.
struct KnownCall: Sendable {
  private let product: ProductCall
  private let rows: RowsCall
  private let isProduct: Bool
  let formats: CallFormats
  let layers: Double
  /// Seconds per FLOP of the unit that it runs on, and of the fastest that can do it.
  let inversePeak, perFLOP: Double

  /// - Returns: nil of calls that hang on more than their rows.
  fileprivate init?(_ call: Call, _ roofline: Roofline) {
    switch call.shape {
    case .product(let shape):
      (product, isProduct) = (shape, true)
      rows = RowsCall(.add, rows: 0, readWidth: 0, writeWidth: 0, flopsPerElement: 0)
    case .rows(let shape):
      (rows, isProduct) = (shape, false)
      product = ProductCall(rows: 0, outputs: 0, inputs: 0)
    case .attention, .join, .index, .experts, .scan, .message: return nil
    }
    formats = call.formats
    layers = call.layers
    inversePeak = roofline.inversePeak[call.formats.unit.rawValue]
    perFLOP = roofline.machine.secondsPerFLOP(call.kind, call.formats)
  }

  /// What is done to each row; nil of products.
  @inline(__always) var operation: RowOperation? { isProduct ? nil : rows.operation }

  /// A product of so many rows; nil of others.
  @inline(__always)
  func product(_ count: Double) -> ProductCall? {
    guard isProduct else { return nil }
    var shape = product
    shape.rows = count
    return shape
  }

  /// A row-wise call of so many rows.
  @inline(__always)
  func rows(_ count: Double) -> RowsCall {
    var shape = rows
    shape.rows = count
    return shape
  }
}

/// A model's known calls, found once, so that sums of a pass need not make them again.
struct KnownCalls: CallSink {
  private(set) var calls: Slots<KnownCall>
  private let roofline: Roofline

  init(of model: ModelSpec, _ lowering: Lowering) {
    calls = Slots(model)
    roofline = lowering.roofline
    for form in LatentForm.allCases {
      var work = Workload.decode(batch: 1, contextLength: 0)
      work.latent = form
      lowering.lower(work, into: &self)
    }
  }

  mutating func add(_ call: Call, _ work: Work) {
    if let known = KnownCall(call, roofline) { _ = calls.place(call, filledWith: known) }
  }
}
