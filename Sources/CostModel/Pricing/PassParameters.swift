/// What servers reach of a device's sheet in passes of theirs, and what each kernel costs beside its work. The values
/// here are starting points; `Calibrations/servers/servers.yaml` has what servers taught.
public struct PassParameters: Hashable, Sendable {
  /// Share of far bandwidth that weights stream at, and the cache.
  public var weights = 0.85
  /// See `weights`.
  public var cache = 0.78
  /// Share of the peak of products.
  public var products = 0.35
  /// The same of prompts' attention.
  public var attention = 0.25
  /// What an earlier generation, whose peaks stand in a smaller ratio to its bandwidth, reaches of them more.
  public var hopper = 1.3
  /// Share of far bandwidth that experts' weights stream at, by their width.
  public var experts16 = 0.85
  /// See `experts16`.
  public var experts8 = 0.95
  /// See `experts16`.
  public var experts4 = 1.0
  /// See `experts16`.
  public var integerExperts4 = 0.4
  /// Share of the experts' peak, as a part of `products`.
  public var expertProducts16 = 1.0
  /// See `expertProducts16`.
  public var expertProducts8 = 0.2
  /// See `expertProducts16`.
  public var expertProducts4 = 0.25
  /// See `expertProducts16`.
  public var integerExpertProducts4 = 0.16
  /// Of what the laws of links expect of one row above the links' rate, for the all-reduces that engines bring along.
  public var messages = 0.7
  /// The same of what further rows take above it.
  public var messageRows = 1.0
  /// Seconds that a pass loses to each other pass that a pipeline has under way.
  public var stage = 5e-4
  /// Seconds of a kernel beside its work, and how they grow with each doubling of a pass's sequences.
  public var kernel = 3.6e-6
  /// See `kernel`.
  public var kernelGrowth = 0.3e-6
  /// Seconds of a pass with prompts that no graph holds: for the pass, and for each layer.
  public var promptPass = 0.03
  /// See `promptPass`.
  public var promptLayer = 22e-6
  /// The part of them that is felt where prompts share the pass of decoding sequences.
  public var sharedPrompt = 0.3

  /// The starting points.
  public init() {}
}
