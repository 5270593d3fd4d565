import Basics

/// The same layer in naive loops of double precision.
struct LayerReference {
  private let layer: LayerShape
  private let data: LayerKernel.Data

  init(_ layer: LayerShape, _ data: LayerKernel.Data) { (self.layer, self.data) = (layer, data) }

  private func weight(_ name: LayerKernel.Operand, _ index: Int) -> Double {
    data.parts.weights[name].map { Double($0[index]) } ?? 0
  }

  /// rows × outputs of rows × inputs.
  private func product(_ x: [Double], _ name: LayerKernel.Operand, outputs: Int, inputs: Int) -> [Double] {
    guard let weights = data.parts.weights[name] else { return [] }
    return (0..<x.count / inputs * outputs).map { index in
      let (row, output) = (index / outputs * inputs, index % outputs * inputs)
      return (0..<inputs).reduce(0) { $0 + x[row + $1] * Double(weights[output + $1]) }
    }
  }

  private func norm(_ x: [Double], _ name: LayerKernel.Operand) -> [Double] {
    var y = x
    for row in stride(from: 0, to: x.count, by: layer.hidden) {
      let squares = x[row..<row + layer.hidden].reduce(0) { $0 + $1 * $1 }
      let scale = 1 / (squares / Double(layer.hidden) + Double(RowKernel.epsilon)).squareRoot()
      for column in 0..<layer.hidden { y[row + column] = x[row + column] * scale * weight(name, column) }
    }
    return y
  }

  private func rotated(_ x: [Double], heads: Int) -> [Double] {
    let (dim, half) = (layer.headDim, layer.headDim / 2)
    var y = x
    for start in stride(from: 0, to: x.count, by: dim) {
      let angles = start / (heads * dim) * dim
      for pair in 0..<half {
        let cosine = Double(data.parts.angles[angles + pair])
        let sine = Double(data.parts.angles[angles + half + pair])
        let (a, b) = (x[start + pair], x[start + half + pair])
        (y[start + pair], y[start + half + pair]) = (a * cosine - b * sine, a * sine + b * cosine)
      }
    }
    return y
  }

  /// Query `row`'s head over keys and values that `keys` and `values` find by position.
  private func attend(
    _ query: [Double], _ row: Int, _ head: Int, _ count: Int, keys: (Int, Int) -> Double,
    values: (Int, Int) -> Double
  ) -> [Double] {
    let start = (row * layer.heads + head) * layer.headDim
    return AttentionData.attend(
      0..<count, layer.headDim, query: { query[start + $0] }, keys: keys, values: values)
  }

  private func attention(_ query: [Double], _ key: [Double], _ value: [Double]) -> [Double] {
    let (heads, keyHeads, dim) = (layer.heads, layer.keyValueHeads, layer.headDim)
    func new(_ x: [Double], _ row: Int, _ head: Int, _ d: Int) -> Double {
      x[(row * keyHeads + head) * dim + d]
    }
    return (0..<layer.tokens * heads).flatMap { index -> [Double] in
      let (row, head) = (index / heads, index % heads)
      let shared = head / (heads / keyHeads)
      switch layer.phase {
      case .prefill:
        return attend(
          query, row, head, row + 1, keys: { new(key, $0, shared, $1) },
          values: { new(value, $0, shared, $1) })
      case .decode(_, let context):
        // What was cached before, and the new token's own.
        func cached(_ buffer: Buffer<Float>, _ position: Int, _ d: Int) -> Double {
          Double(buffer[((row * keyHeads + shared) * context + position) * dim + d])
        }
        return attend(
          query, row, head, context,
          keys: { $0 == context - 1 ? new(key, row, shared, $1) : cached(data.parts.keys, $0, $1) },
          values: { $0 == context - 1 ? new(value, row, shared, $1) : cached(data.parts.values, $0, $1) })
      }
    }
  }

  private func gated(_ gate: [Double], _ up: [Double]) -> [Double] {
    zip(gate, up).map { $0 / (1 + exponential(-$0)) * $1 }
  }

  private func mixture(_ x: [Double]) -> [Double] {
    guard let gateUp = data.parts.weights[.expertsGateUp], let down = data.parts.weights[.expertsDown] else {
      return []
    }
    let kernel = ExpertsKernel(
      tokens: layer.tokens, hidden: layer.hidden, intermediate: layer.intermediate, experts: layer.experts,
      topK: layer.topK)
    return kernel.reference(x, gateUp: gateUp, down: down)
  }

  var error: Double {
    let (hidden, inner) = (layer.hidden, layer.intermediate)
    let (queryWidth, keyWidth) = (layer.heads * layer.headDim, layer.keyValueHeads * layer.headDim)
    let x = (0..<layer.tokens * hidden).map { Double(data.x[$0]) }
    let first = norm(x, .firstNorm)
    let mixed = attention(
      rotated(product(first, .query, outputs: queryWidth, inputs: hidden), heads: layer.heads),
      rotated(product(first, .key, outputs: keyWidth, inputs: hidden), heads: layer.keyValueHeads),
      product(first, .value, outputs: keyWidth, inputs: hidden))
    let middle = zip(x, product(mixed, .output, outputs: hidden, inputs: queryWidth)).map { $0 + $1 }
    let second = norm(middle, .secondNorm)
    let out =
      layer.experts > 1
      ? mixture(second)
      : product(
        gated(
          product(second, .gate, outputs: inner, inputs: hidden),
          product(second, .up, outputs: inner, inputs: hidden)), .down, outputs: hidden, inputs: inner)
    return Compare.error(x.count, got: { data.y[$0] }, expected: { middle[$0] + out[$0] })
  }
}
