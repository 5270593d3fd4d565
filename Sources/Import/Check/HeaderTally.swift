/// Weights as a header lists them: elements and bytes by component, and bytes by storage type.
public struct HeaderTally: Hashable, Sendable {
  /// Weights by component.
  public var elements: [String: Double] = [:]
  /// Bytes by component.
  public var bytes: [String: Double] = [:]
  /// Bytes by storage type.
  public var bytesByType: [String: Double] = [:]
  /// Bytes by module, layers and experts together; scales with what they scale.
  public var moduleBytes: [String: Double] = [:]
  /// Tensors in all.
  public var tensors = 0
  /// Names that fit no component; any makes the comparison void.
  public var unknown: [String] = []

  /// Layers that keep a state in place of a cache.
  var stateful: Set<Int> = []

  /// Components by name with its numbers taken out, since half a million names make a few dozen patterns.
  private var seen: [String: TensorComponent?] = [:]

  /// Nothing yet.
  public init() {}

  /// Bytes of all known components.
  public var totalBytes: Double { bytes.values.reduce(0, +) }

  /// What no layer of the decoder reads.
  private static let others: [TensorComponent] = [.buffer, .indices, .prediction, .encoder]

  /// Bytes of what the decoder reads: no encoder, no prediction layer, no copy of a tied head.
  public var weightBytes: Double {
    totalBytes - Self.others.reduce(0) { $0 + (bytes[$1.rawValue] ?? 0) }
  }

  /// - Parameter module: what the tensor belongs to, for `moduleBytes`; nil for vectors.
  mutating func add(
    name: String, elements count: Double, bytes size: Double, type: String, module: String?, layers: Int,
    tied: Bool
  ) {
    tensors += 1
    bytesByType[type, default: 0] += size
    guard let component = component(of: name, layers: layers, tied: tied) else {
      if unknown.count < 20 { unknown.append(name) }
      return
    }
    elements[component.rawValue, default: 0] += count
    bytes[component.rawValue, default: 0] += size
    guard let module, !Self.others.contains(component) else { return }
    if moduleBytes[module] != nil || moduleBytes.count < 1_000 { moduleBytes[module, default: 0] += size }
  }

  private mutating func component(of name: String, layers: Int, tied: Bool) -> TensorComponent? {
    let index = TensorComponent.layerIndex(name)
    let beyond = (index ?? 0) >= layers
    let keeps = index.map(stateful.contains) ?? false
    let pattern =
      String(decoding: name.utf8.filter { !(48...57).contains($0) }, as: UTF8.self) + (beyond ? "+" : "")
    if let known = seen[pattern] { return known?.within(keeps) }
    let found = TensorComponent(name: name, layers: layers, tied: tied)
    if seen.count < 10_000 { seen[pattern] = .some(found) }
    return found?.within(keeps)
  }
}
