import CostModel

/// A running mean.
extension MeanSpec: MixerForm {
  package static let block = "running_mean"

  static func mixer(
    _ block: inout YAMLFields, _ context: MixerReader.Context
  ) throws(InputError) -> MixerSpec {
    .mean(MeanSpec(width: try block.requiredInt("width", in: 1...1_000_000)))
  }

  package func write(into out: inout YAMLText) { out.put("width", width) }

  package var summary: String { "running mean of \(width)" }

  package var properties: Set<String> { ["recurrent"] }
}
