import CostModel

/// The blocks that make a layer: a mixer, a feed-forward, norms.
struct LayerReader {
  var layer: LayerSpec
  let header: ModelReader.Header
  let position: PositionSpec

  /// - Parameter position: what layers with attention do about positions.
  init(_ top: inout YAMLFields, header: ModelReader.Header, position: PositionSpec) throws(InputError) {
    self.header = header
    self.position = position
    guard
      let mixer = try MixerReader.read(
        &top, MixerReader.Context(base: nil, header: header, position: position))
    else {
      throw top.missing(
        "attention",
        accepted: "a block with “num_attention_heads” and its neighbours, or one of state_space,"
          + " linear_attention, or “attention: none” where each kind of layer has its own")
    }
    guard let feedForward = try FeedForwardSpec.read(&top, base: nil) else {
      throw top.missing("feed_forward", accepted: "a block with “type”: dense or moe, or “none”")
    }
    layer = LayerSpec(
      mixer: mixer, feedForward: feedForward, norm: header.norm,
      norms: try top.choice("norm_placement", NormPlacement.self) ?? .pre,
      parallel: try top.bool("parallel_residual") ?? false)
    layer.streams = try top.int("residual_streams", in: 1...64) ?? 1
    if layer.norms == .shared && !layer.parallel {
      throw InputError(
        .data, at: top.location, "“norm_placement: shared” needs “parallel_residual: true”")
    }
  }

  /// The same layer with what a `layer_kinds` entry overrides.
  func overridden(by fields: inout YAMLFields) throws(InputError) -> LayerSpec {
    var result = layer
    var own: PositionSpec?
    if var block = try fields.fields("position", .position) {
      let read = try PositionSpec.read(&block)
      guard !read.isEmbedded else {
        throw InputError(.data, at: block.location, "a layer's position has to be rotary, alibi or none")
      }
      own = read
    }
    if let own, case .attention(var spec) = result.mixer {
      spec.position = own
      result.mixer = .attention(spec)
    }
    let context = MixerReader.Context(base: result.mixer, header: header, position: own ?? position)
    if let mixer = try MixerReader.read(&fields, context) { result.mixer = mixer }
    if let feedForward = try FeedForwardSpec.read(&fields, base: result.feedForward) {
      result.feedForward = feedForward
    }
    result.norms = try fields.choice("norm_placement", NormPlacement.self) ?? result.norms
    return result
  }
}
