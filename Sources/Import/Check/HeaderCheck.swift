import CostModel
import Specs

/// A spec's parameters and bytes beside a header's tensors.
public struct HeaderCheck: Hashable, Sendable {
  /// One component.
  public struct Row: Hashable, Sendable {
    /// As in reports: `feed_forward`.
    public var component: String
    /// Parameters by the spec.
    public var computed: Double
    /// Elements in the file.
    public var stored: Double
    /// The two are equal, to the element.
    public var agrees: Bool { computed == stored }
  }

  /// One module of all layers, its scales among it.
  public struct Difference: Hashable, Sendable {
    /// As in checkpoints, without the layer: `mlp.down_proj`.
    public var module: String
    /// Bytes by the spec's precision.
    public var computed: Double
    /// Bytes in the file.
    public var stored: Double
  }

  /// The file, or how many there were.
  public var source: String
  /// What the header lists.
  public var tally: HeaderTally
  /// One a component, those with nothing too; none where only an index was at hand.
  public var rows: [Row]
  /// Bytes of all weights by the spec's precision; what no layer reads is among them where the file's whole is meant.
  public var computedBytes: Double
  /// Bytes of all weights in the file, scales among them; encoders, prediction layers and indices are not.
  public var storedBytes: Double
  /// Modules whose bytes differ most, largest first.
  public var differences: [Difference]

  /// Share of the file that may be in what no number format says, such as tensors' own scales and permutations.
  public var tolerance: Double

  /// Compares, whatever comes out.
  ///
  /// - Parameter isWhole: the spec accounts for every byte of the file, encoders and what no layer reads among them.
  public init(
    _ model: ModelSpec, _ tally: HeaderTally, source: String, tolerance: Double = 0.005, isWhole: Bool = false
  ) {
    self.tolerance = tolerance
    let count = model.parameters
    self.source = source
    self.tally = tally
    let towers: [Tensor.Component] = [.vision, .audio]
    rows = Tensor.Component.allCases.filter { !towers.contains($0) }.map {
      Row(component: $0.rawValue, computed: count[$0], stored: tally.elements[$0.rawValue] ?? 0)
    }
    // Names tell an encoder, not whether it sees or hears.
    let encoders = TensorComponent.encoder.rawValue
    let known = count.vision + count.audio
    if known > 0 {
      rows.append(Row(component: encoders, computed: known, stored: tally.elements[encoders] ?? 0))
    }
    computedBytes =
      model.weightBytes(PrecisionRequest().plan(for: model).plan) - (isWhole ? 0 : model.unreadBytes)
    storedBytes =
      isWhole
      ? tally.bytesByType.values.reduce(0, +)
      : tally.weightBytes + (known > 0 ? tally.bytes[encoders] ?? 0 : 0)
    differences = []
    guard !bytesAgree else { return }
    let computed = ModuleIndex(model).computedBytes
    differences = Set(computed.keys).union(tally.moduleBytes.keys)
      .map { Difference(module: $0, computed: computed[$0] ?? 0, stored: tally.moduleBytes[$0] ?? 0) }
      .filter { $0.computed != $0.stored }
      .sorted { (-abs($0.computed - $0.stored), $0.module) < (-abs($1.computed - $1.stored), $1.module) }
    differences = Array(differences.prefix(8))
  }

  /// The bytes that an index states for files that are elsewhere.
  init(_ model: ModelSpec, indexBytes: Double, source: String) {
    tolerance = 0.005
    self.source = source
    tally = HeaderTally()
    rows = []
    computedBytes = model.weightBytes(PrecisionRequest().plan(for: model).plan)
    storedBytes = indexBytes
    differences = []
  }

  /// The two sums of bytes are the same but for what no number format says.
  public var bytesAgree: Bool { abs(computedBytes - storedBytes) <= tolerance * storedBytes }

  /// Every component is equal, every tensor known, and the bytes are the same.
  public var agrees: Bool { tally.unknown.isEmpty && rows.allSatisfy(\.agrees) && bytesAgree }

  /// One sentence for a report; nil when all agrees.
  public var complaint: String? {
    if agrees { return nil }
    var parts = rows.filter { !$0.agrees }.map {
      "\($0.component) \(Self.whole($0.computed)) computed, \(Self.whole($0.stored)) in the file"
    }
    if !tally.unknown.isEmpty {
      parts.append("tensors of no known part: \(tally.unknown.prefix(3).joined(separator: ", "))")
    }
    if !bytesAgree {
      parts.append("\(Self.whole(computedBytes)) bytes computed, \(Self.whole(storedBytes)) in the file")
      parts += differences.prefix(3).map {
        "\($0.module) \(Self.whole($0.computed)) bytes computed, \(Self.whole($0.stored)) in the file"
      }
    }
    return "\(source) disagrees: " + parts.joined(separator: "; ")
  }

  private static func whole(_ value: Double) -> String { value < 9e18 ? String(Int64(value)) : "\(value)" }
}
