/// What some of a model's tensors are stored in; of several rules for one tensor the first holds.
public struct PrecisionRule: Hashable, Sendable {
  /// Which tensors a rule is about.
  public enum Subject: Hashable, Sendable {
    /// All of a component; vectors, routers and convolutions only where it is named `router` or `norm`.
    case component(Tensor.Component)
    /// By name without the layer's prefix, `*` for any text: `self_attn.*`, `mlp.down_proj`, `lm_head`. What
    /// is never quantized with the rest has to be named to the end (`mlp.gate.weight`).
    case named(String)
  }

  /// Which tensors.
  public var subject: Subject
  /// In which layers, counted from 0; empty: in all.
  public var layers: [ClosedRange<Int>]
  /// What they are stored in.
  public var format: NumberFormat

  /// A rule for all layers unless some are given.
  public init(_ subject: Subject, layers: [ClosedRange<Int>] = [], format: NumberFormat) {
    self.subject = subject
    self.layers = layers
    self.format = format
  }

  /// Whether it is about a tensor in some layer.
  func concerns(_ tensor: Tensor) -> Bool {
    switch subject {
    case .component(let component):
      return tensor.component == component
        && (tensor.storage != .small || component == .router || component == .norm)
    case .named(let pattern):
      let name = tensor.localName
      if pattern == name { return true }
      guard tensor.storage != .small else { return false }
      return Wildcard.matches(pattern, name) || Wildcard.matches(pattern + ".*", name)
    }
  }

  /// Whether it is about a layer; nil stands for what is outside the layers.
  func concerns(layer: Int?) -> Bool {
    guard let layer else { return layers.isEmpty }
    return layers.isEmpty || layers.contains { $0.contains(layer) }
  }
}

extension Tensor {
  /// Its name without the layer's prefix: `self_attn.q_proj.weight`.
  public var localName: String {
    [module == "model" ? "" : module, member, suffix.rawValue].filter { !$0.isEmpty }.joined(separator: ".")
  }
}

/// Shell patterns: `*` for any text, `?` for one character.
public enum Wildcard {
  /// Whether `pattern` fits the whole of `text`; in time of the product of their lengths.
  public static func matches(_ pattern: String, _ text: String) -> Bool {
    let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
    var (at, place, star, mark) = (0, 0, -1, 0)
    while place < text.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        (star, mark, at) = (at, place, at + 1)
      } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == text[place] {
        (at, place) = (at + 1, place + 1)
      } else if star >= 0 {
        mark += 1
        (at, place) = (star + 1, mark)
      } else {
        return false
      }
    }
    while at < pattern.count, pattern[at] == UInt8(ascii: "*") { at += 1 }
    return at == pattern.count
  }
}

/// The layers' elements of one tensor by what they are stored in, in the order of first use.
struct StoredParts {
  var parts: [(format: NumberFormat, elements: Double)] = []

  mutating func add(_ format: NumberFormat, _ elements: Double) {
    if let index = parts.firstIndex(where: { $0.format == format }) {
      parts[index].elements += elements
    } else {
      parts.append((format, elements))
    }
  }

  var elements: Double { parts.reduce(0) { $0 + $1.elements } }
  /// By format first: bytes per element need not be binary fractions, and are multiplied once.
  var bytes: Double { parts.reduce(0) { $0 + $1.elements * $1.format.bytesPerElement } }
  /// What most elements are stored in.
  var main: NumberFormat? { parts.max { $0.elements < $1.elements }?.format }
}

extension PrecisionPlan {
  /// What one layer's copy of a tensor is stored in; nil: outside the layers.
  public func format(of tensor: Tensor, layer: Int?) -> NumberFormat {
    rules.first { $0.concerns(tensor) && $0.concerns(layer: layer) }?.format ?? format(of: tensor)
  }

  /// Adds all stored elements of a tensor by format; `pattern` says which kind each layer is of.
  func add(_ tensor: Tensor, pattern: [Int], to sum: inout StoredParts) {
    let standard = format(of: tensor)
    let concerned = rules.filter { $0.concerns(tensor) }
    guard !concerned.isEmpty else { return sum.add(standard, tensor.storedElements) }
    guard let kind = tensor.layerKind else {
      let format = concerned.first { $0.concerns(layer: nil) }?.format ?? standard
      return sum.add(format, tensor.storedElements)
    }
    let elements = tensor.storedElements / tensor.layers
    for (layer, own) in pattern.enumerated() where own == kind {
      sum.add(concerned.first { $0.concerns(layer: layer) }?.format ?? standard, elements)
    }
  }
}

extension ModelSpec {
  /// Index of the first of its rules that is about none of its tensors.
  public var firstRuleWithoutTensors: Int? {
    var list = TensorList()
    tensors(into: &list)
    return precision.firstIndex { rule in !list.tensors.contains { rule.concerns($0) } }
  }

  /// A few of its tensors' names, for messages.
  public var someTensorNames: String {
    var list = TensorList()
    tensors(into: &list)
    let names = list.tensors.filter { $0.storage != .small }.map(\.localName)
    return names.prefix(4).joined(separator: ", ")
  }
}

/// Keeps every tensor it is handed.
public struct TensorList: TensorSink {
  /// In running order.
  public private(set) var tensors: [Tensor] = []

  /// Nothing yet.
  public init() {}

  /// Keeps one.
  public mutating func add(_ tensor: Tensor) { tensors.append(tensor) }
}
