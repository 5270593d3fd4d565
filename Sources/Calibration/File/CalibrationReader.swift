import Specs
import Yams

/// Reads what `CalibrationWriter` writes, or a person edited: every parameter named and within its bounds.
public enum CalibrationReader {
  public static func read(_ source: SourceFile) throws(InputError) -> Calibration {
    let root: Node?
    do { root = try Yams.compose(yaml: source.text) } catch {
      throw InputError(.data, at: SourceLocation(file: source.name), "not YAML: \(error)")
    }
    guard let root, let top = root.mapping else {
      throw InputError(
        .data, at: SourceLocation(file: source.name), "not a calibration: no mapping at the top")
    }
    let file = source.name
    guard top["schema"]?.string == "rooftree/calibration/1" else {
      throw InputError(
        .data, at: place(top["schema"] ?? root, file), "schema has to be rooftree/calibration/1")
    }
    guard let list = top["groups"]?.sequence else {
      throw InputError(.data, at: place(root, file), "“groups” is missing; a list of fitted groups")
    }
    var groups: [GroupCalibration] = []
    for node in list { groups.append(try group(node, file)) }
    return Calibration(
      device: try text(root, "device", file), fingerprint: top["fingerprint"]?.string ?? "",
      runs: top["runs"]?.int ?? 0, rejected: top["rejected"]?.int ?? 0, prior: top["prior"]?.string,
      groups: groups)
  }

  private static func group(_ node: Node, _ file: String) throws(InputError) -> GroupCalibration {
    let word = try text(node, "kernel", file)
    guard let kernel = Kernel(rawValue: word) else {
      let names = Kernel.allCases.map(\.rawValue)
      throw InputError(
        .data, at: place(node, file),
        "unknown kernel “\(word)”; accepted: \(names.joined(separator: ", "))"
          + Suggestion.phrase(for: word, among: names))
    }
    let dtype = try text(node, "dtype", file)
    guard let format = KernelFormat(word: dtype) else {
      throw InputError(
        .data, at: place(node, file),
        "unknown dtype “\(dtype)”; accepted: \(KernelFormat.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    let model = KernelModel.of(kernel, format)
    guard let interval = node.mapping?["interval"]?.sequence, interval.count == 2,
      let low = interval[0].float, let high = interval[1].float, low <= high, low > -20, high < 20
    else {
      throw InputError(.data, at: place(node, file), "“interval” has to be [low, high] of logarithms")
    }
    return GroupCalibration(
      key: GroupKey(
        gpu: node.mapping?["gpu"]?.string ?? "", kernel: kernel, framework: try text(node, "framework", file),
        version: try text(node, "version", file), format: format,
        cacheFormat: node.mapping?["kv_dtype"]?.string ?? ""),
      origin: GroupCalibration.Origin(rawValue: node.mapping?["origin"]?.string ?? "") ?? .fitted,
      runs: node.mapping?["runs"]?.int ?? 0, families: node.mapping?["families"]?.int ?? 0,
      parameters: try parameters(node, model, file), low: low, high: high,
      inSample: errors(node, "in_sample"), heldOut: errors(node, "held_out"))
  }

  private static func parameters(_ node: Node, _ model: KernelModel, _ file: String) throws(InputError)
    -> [Double]
  {
    guard let block = node.mapping?["parameters"], let mapping = block.mapping else {
      throw InputError(.data, at: place(node, file), "“parameters” is missing")
    }
    let names = model.parameters.map(\.name)
    for (key, _) in mapping where !names.contains(key.string ?? "") {
      throw InputError(
        .data, at: place(key, file),
        "\(model.name) has no parameter “\(key.string ?? "")”; it has \(names.joined(separator: ", "))"
          + Suggestion.phrase(for: key.string ?? "", among: names))
    }
    var values: [Double] = []
    for parameter in model.parameters {
      guard let found = mapping[parameter.name], let value = found.float else {
        throw InputError(
          .data, at: place(block, file), "“\(parameter.name)” is missing: \(parameter.meaning)")
      }
      guard value >= parameter.lower * 0.999, value <= parameter.upper * 1.001 else {
        throw InputError(
          .data, at: place(found, file),
          "\(parameter.name) is \(value); accepted: \(parameter.lower) to \(parameter.upper)")
      }
      values.append(value)
    }
    return values
  }

  private static func errors(_ node: Node, _ key: String) -> ErrorSummary {
    var summary = ErrorSummary([])
    let block = node.mapping?[key]?.mapping
    summary.count = node.mapping?["runs"]?.int ?? 0
    summary.mape = block?["mape"]?.float ?? .nan
    summary.median = block?["median_ape"]?.float ?? .nan
    summary.p90 = block?["p90_ape"]?.float ?? .nan
    summary.geometricMeanRatio = block?["geometric_mean_ratio"]?.float ?? .nan
    return summary
  }

  private static func text(_ node: Node, _ key: String, _ file: String) throws(InputError) -> String {
    guard let value = node.mapping?[key]?.scalar?.string else {
      throw InputError(.data, at: place(node, file), "“\(key)” is missing")
    }
    return value
  }

  private static func place(_ node: Node, _ file: String) -> SourceLocation {
    guard let mark = node.mark else { return SourceLocation(file: file) }
    return SourceLocation(file: file, line: mark.line, column: mark.column)
  }
}
