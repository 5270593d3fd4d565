import CostModel

/// Which layer is of which kind.
///
/// Without `layer_kinds` all layers are alike. With it, `layer_pattern` lists kinds that repeat until
/// num_hidden_layers is reached (`local*5` stands for five in a row).
enum LayerPattern {
  static func read(
    _ top: inout YAMLFields, header: ModelReader.Header, defaults: LayerReader
  ) throws(InputError) -> (kinds: [LayerKind], pattern: [Int]) {
    let nodes = try top.list("layer_pattern", of: .text)
    guard var block = try top.fields("layer_kinds", .layerKinds) else {
      if nodes != nil { throw top.missing("layer_kinds", accepted: "the kinds that “layer_pattern” names") }
      return (
        [LayerKind(name: "decoder", layer: defaults.layer)], Array(repeating: 0, count: header.layers)
      )
    }
    var kinds: [LayerKind] = []
    for name in block.keys {
      guard var fields = try block.fields(name, .layerKind) else {
        _ = block.node([name])
        kinds.append(LayerKind(name: name, layer: defaults.layer))
        continue
      }
      kinds.append(LayerKind(name: name, layer: try defaults.overridden(by: &fields)))
      try fields.finish()
    }
    guard (1...64).contains(kinds.count) else {
      throw InputError(.data, at: block.location, "“layer_kinds” has to name 1 to 64 kinds")
    }
    guard let nodes, !nodes.isEmpty else {
      throw top.missing("layer_pattern", accepted: "a list of \(kinds.map(\.name).joined(separator: ", "))")
    }
    let period = try expand(nodes, kinds: kinds.map(\.name), top: top, limit: header.layers)
    return (kinds, (0..<header.layers).map { period[$0 % period.count] })
  }

  private static func expand(
    _ nodes: [YAMLNode], kinds: [String], top: YAMLFields, limit: Int
  ) throws(InputError) -> [Int] {
    var period: [Int] = []
    for node in nodes {
      let parts = (node.string ?? "").split(separator: "*", maxSplits: 1).map {
        String($0.filter { $0 != " " })
      }
      let name = parts.first ?? ""
      let count = parts.count == 2 ? Int(parts[1]) : 1
      guard let index = kinds.firstIndex(of: name), let count, (1...limit).contains(count) else {
        throw InputError(
          .data, at: node.location(in: top.file),
          "“layer_pattern” holds \(node.shown); accepted: \(kinds.joined(separator: ", ")), or one of them"
            + " times a count up to \(limit), such as \(kinds[0])*2"
            + Suggestion.phrase(for: name, among: kinds)
        ).being(.value)
      }
      period += Array(repeating: index, count: count)
      if period.count > limit {
        throw InputError(
          .data, at: node.location(in: top.file),
          "“layer_pattern” is longer than the \(limit) layers of num_hidden_layers")
      }
    }
    return period
  }
}
