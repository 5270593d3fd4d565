/// What the queue of a server adds to its passes; the values given here are those of an ideal server.
public struct ServingParameters: Hashable, Sendable {
  /// Share of other requests' prompts that a decoding sequence waits for.
  public var stall = 1.0
  /// Passes that a prompt waits for behind the running one, where others are served.
  public var runningPass = 0.5
  /// Seconds of a request outside its passes.
  public var server = 0.0
  /// Share of the prompt's time until its first token is out.
  public var ownPrompt = 1.0
  /// Share of the mean wait behind prompts that arrived together.
  public var burst = 1.0

  /// An ideal server.
  public init() {}
}
