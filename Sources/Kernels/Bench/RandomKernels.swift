/// Shapes that nobody chose: odd sizes, tall and narrow, long and short. The same for the same seed, everywhere.
public struct RandomKernels: Sendable {
  private var state: UInt64
  /// Forms that take turns.
  public static let forms = 15
  /// Line accesses of a kernel at most.
  public var mostAccesses: Double

  public init(seed: UInt64, mostAccesses: Double) { (state, self.mostAccesses) = (seed, mostAccesses) }

  /// Every form in turn, until one is small enough.
  public mutating func next(_ index: Int) -> any Kernel {
    let plain = Arithmetic.available.first ?? .best
    while true {
      let kernel = draw(index)
      if kernel.formula(plain).accesses(lineBytes: 64) <= mostAccesses { return kernel }
    }
  }

  private mutating func draw(_ index: Int) -> any Kernel {
    switch index % RandomKernels.forms {
    case 0: return StreamKernel(pick(StreamKernel.Operation.allCases), elements: size(1 << 18))
    case 1, 2, 3: return GemmKernel(m: size(700), n: size(700), k: size(700))
    case 4: return GemvKernel(n: size(3000), k: size(3000), bf16: pick([true, false]))
    case 5:
      return RowKernel(
        pick([.rmsnorm, .softmax, .swiglu, .add] as [RowKernel.Operation]), rows: size(200), width: size(9000)
      )
    case 6:
      let dim = 2 * size(64)
      return RowKernel(.rope, rows: size(200), width: dim * size(40), headDim: dim)
    case 7: return NaiveAttention(shape(600, window: pick([0, 0, size(300)])))
    case 8, 9: return FlashAttention(shape(1500, window: 0))
    case 10: return FlashAttention(shape(1500, window: size(600)))
    case 11, 12:
      let (keyValueHeads, group) = (size(8), size(8))
      return DecodeAttention(
        batch: size(4), context: size(3000), heads: keyValueHeads * group, keyValueHeads: keyValueHeads,
        headDim: pick([32, 64, 80, 128, size(160)]), pageTokens: pick([0, 1, 8, 16, 32, 64, 256, size(100)]))
    case 13: return layer()
    default:
      let experts = size(16)
      if pick([true, false]) {
        return RouterKernel(tokens: size(200), hidden: size(3000), experts: size(128), topK: size(8))
      }
      return ExpertsKernel(
        tokens: size(128), hidden: size(400), intermediate: size(600), experts: experts,
        topK: 1 + Int(draw() % UInt64(experts)), hotShare: pick([0, 0, 0.5, 1]))
    }
  }

  private mutating func layer() -> LayerKernel {
    let keyValueHeads = size(4)
    let experts = pick([1, 1, size(8)])
    return LayerKernel(
      LayerShape(
        pick([.prefill(tokens: size(100)), .decode(batch: size(4), context: size(1000))]),
        hidden: size(500), heads: keyValueHeads * size(4), keyValueHeads: keyValueHeads,
        headDim: pick([32, 64, 80, 2 * size(32)]), intermediate: size(1000), experts: experts,
        topK: 1 + Int(draw() % UInt64(experts))))
  }

  private mutating func shape(_ most: Int, window: Int) -> AttentionShape {
    let keyValueHeads = size(3)
    return AttentionShape(
      length: size(most), heads: keyValueHeads * size(4), keyValueHeads: keyValueHeads,
      headDim: pick([64, 80, 96, 128, size(160)]), window: window)
  }

  /// From 1, small numbers as often as large ones.
  private mutating func size(_ most: Int) -> Int {
    let limit = 1 + Int(draw() % UInt64(most))
    return pick([limit, 1 + Int(draw() % UInt64(limit))])
  }

  private mutating func pick<T>(_ values: [T]) -> T { values[Int(draw() % UInt64(values.count))] }

  /// SplitMix64: Steele, Lea & Flood, 2014.
  private mutating func draw() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
