import Basics
import CostModel

/// A decoder as PyTorch runs it eagerly, every operator a kernel (Hugging Face's GPT-2 and OPT with eager attention): what
/// a forward pass over `length` tokens of each of `batch` sequences launches, logits for every token included.
struct EagerDecoder {
  /// Whose code it is: what is one projection in one is three in the other.
  enum Code: String {
    case gpt2 = "GPT2LMHeadModel"
    case opt = "OPTForCausalLM"
  }

  let code: Code
  let layers, hidden, heads, headDim, intermediate, vocabulary: Double
  /// The tanh form of GELU is eight kernels, others are one.
  let hasTanhForm: Bool

  /// A kernel, so many times.
  struct Launches {
    let kernel: KernelClass
    let shape: RunShape
    let count: Double
  }

  func launches(batch: Double, length: Double) -> [Launches] {
    let tokens = batch * length
    let scores = batch * heads * length
    func product(_ outputs: Double, _ inputs: Double, _ count: Double) -> Launches {
      Launches(
        kernel: .gemm, shape: RunShape(.product(ProductCall(rows: tokens, outputs: outputs, inputs: inputs))),
        count: count)
    }
    func batched(_ outputs: Double, _ inputs: Double) -> Launches {
      let call = ProductCall(rows: length, outputs: outputs, inputs: inputs, copies: batch * heads)
      return Launches(kernel: .batchedProduct, shape: RunShape(.product(call)), count: layers)
    }
    func rows(_ kernel: KernelClass, _ rows: Double, _ width: Double, _ count: Double, read: Double = 1)
      -> Launches
    {
      let call = RowsCall(
        kernel == .elementwise ? .add : .norm, rows: rows, readWidth: read * width, writeWidth: width,
        flopsPerElement: 0)
      return Launches(kernel: kernel, shape: RunShape(.rows(call)), count: count)
    }
    var list = [
      rows(.layerNorm, tokens, hidden, 2 * layers + 1),
      batched(length, headDim), rows(.softmax, scores, length, layers), batched(headDim, length),
      product(hidden, heads * headDim, layers), product(intermediate, hidden, layers),
      product(hidden, intermediate, layers), product(vocabulary, hidden, 1),
      // Scores scaled and masked, heads put in order, sums.
      rows(.elementwise, scores, length, 2 * layers), rows(.elementwise, tokens, hidden, 4 * layers),
      rows(.elementwise, tokens, hidden, 2 * layers, read: 2),
    ]
    switch code {
    case .gpt2: list.append(product(3 * heads * headDim, hidden, layers))
    case .opt:
      list += [product(heads * headDim, hidden, 3 * layers), rows(.elementwise, tokens, hidden, layers)]
    }
    return list
      + (hasTanhForm
        ? [
          rows(.elementwise, tokens, intermediate, 6 * layers),
          rows(.elementwise, tokens, intermediate, 2 * layers, read: 2),
        ] : [rows(.elementwise, tokens, intermediate, layers)])
  }
}

extension Predictor {
  /// A kernel's own start where the host runs ahead of it.
  private static let startSeconds = 3e-6

  /// Of an eager pass in fp32; nil where a kernel of it is not known.
  func expected(_ launches: [EagerDecoder.Launches]) -> CalibratedTime? {
    var byKernel: [KernelClass: (seconds: Double, expectation: Expectation)] = [:]
    for entry in launches {
      let group = RunGroup(entry.kernel, .torch, format: RunFormat(.fp32))
      guard let known = byKernel[entry.kernel]?.expectation ?? expectation(of: group) else { return nil }
      // Calls were timed one by one, each with the host's launch.
      var parameters = known.parameters
      parameters[0] = Self.startSeconds
      let seconds = KernelModels.model(for: group).seconds(parameters, [entry.shape], for: group, on: device)[
        0]
      let bound = Baseline.roofline(group, entry.shape, on: device)
      byKernel[entry.kernel, default: (0, known)].seconds += entry.count * max(seconds, bound)
    }
    let kernels = byKernel.values.reduce(0) { $0 + $1.seconds }
    let host = HostOverhead(.torch).time(
      launches: launches.reduce(0) { $0 + $1.count }, seconds: kernels, .prefill(batch: 1, inputLength: 1))
    let seconds = kernels + host.seconds
    // Kernels of a class err together, classes by themselves.
    func deviation(_ share: (ErrorInterval) -> Double) -> Double {
      byKernel.values.reduce(0) {
        let part = $1.seconds * share($1.expectation.usual)
        return $0 + part * part
      }.squareRoot()
    }
    return CalibratedTime(
      seconds: seconds, low: seconds - deviation { 1 - $0.low }, high: seconds + deviation { $0.high - 1 },
      basis: .prior)
  }
}
