/// How one version of an engine runs a server: what it batches, keeps back and waits for. Data, one file a version.
public struct EngineRecipe: Hashable, Sendable {
  /// As files and options have it.
  public var name: String
  /// The engine whose fitted shares hold; nil for a server that has no cost of its own.
  public var framework: String?
  /// Versions that it was read from.
  public var version = ""
  /// Most tokens of one pass (`max_num_batched_tokens`).
  public var chunkTokens = Double.infinity
  /// Most sequences at once (`max_num_seqs`).
  public var slots = Double.infinity
  /// Share of the device's memory that it takes for weights, cache and activations.
  public var memoryShare = 1.0
  /// Bytes beside them: context, communication buffers, graphs.
  public var reserveBytes = 0.0
  /// Tokens of one page of the cache.
  public var blockTokens = 1.0
  /// Share of an answer's cache that is set aside when a request is let in: 1 where nothing is ever evicted.
  public var reservedOutput = 1.0
  /// Prompts ride with decoding sequences in one pass; otherwise they run alone and those wait.
  public var sharesPasses = true
  /// Inputs of products are brought to 8 or 4 bits within the kernels before; otherwise by kernels of their own.
  public var fusesQuantizing = false
  /// Passes that a prompt waits for the next look at the queue, or for others to fill a batch with; the first that fits.
  public var waits: [Wait] = []
  /// Seconds of a request outside its passes: tokenizer, scheduler, network.
  public var serverSeconds = 0.0
  /// Where the values come from.
  public var source = ""

  /// Passes that a prompt waits for on some servers.
  public struct Wait: Hashable, Sendable {
    /// How many.
    public var passes: Double
    /// Only where each has it: attention with batches of its own, a latent cache, below so many clients, prompts and
    /// answers up to so many tokens, below so many tensor ranks, attention that picks its keys.
    public var attentionData, latent, picks: Bool?
    public var fewerClients, longestInput, longestOutput, fewerRanks: Double?

    /// On every server.
    public init(passes: Double) { self.passes = passes }
  }

  /// What waits go by beside the load.
  public struct Server: Hashable, Sendable {
    public var attentionData, latent, picks: Bool
    public var ranks: Double

    /// One device.
    public init(attentionData: Bool = false, latent: Bool = false, picks: Bool = false, ranks: Double = 1) {
      self.attentionData = attentionData
      self.latent = latent
      self.picks = picks
      self.ranks = ranks
    }
  }

  /// A server without waits or time of its own, with all of the memory: what `analyze` prices and nothing else.
  public init(name: String = "bare", framework: String? = nil) {
    self.name = name
    self.framework = framework
  }

  /// Passes that a prompt waits for.
  func passesWaited(_ server: Server, clients: Double, _ load: ServingLoad) -> Double {
    waits.first { wait in
      wait.attentionData.map { $0 == server.attentionData } ?? true
        && wait.latent.map { $0 == server.latent } ?? true
        && wait.picks.map { $0 == server.picks } ?? true
        && wait.fewerClients.map { clients < $0 } ?? true
        && wait.longestInput.map { load.input <= $0 } ?? true
        && wait.longestOutput.map { load.output <= $0 } ?? true
        && wait.fewerRanks.map { server.ranks < $0 } ?? true
    }?.passes ?? 0
  }
}
