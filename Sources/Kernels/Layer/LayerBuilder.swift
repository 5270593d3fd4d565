/// Strings kernels together: each call appends one that reads what others left and returns what it leaves.
struct LayerBuilder {
  let arithmetic: Arithmetic
  let threads: Int
  var stages: [any Stage] = []
  var parts = LayerKernel.Parts()
  private var seed: UInt64 = 100

  init(_ arithmetic: Arithmetic, threads: Int) { (self.arithmetic, self.threads) = (arithmetic, threads) }

  /// Weights of a spread that keeps activations near one.
  private mutating func weights(_ count: Int, inputs: Int, _ name: LayerKernel.Operand) -> Buffer<Float> {
    seed += 1
    let buffer = Buffer<Float>(count, seed: seed)
    arithmetic.table.scale(buffer.base, count, (3 / Float(inputs)).squareRoot())
    parts.weights[name] = buffer
    return buffer
  }

  mutating func norm(_ kernel: RowKernel, _ x: Buffer<Float>, _ name: LayerKernel.Operand) -> Buffer<Float> {
    let y = Buffer<Float>(kernel.rows * kernel.width)
    let weight = weights(kernel.width, inputs: 3, name)
    stages.append(BoundKernel(kernel, .init(x: x, y: y, extra: weight, original: Buffer(1))))
    return y
  }

  mutating func product(_ kernel: any Kernel, _ x: Buffer<Float>, _ name: LayerKernel.Operand) -> Buffer<
    Float
  > {
    if let one = kernel as? GemvKernel {
      let y = Buffer<Float>(one.n)
      let w = weights(one.n * one.k, inputs: one.k, name)
      stages.append(BoundKernel(one, .init(x: x, w: w, y: y, half: Buffer(1))))
      return y
    }
    guard let kernel = kernel as? GemmKernel else { return x }
    let scratch = kernel.scratch(arithmetic, threads: threads)
    let y = Buffer<Float>(kernel.m * kernel.n)
    let w = weights(kernel.n * kernel.k, inputs: kernel.k, name)
    stages.append(BoundKernel(kernel, .init(x: x, w: w, y: y, packedA: scratch.a, packedB: scratch.b)))
    return y
  }

  mutating func rotate(_ kernel: RowKernel, _ x: Buffer<Float>) {
    let angles = kernel.angles
    parts.angles = angles
    stages.append(BoundKernel(kernel, .init(x: x, y: Buffer(1), extra: angles, original: Buffer(1))))
  }

  /// A kernel of two operands' rows: residuals, gates.
  mutating func join(_ kernel: RowKernel, _ a: Buffer<Float>, _ b: Buffer<Float>) -> Buffer<Float> {
    let y = Buffer<Float>(kernel.rows * kernel.width)
    stages.append(BoundKernel(kernel, .init(x: a, y: y, extra: b, original: Buffer(1))))
    return y
  }

  private mutating func move(_ kernel: MoveKernel, _ from: Buffer<Float>, _ to: Buffer<Float>) {
    stages.append(BoundKernel(kernel, .init(from: from, to: to)))
  }

  /// Writes the cache and attends: prefill through [head, token, dim], decode over a cache that is there already.
  mutating func mix(
    _ kernels: [any Kernel], _ query: Buffer<Float>, _ key: Buffer<Float>, _ value: Buffer<Float>
  ) -> Buffer<Float> {
    let moves = kernels.compactMap { $0 as? MoveKernel }
    if let flash = kernels.lazy.compactMap({ $0 as? FlashAttention }).first {
      let data = flash.makeData(arithmetic, threads: threads)
      let out = Buffer<Float>(query.count)
      move(moves[0], query, data.q)
      move(moves[1], key, data.k)
      move(moves[2], value, data.v)
      stages.append(BoundKernel(flash, data))
      move(moves[3], data.o, out)
      (parts.keys, parts.values) = (data.k, data.v)
      return out
    }
    guard let decode = kernels.lazy.compactMap({ $0 as? DecodeAttention }).first else { return query }
    var data = decode.makeData(arithmetic, threads: threads)
    data.q = query
    move(moves[0], key, data.k)
    move(moves[1], value, data.v)
    stages.append(BoundKernel(decode, data))
    (parts.keys, parts.values) = (data.k, data.v)
    return data.o
  }

  mutating func mixture(_ router: RouterKernel, _ experts: ExpertsKernel, _ x: Buffer<Float>) -> Buffer<Float>
  {
    var routed = router.makeData(arithmetic, threads: threads)
    routed.x = x
    stages.append(BoundKernel(router, routed))
    var data = experts.makeData(arithmetic, threads: threads)
    data.x = x
    data.gateUp = weights(data.gateUp.count, inputs: experts.hidden, .expertsGateUp)
    data.down = weights(data.down.count, inputs: experts.intermediate, .expertsDown)
    stages.append(BoundKernel(experts, data))
    return data.y
  }
}
