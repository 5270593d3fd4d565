import CostModel

/// How a mixer stands in specs, lists and reports: one file a mechanism says how it is read, written and put into
/// words. A new one needs a case in `MixerSpec.form`, and where it has a block of its own a line in
/// `MixerReader.blocks`.
package protocol MixerForm {
  /// The key under which it stands.
  static var block: String { get }

  func write(into out: inout YAMLText)

  /// For tables: `GQA, 32 heads over 8 KV heads of 128`.
  var summary: String { get }

  /// What `rooftree models --filter` finds it by.
  var properties: Set<String> { get }

  /// How tokens' positions enter; nil where no position is asked for.
  var positions: PositionSpec? { get }

  /// Elements of a head that know the position; 0 where no position is asked for.
  var positionDim: Int { get }
}

extension MixerForm {
  package var positions: PositionSpec? { nil }
  package var positionDim: Int { 0 }
}

extension MixerSpec {
  /// The mechanism's own form; nil for layers without a mixer, `attention: none`.
  package var form: (any MixerForm)? {
    switch self {
    case .attention(let spec): spec
    case .latent(let spec): spec
    case .stateSpace(let spec): spec
    case .delta(let spec): spec
    case .lightning(let spec): spec
    case .shortConvolution(let spec): spec
    case .compressed(let spec): spec
    case .none: nil
    }
  }

  func write(into out: inout YAMLText) {
    guard let form else { return out.raw("attention", "none") }
    out.block(type(of: form).block) { form.write(into: &$0) }
  }
}
