import Basics
import CostModel

/// A transformer as PyTorch runs it eagerly, every operator a kernel (Hugging Face's GPT-2, OPT, BERT and Switch
/// Transformers with eager attention): what a forward pass over `length` tokens of each of `batch` sequences launches,
/// logits for every token included where it has them; an encoder and its decoder see as many.
struct EagerModel {
  /// Whose code it is: what is one projection in one is three in the other.
  enum Code: String {
    case gpt2 = "GPT2LMHeadModel"
    case opt = "OPTForCausalLM"
    case bert = "BertLMHeadModel"
    case switchTransformers = "SwitchTransformersForConditionalGeneration"
  }

  let code: Code
  let layers: Double
  /// Of a decoder beside the encoder.
  var decoderLayers = 0.0
  let hidden, heads, headDim, intermediate: Double
  /// 0 of a model that classifies.
  let vocabulary: Double
  /// Of every second layer of Switch Transformers.
  var experts = 0.0
  /// The tanh form of GELU is eight kernels, others are one.
  var hasTanhForm = false

  /// Tokens of a sequence that one expert takes, where its configuration does not say otherwise
  /// (`expert_capacity`); the rest pass by.
  private static let expertCapacity = 64.0

  /// A kernel, so many times.
  struct Launches {
    let kernel: KernelClass
    let shape: RunShape
    let count: Double
  }

  func launches(batch: Double, length: Double) -> [Launches] {
    var pass = Pass(batch: batch, length: length)
    if code == .switchTransformers {
      both(&pass)
    } else {
      alone(&pass)
    }
    return pass.list
  }

  /// Decoders, and encoders alike.
  private func alone(_ pass: inout Pass) {
    pass.rows(.layerNorm, pass.tokens, hidden, 2 * layers + 1)
    // Scores scaled and masked.
    attention(&pass, scaled: 2, times: layers)
    pass.rows(.elementwise, pass.tokens, hidden, 2 * layers, read: 2)
    if code == .opt { pass.rows(.elementwise, pass.tokens, hidden, layers) }
    pass.product(pass.tokens, intermediate, hidden, layers)
    pass.product(pass.tokens, hidden, intermediate, layers)
    pass.rows(.elementwise, pass.tokens, intermediate, (hasTanhForm ? 6 : 1) * layers)
    if hasTanhForm { pass.rows(.elementwise, pass.tokens, intermediate, 2 * layers, read: 2) }
    if vocabulary > 0 { pass.product(pass.tokens, vocabulary, hidden, 1) }
  }

  /// - Parameter bias: elements read for one that is added to a score.
  private func attention(_ pass: inout Pass, scaled: Double, bias: Double = 0, times: Double) {
    let (scores, inner) = (pass.batch * heads * pass.length, heads * headDim)
    if code == .gpt2 {
      pass.product(pass.tokens, 3 * inner, hidden, times)
    } else {
      pass.product(pass.tokens, inner, hidden, 3 * times)
    }
    pass.batched(pass.length, headDim, copies: pass.batch * heads, times)
    pass.rows(.elementwise, scores, pass.length, scaled * times)
    if bias > 0 { pass.rows(.elementwise, scores, pass.length, times, read: 1 + bias) }
    pass.rows(.softmax, scores, pass.length, times)
    pass.batched(headDim, pass.length, copies: pass.batch * heads, times)
    // Heads put in order.
    pass.rows(.elementwise, pass.tokens, inner, 4 * times)
    pass.product(pass.tokens, hidden, inner, times)
  }

  /// An encoder and its decoder, every second layer of each with experts.
  private func both(_ pass: inout Pass) {
    let all = layers + decoderLayers
    let (tokens, sparse) = (pass.tokens, (all / 2).rounded(.down))
    // The bias of a layer's own places lies with its heads innermost: each element is read with its sector of 32 bytes.
    attention(&pass, scaled: 0, bias: 8, times: all)
    attention(&pass, scaled: 0, bias: 1, times: decoderLayers)
    // Root-mean-square norms by hand: squared, averaged, scaled twice; two of one number a token.
    let norms = 2 * all + decoderLayers + 2
    pass.rows(.elementwise, tokens, hidden, 3 * norms)
    pass.rows(.elementwise, tokens, hidden, norms, write: 0)
    pass.rows(.elementwise, tokens, 1, 2 * norms)
    pass.rows(.elementwise, tokens, hidden, 2 * all + decoderLayers, read: 2)
    // The bias of places: their distances sorted into buckets, once each.
    pass.rows(.elementwise, pass.length, pass.length, 2 * 15)
    pass.rows(.elementwise, heads * pass.length, pass.length, 6)
    feedForward(&pass, tokens, all - sparse)
    // Noise on what the router sees, its choice, the copy that experts write into, scaled.
    pass.rows(.elementwise, tokens, hidden, 6 * sparse)
    pass.product(tokens, experts, hidden, sparse)
    pass.rows(.softmax, tokens, experts, sparse)
    pass.rows(.elementwise, tokens, experts, 9 * sparse)
    let taken = pass.batch * min(Self.expertCapacity, pass.length / max(1, experts))
    pass.rows(.elementwise, tokens, 1, 3 * experts * sparse)
    pass.rows(.elementwise, taken, hidden, 2 * experts * sparse)
    feedForward(&pass, taken, experts * sparse)
    pass.product(tokens, vocabulary, hidden, 1)
    pass.rows(.elementwise, tokens, hidden, 1)
  }

  private func feedForward(_ pass: inout Pass, _ tokens: Double, _ times: Double) {
    pass.product(tokens, intermediate, hidden, times)
    pass.rows(.elementwise, tokens, intermediate, times)
    pass.product(tokens, hidden, intermediate, times)
  }

  /// What was launched so far.
  private struct Pass {
    let batch, length: Double
    var list: [Launches] = []
    var tokens: Double { batch * length }

    init(batch: Double, length: Double) { (self.batch, self.length) = (batch, length) }

    mutating func product(_ rows: Double, _ outputs: Double, _ inputs: Double, _ times: Double) {
      let call = ProductCall(rows: rows, outputs: outputs, inputs: inputs)
      list.append(Launches(kernel: .gemm, shape: RunShape(.product(call)), count: times))
    }

    mutating func batched(_ outputs: Double, _ inputs: Double, copies: Double, _ times: Double) {
      let call = ProductCall(rows: length, outputs: outputs, inputs: inputs, copies: copies)
      list.append(Launches(kernel: .batchedProduct, shape: RunShape(.product(call)), count: times))
    }

    mutating func rows(
      _ kernel: KernelClass, _ rows: Double, _ width: Double, _ times: Double, read: Double = 1,
      write: Double = 1
    ) {
      guard times > 0 else { return }
      let call = RowsCall(
        kernel == .elementwise ? .add : .norm, rows: rows, readWidth: read * width, writeWidth: write * width,
        flopsPerElement: 0)
      list.append(Launches(kernel: kernel, shape: RunShape(.rows(call)), count: times))
    }
  }
}

extension Predictor {
  /// A kernel's own start where the host runs ahead of it.
  private static let startSeconds = 3e-6

  /// Of an eager pass in fp32; nil where a kernel of it is not known.
  func expected(_ launches: [EagerModel.Launches]) -> CalibratedTime? {
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
