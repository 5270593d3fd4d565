import CostModel

/// What serves: how long its passes take and how many sequences it holds.
public protocol ServedModel: Sendable {
  /// Seconds of a pass of decoding sequences, prompts or both, messages and host among them.
  func seconds(_ pass: Workload) -> Double
  /// Batches of their own, which prompts are dealt out to.
  var batches: Double { get }
  /// Stages of a pipeline, each of which runs a part of the sequences while the others run theirs.
  var stages: Double { get }
  /// Sequences whose cache fits, each of so many tokens.
  func sequences(holding tokens: Double) -> Double
}

extension ServedModel {
  /// No pipeline.
  public var stages: Double { 1 }
}

/// What the clients of a server feel in its steady state; means.
public struct ServingTimes: Hashable, Sendable {
  /// From the request to its first token, queue included.
  public var timeToFirstToken: Double
  /// Mean time of the answer's further tokens: (end to end − first) ÷ (output − 1).
  public var timePerToken: Double
  /// Of a request, from its arrival to its last token.
  public var endToEnd: Double
  /// Sequences that decode at once.
  public var decoding: Double
  /// Sequences that the cache and the slots hold at once.
  public var capacity: Double
  public var requestsPerSecond: Double
  /// False where more arrive than are served: nothing else means anything then.
  public var isStable: Bool
  /// What a first token waits for.
  public var wait: Wait

  /// The terms of the time to the first token, seconds.
  public struct Wait: Hashable, Sendable {
    /// Outside of passes.
    public var server: Double
    /// For the running pass, for the next look at the queue and for others to fill a batch with.
    public var passes: Double
    /// The request's own prompt.
    public var prompt: Double
    /// Behind the prompts that arrived together at the start of a run.
    public var burst: Double
    /// For room in the cache or a slot.
    public var admission: Double

    /// All of it.
    public var seconds: Double { server + passes + prompt + burst + admission }
  }
}

/// A server's mean-field steady state: as many sequences decode at once as their time in decoding makes, each pass
/// carries its share of prompts, and both make each other (fixed point of batch, pass time and prefill share).
public struct SteadyState<Model: ServedModel>: Sendable {
  let model: Model
  let recipe: EngineRecipe
  let server: EngineRecipe.Server
  let parameters: ServingParameters

  /// Of a model under an engine's rules.
  public init(
    _ model: Model, recipe: EngineRecipe, server: EngineRecipe.Server = .init(),
    parameters: ServingParameters = ServingParameters()
  ) {
    self.model = model
    self.recipe = recipe
    self.server = server
    self.parameters = parameters
  }

  /// Sequences that cache and slots hold at once; at least 1.
  public func capacity(_ load: ServingLoad) -> Double {
    let held = load.input + recipe.reservedOutput * load.output
    let pages = (held / recipe.blockTokens).rounded(.up) * recipe.blockTokens
    return max(1, min(recipe.slots, model.sequences(holding: pages)))
  }

  /// A closed loop's or open arrivals' means.
  public func means(_ load: ServingLoad) -> ServingTimes {
    switch load.arrivals {
    case .closed(let concurrency): return closed(max(1, concurrency), load)
    case .open(let rate): return open(rate, load)
    }
  }

  /// One pass of decoding alone.
  func decodeSeconds(_ sequences: Double, _ load: ServingLoad) -> Double {
    model.seconds(decode(sequences, load))
  }

  /// `count` prompts from their first to their last chunk, nothing beside them.
  func promptSeconds(_ count: Double, _ load: ServingLoad) -> Double {
    let chunks = chunks(count, load)
    return chunks.count
      * model.seconds(.prefill(batch: count, inputLength: chunks.queries, prefix: chunks.prefix))
  }

  /// What a prompt adds to passes of `sequences` that decode: all of its time where prompts run alone. As many share a pass
  /// as there are batches, and more where `arriving` of them come with every pass and the budget has room.
  ///
  /// - Parameter alone: seconds of the same pass without them.
  func stallSeconds(_ sequences: Double, arriving: Double, beside alone: Double, _ load: ServingLoad)
    -> Double
  {
    let together = max(1, min(arriving / model.batches, (recipe.chunkTokens / load.computed).rounded(.down)))
    let count = model.batches * together
    guard recipe.sharesPasses else { return promptSeconds(count, load) / (count * model.stages) }
    let chunks = together > 1 ? (1, load.computed, load.cached) : chunks(1, load)
    var shared = decode(sequences, load)
    shared.prompts = .init(batch: count, queries: chunks.1, prefix: chunks.2)
    return chunks.0 * max(0, model.seconds(shared) - alone)
      / (count * model.stages)
  }

  private func decode(_ sequences: Double, _ load: ServingLoad) -> Workload {
    .decode(batch: max(sequences / model.stages, 1), contextLength: load.meanContext)
  }

  /// Passes that the budget cuts prompts into, and the mean chunk of one of them.
  private func chunks(_ prompts: Double, _ load: ServingLoad) -> (
    count: Double, queries: Double, prefix: Double
  ) {
    let perBatch = (prompts / model.batches).rounded(.up)
    let count = max(1, (perBatch * load.computed / recipe.chunkTokens).rounded(.up))
    let queries = load.computed / count
    return (count, queries, load.cached + (count - 1) / 2 * queries)
  }

  private func closed(_ clients: Double, _ load: ServingLoad) -> ServingTimes {
    let room = capacity(load)
    let inside = min(clients, room)
    let prompt = promptSeconds(1, load)
    let full = decodeSeconds(inside, load)
    // Each pass of a sequence meets the prompts of the others, one an answer.
    let others = (inside - 1) / max(load.output, 1)
    let stall =
      parameters.stall * others
      * (others > 0 ? stallSeconds(inside, arriving: others, beside: full, load) : 0)
    var line = PassLine(at: inside, full)
    var decoding = inside
    for _ in 0..<Self.iterations {
      let guess = decoding
      for _ in 0..<Self.crossings {
        let busy = load.intervals * (line.seconds(max(decoding, model.stages)) + stall)
        decoding = inside * busy / (busy + prompt)
      }
      if abs(decoding - guess) <= line.reach * guess { break }
      line.turn(to: max(decoding, model.stages), decodeSeconds(decoding, load))
    }
    let token = line.seconds(max(decoding, model.stages)) + stall
    let answer = load.intervals * token
    // Who finds no room waits for one of those inside to be done, again and again.
    let admission = max(0, clients - room) / room * (prompt + answer)
    let wait = wait(
      prompt: prompt, burst: burstSeconds(inside, prompt, load) / load.rounds, admission: admission,
      token: token, clients: clients, load)
    var result = times(wait, token, decoding: decoding, room: room, load)
    result.requestsPerSecond = clients / result.endToEnd
    return result
  }

  /// Open arrivals by the same fixed point: as many decode at once as arrive while one does (Little's law).
  private func open(_ rate: Double, _ load: ServingLoad) -> ServingTimes {
    let room = capacity(load)
    let prompt = promptSeconds(1, load)
    var decoding = 1.0
    var token = decodeSeconds(decoding, load)
    var isStable = rate * prompt < 1
    for _ in 0..<Self.openIterations where isStable {
      let alone = decodeSeconds(decoding, load)
      let stall =
        parameters.stall * rate * stallSeconds(decoding, arriving: rate * token, beside: alone, load)
      token = alone + stall * token
      let next = rate * load.intervals * token
      if abs(next - decoding) <= 1e-6 * decoding { break }
      decoding = max(next, 1e-9)
      isStable = decoding <= room && stall < 1
    }
    let wait = wait(prompt: prompt, burst: 0, admission: 0, token: token, clients: decoding, load)
    var result = times(wait, token, decoding: decoding, room: room, load)
    (result.requestsPerSecond, result.isStable) = (rate, isStable)
    return result
  }

  /// Mean wait behind the prompts of `clients` that arrive together, in groups that fill a pass.
  private func burstSeconds(_ clients: Double, _ prompt: Double, _ load: ServingLoad) -> Double {
    guard clients > 1, load.rounds.isFinite else { return 0 }
    let group = min(clients, model.batches * max(1, recipe.chunkTokens / load.computed))
    let together = group > 1 ? promptSeconds(group, load) : prompt
    return max(0, (clients / group - 1) / 2 * together + together - prompt) * parameters.burst
  }

  private func wait(
    prompt: Double, burst: Double, admission: Double, token: Double, clients: Double, _ load: ServingLoad
  ) -> ServingTimes.Wait {
    let passes =
      recipe.passesWaited(server, clients: clients, load)
      + (clients > 1 ? parameters.runningPass : 0)
    return ServingTimes.Wait(
      server: recipe.serverSeconds + parameters.server, passes: passes * token,
      prompt: prompt * parameters.ownPrompt, burst: burst, admission: admission)
  }

  private func times(
    _ wait: ServingTimes.Wait, _ token: Double, decoding: Double, room: Double, _ load: ServingLoad
  ) -> ServingTimes {
    ServingTimes(
      timeToFirstToken: wait.seconds, timePerToken: token,
      endToEnd: wait.seconds + load.intervals * token, decoding: decoding, capacity: room,
      requestsPerSecond: 0, isStable: true, wait: wait)
  }

  /// Of a loop: passes asked for at most.
  static var iterations: Int { 4 }
  /// Rounds until a batch and a straight line's time agree.
  static var crossings: Int { 6 }
  static var openIterations: Int { 200 }
}

/// A decoding pass's time over its batch, which runs all but straight between two batches near each other.
private struct PassLine {
  private var batch, time, slope: Double
  /// How far beyond its last point it is believed, of the batch.
  private(set) var reach = 0.002

  /// Through one point, half of whose time goes with the batch.
  init(at batch: Double, _ time: Double) {
    (self.batch, self.time, slope) = (batch, time, time / (2 * batch))
  }

  func seconds(_ batch: Double) -> Double { time + (batch - self.batch) * slope }

  /// Through its last point and this one.
  mutating func turn(to next: Double, _ seconds: Double) {
    if next != batch { slope = max(0, (time - seconds) / (batch - next)) }
    (batch, time, reach) = (next, seconds, 0.03)
  }
}
