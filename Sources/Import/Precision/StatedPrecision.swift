import CostModel
import Specs

/// What a checkpoint's config says of the format of each module.
struct StatedPrecision {
  /// Which tensors are quantised where no rule speaks of them.
  enum Reach {
    /// Projections, feed-forwards and experts.
    case linear
    /// Those and an output projection of its own.
    case linearAndHead
    /// Routed experts alone.
    case experts
    /// Every matrix, tables and routers too (MLX).
    case everything
    /// Nothing: rules name all that is.
    case nothing
  }

  var format: NumberFormat
  var reach: Reach
  /// The first that fits a module holds; nil: left as it was.
  var rules: [(pattern: ModulePattern, format: NumberFormat?)] = []
  /// Names that are matched whole.
  var exact: [String: NumberFormat?] = [:]
  /// Text of all lists.
  var listed = ""
  /// What products' inputs are brought to; nil: what engines do with such weights.
  var operand: NumberFormat?
  var staticScales = false
  /// A 32-bit index of its group stands with each input of a module (GPTQ).
  var hasIndex = false
  var cache: NumberFormat?
  /// Routed experts where no rule speaks of them; nil: as the rest.
  var experts: NumberFormat?
  /// Rows that groups do not divide stay as they are (MLX).
  var skipsRagged = false

  init(_ format: NumberFormat, reach: Reach = .linear) {
    self.format = format
    self.reach = reach
  }

  /// Left as they were: one entry a line of an ignore list.
  mutating func spare(_ names: [String], substrings: Bool = false, at place: SourceLocation)
    throws(InputError)
  {
    for name in names where !name.isEmpty {
      listed += name + "\n"
      let pattern = try ModulePattern(name, substrings: substrings, at: place)
      if case .name = pattern, name.contains(".layers.") || name == "lm_head" {
        exact[name] = .some(nil)
      } else {
        rules.append((pattern, nil))
      }
    }
  }

  mutating func store(_ name: String, _ format: NumberFormat?, at place: SourceLocation) throws(InputError) {
    listed += name + "\n"
    let pattern = try ModulePattern(name, at: place)
    if case .name = pattern { exact[name] = .some(format) } else { rules.append((pattern, format)) }
  }
}

extension StatedPrecision {
  /// Steps of patterns that are tried on names at most: seconds.
  private static let mostSteps = 40_000_000

  /// Writes what the lists say into `model`.
  func apply(
    to model: inout ModelSpec, family: String, at place: SourceLocation
  ) throws(InputError) {
    let naming = ModuleNaming(family: family, listed: listed)
    var list = TensorList()
    model.tensors(into: &list)
    let tensors = list.tensors.filter {
      $0.columns != nil && $0.suffix == .weight && $0.reader != .causalConvolution && $0.storage != .tower
    }
    let copies = tensors.reduce(0) { $0 + Int($1.layers) }
    guard copies * naming.paths * rules.reduce(16, { $0 + $1.pattern.steps }) <= Self.mostSteps else {
      throw InputError(
        .data, at: place, "\(rules.count) patterns for \(copies) modules are more than is tried")
    }
    var stored: [(name: String, layer: Int?, format: NumberFormat)] = []
    var sums = Sums()
    for tensor in tensors {
      let layers: [Int?] =
        tensor.layerKind.map { kind in model.pattern.indices.filter { model.pattern[$0] == kind } } ?? [nil]
      for layer in layers {
        let format = format(of: tensor, naming.names(tensor, layer: layer), tied: model.tiedEmbeddings)
        stored.append((tensor.localName, layer, format ?? .bf16))
        // Beside a wide module it is below 0.2 %; experts are narrow.
        if hasIndex, format != nil, tensor.storage == .experts, let columns = tensor.columns {
          model.unreadBytes += 4 * columns * (tensor.routed?.experts ?? 1)
        }
        sums.add(tensor, format)
      }
    }
    model.cacheFormat = cache
    guard let main = sums.main else { return }
    model.staticScales = staticScales
    let plain = main.operand(beside: .bf16)
    // Experts alone in weights that nothing computes in: the rest of the model is what it was (gpt-oss).
    if sums.expertsAlone, (operand ?? plain) == .bf16 {
      model.expertFormat = main
      if model.checkpointFormat == nil { model.checkpointFormat = .bf16 }
    } else {
      model.checkpointFormat = main
      if let operand, operand != plain { model.operandFormat = operand }
    }
    let usual = Dictionary(
      tensors.map { ($0.localName, $0.storage) }, uniquingKeysWith: { first, _ in first })
    let stays = model.expertFormat == nil ? main : model.checkpointFormat ?? .bf16
    model.precision = PrecisionRule.compact(stored, layers: model.layerCount).filter { rule in
      guard case .named(let name) = rule.subject, rule.layers.isEmpty else { return true }
      // The last rule of a tensor says what its class does anyway.
      switch usual[name] {
      case .weights: return rule.format.bytesPerElement != stays.bytesPerElement
      case .experts: return rule.format != main
      default: return rule.format != .bf16
      }
    }
  }

  private func format(of tensor: Tensor, _ names: [ModuleName], tied: Bool) -> NumberFormat? {
    let isHead = tensor.storage == .lmHead
    if tensor.storage == .small || tensor.storage == .embedding, reach != .everything { return nil }
    for name in names {
      if let known = exact[name.text] { return fitting(tensor, known) }
    }
    if !exact.isEmpty, let parent = parent(names) { return fitting(tensor, parent) }
    if let rule = rules.first(where: { $0.pattern.matches(names) }) {
      return fitting(tensor, rule.format)
    }
    if tensor.storage == .experts, let experts { return fitting(tensor, experts) }
    switch reach {
    case .everything: return fitting(tensor, format)
    case .experts: return tensor.storage == .experts ? format : nil
    case .linear: return isHead ? nil : format
    case .linearAndHead: return format
    case .nothing: return nil
    }
  }

  /// Entries that name a module whose children the tensors are.
  private func parent(_ names: [ModuleName]) -> NumberFormat?? {
    for name in names {
      var text = Substring(name.text)
      while let dot = text.lastIndex(of: ".") {
        text = text[..<dot]
        if let known = exact[String(text)] { return known }
      }
    }
    return nil
  }

  private func fitting(_ tensor: Tensor, _ format: NumberFormat?) -> NumberFormat? {
    guard skipsRagged, let format, let columns = tensor.columns else { return format }
    return columns.truncatingRemainder(dividingBy: format.blockElements) == 0 ? format : nil
  }

  /// Elements of projections and experts by format; nil where left as they were.
  private struct Sums {
    private var narrow: [(format: NumberFormat, elements: Double)] = []
    private(set) var expertsAlone = true

    /// What most quantised elements are in.
    var main: NumberFormat? { narrow.max { $0.elements < $1.elements }?.format }

    mutating func add(_ tensor: Tensor, _ format: NumberFormat?) {
      guard let format, tensor.storage == .weights || tensor.storage == .experts else { return }
      if tensor.storage != .experts { expertsAlone = false }
      let elements = tensor.storedElements / tensor.layers
      if let index = narrow.firstIndex(where: { $0.format == format }) {
        narrow[index].elements += elements
      } else {
        narrow.append((format, elements))
      }
    }
  }
}
