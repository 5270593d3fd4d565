import CostModel
import Specs

/// A model read from a file that was not written for rooftree.
public struct ImportedModel: Hashable, Sendable {
  /// As a spec of our own would give it.
  public var model: ModelSpec
  /// `config.json`, `GGUF`.
  public var format: String
  /// `model_type` or GGUF architecture.
  public var family: String
  /// What each figure came from.
  public var origins: [FigureOrigin]
  /// What the spec leaves out or takes differently.
  public var remarks: [String]
}

/// Where a figure of an imported spec comes from.
public struct FigureOrigin: Hashable, Sendable {
  /// As the file spells it, with the path to it.
  public var key: String
  /// As the file writes it.
  public var value: String
  /// Line in the file, 0 where it has none (GGUF); nil: the family's default, since the file is silent.
  public var line: Int?
}

extension ModelWriter {
  /// The same, with what came from the file and what from the family's defaults in front.
  public static func yaml(_ imported: ImportedModel, aliases: [String] = [], check: HeaderCheck? = nil)
    -> String
  {
    var comments = provenance(imported)
    if let check {
      comments.append(
        check.complaint
          ?? "Parameters by component agree with \(check.source), \(check.tally.tensors) tensors.")
    }
    return yaml(imported.model, aliases: aliases, comments: comments)
  }

  /// One comment line per figure's origin.
  static func provenance(_ imported: ImportedModel) -> [String] {
    var lines = ["\(imported.format), family \(imported.family)."]
    let stated = imported.origins.filter { $0.line != nil }
    let filled = imported.origins.filter { $0.line == nil }
    if !stated.isEmpty { lines.append("From the file:") }
    for origin in stated {
      let place = origin.line.map { $0 > 0 ? "line \($0): " : "" } ?? ""
      lines.append("  \(place)\(origin.key) = \(origin.value)")
    }
    if !filled.isEmpty { lines.append("Not in the file, defaults of family \(imported.family):") }
    for origin in filled { lines.append("  \(origin.key) = \(origin.value)") }
    return lines
  }
}
