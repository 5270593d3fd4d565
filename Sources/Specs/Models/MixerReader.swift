import CostModel

/// What lets tokens see each other: one of a few blocks, or `attention: none`.
enum MixerReader {
  /// What stands around a block.
  struct Context {
    /// What an `attention` block keeps where it says nothing.
    var base: MixerSpec?
    var header: ModelReader.Header
    var position: PositionSpec
  }

  typealias Read = @Sendable (inout YAMLFields, Context) throws(InputError) -> MixerSpec

  static let blocks: [(name: String, keys: Block, read: Read)] = [
    (AttentionSpec.block, .attention, AttentionSpec.mixer),
    (StateSpaceSpec.block, .stateSpace, StateSpaceSpec.mixer), (DeltaSpec.block, .delta, DeltaSpec.mixer),
    (LightningSpec.block, .lightning, LightningSpec.mixer),
    (ShortConvolutionSpec.block, .shortConvolution, ShortConvolutionSpec.mixer),
    (CompressedSpec.block, .compressed, CompressedSpec.mixer),
  ]

  /// - Returns: nil when `fields` names no mixer.
  static func read(_ fields: inout YAMLFields, _ context: Context) throws(InputError) -> MixerSpec? {
    let named = blocks.map(\.name).filter(fields.has)
    guard named.count <= 1 else {
      throw InputError(
        .data, at: fields.location,
        "“\(named[0])” and “\(named[1])” exclude each other; a layer has one mixer")
    }
    var result: MixerSpec?
    for (name, keys, read) in blocks {
      if name == AttentionSpec.block, fields.isNone(name) {
        result = MixerSpec.none
      } else if var block = try fields.fields(name, keys) {
        result = try read(&block, context)
        try block.finish()
      }
    }
    return result
  }
}
