import CostModel

/// Weights as a header lists them: elements and bytes by component, and bytes by storage type.
public struct HeaderTally: Hashable, Sendable {
  /// Weights by component.
  public var elements: [String: Double] = [:]
  /// Bytes by component.
  public var bytes: [String: Double] = [:]
  /// Bytes by storage type.
  public var bytesByType: [String: Double] = [:]
  /// Elements by storage type, of matrices alone.
  public var matrixElementsByType: [String: Double] = [:]
  /// Tensors in all.
  public var tensors = 0
  /// Names that fit no component; any makes the comparison void.
  public var unknown: [String] = []

  /// Components by name with its numbers taken out, since half a million names make a few dozen patterns.
  private var seen: [String: TensorComponent?] = [:]

  /// Nothing yet.
  public init() {}

  /// Bytes of all known components.
  public var totalBytes: Double { bytes.values.reduce(0, +) }

  mutating func add(
    name: String, elements count: Double, bytes size: Double, type: String, matrix: Bool, layers: Int,
    tied: Bool
  ) {
    tensors += 1
    bytesByType[type, default: 0] += size
    if matrix { matrixElementsByType[type, default: 0] += count }
    guard let component = component(of: name, layers: layers, tied: tied) else {
      if unknown.count < 20 { unknown.append(name) }
      return
    }
    elements[component.rawValue, default: 0] += count
    bytes[component.rawValue, default: 0] += size
  }
}

extension HeaderTally {
  private mutating func component(of name: String, layers: Int, tied: Bool) -> TensorComponent? {
    let beyond = (TensorComponent.layerIndex(name) ?? 0) >= layers
    let pattern =
      String(decoding: name.utf8.filter { !(48...57).contains($0) }, as: UTF8.self) + (beyond ? "+" : "")
    if let known = seen[pattern] { return known }
    let found = TensorComponent(name: name, layers: layers, tied: tied)
    if seen.count < 10_000 { seen[pattern] = .some(found) }
    return found
  }
}

/// A spec's parameters beside a header's tensors.
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

  /// The file, or how many there were.
  public var source: String
  /// What the header lists.
  public var tally: HeaderTally
  /// One a component, those with nothing too.
  public var rows: [Row]

  /// Compares, whatever comes out.
  public init(_ model: ModelSpec, _ tally: HeaderTally, source: String) {
    let count = model.parameters
    self.source = source
    self.tally = tally
    rows = Tensor.Component.allCases.map {
      Row(component: $0.rawValue, computed: count[$0], stored: tally.elements[$0.rawValue] ?? 0)
    }
  }

  /// Every component is equal and every tensor known.
  public var agrees: Bool { tally.unknown.isEmpty && rows.allSatisfy(\.agrees) }

  /// One sentence for a report; nil when all agrees.
  public var complaint: String? {
    if agrees { return nil }
    let parts = rows.filter { !$0.agrees }.map {
      "\($0.component) \(Self.whole($0.computed)) computed, \(Self.whole($0.stored)) in the file"
    }
    let strays =
      tally.unknown.isEmpty
      ? [] : ["tensors of no known part: \(tally.unknown.prefix(3).joined(separator: ", "))"]
    return "\(source) disagrees: " + (parts + strays).joined(separator: "; ")
  }

  private static func whole(_ value: Double) -> String { value < 9e18 ? String(Int64(value)) : "\(value)" }
}
