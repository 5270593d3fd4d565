/// What `rooftree report` writes: every model on every device under every workload, and reports named one by one.
public struct ReportPlan: Sendable {
  /// One report: the command that makes it and the files it is written to.
  public struct Entry: Sendable {
    /// Stem of the file name.
    public var name: String
    /// Words after `rooftree`, without format and output.
    public var command: [String]
    /// Names of output formats, one file each.
    public var formats: [String]
    /// Charts are written beside it as SVG.
    public var charts: Bool
  }

  /// Heading of the index.
  public var title: String
  /// In the order in which they are written and listed; no two have one name.
  public var entries: [Entry]
  /// Reports in the same folder that need more than this plan, such as measured runs; the index links them.
  public var others: [String]

  static let formats = ["text", "markdown", "csv", "json", "svg", "html"]

  /// - Throws: `InputError` with file, line and column.
  public static func read(_ source: SourceFile) throws(InputError) -> ReportPlan {
    var top = try YAMLFields.top(of: source)
    let title = try top.label("title") ?? "Reports"
    let formats = try Self.formats(&top) ?? ["markdown"]
    let charts = try top.bool("charts") ?? false
    var entries: [Entry] = []
    let models = try top.strings("models") ?? []
    let hardware = try top.strings("hardware") ?? []
    if models.isEmpty != hardware.isEmpty {
      throw top.missing(models.isEmpty ? "models" : "hardware", accepted: "a list beside the other one")
    }
    let workloads = try workloads(&top)
    for workload in workloads {
      for device in hardware {
        let suffix = [device, workload.name].map(stem).joined(separator: "-")
        for model in models {
          entries.append(
            Entry(
              name: "\(stem(model))-\(suffix)", command: ["analyze", model, "--on", device] + workload.words,
              formats: formats, charts: charts))
        }
        if models.count > 1 {
          let words = phaseFree(workload.words)
          entries.append(
            Entry(
              name: "comparison-\(suffix)", command: ["compare"] + models + ["--on", device] + words,
              formats: formats,
              charts: charts))
        }
      }
    }
    entries += try reports(&top, formats: formats, charts: charts)
    let others = try top.strings("others") ?? []
    try top.finish()
    guard !entries.isEmpty else {
      throw top.missing("models", accepted: "“models” with “hardware”, or a list “reports”")
    }
    var seen = Set<String>()
    for entry in entries where !seen.insert(entry.name).inserted {
      throw InputError(.data, at: top.location, "two reports would be called “\(entry.name)”")
    }
    return ReportPlan(title: title, entries: entries, others: others)
  }

  private static func formats(_ fields: inout YAMLFields) throws(InputError) -> [String]? {
    guard let nodes = try fields.list("formats") else { return nil }
    var result: [String] = []
    for node in nodes { result.append(try fields.word(node, "formats", formats)) }
    return result
  }

  /// Keys are the options of `analyze` without their dashes.
  private static func workloads(_ top: inout YAMLFields) throws(InputError) -> [(
    name: String, words: [String]
  )] {
    guard let blocks = try top.blocks("workloads") else { return [("prefill", ["--phase", "prefill"])] }
    var result: [(name: String, words: [String])] = []
    for (index, block) in blocks.enumerated() {
      var fields = block
      let name = try fields.string("name") ?? "\(index + 1)"
      var words: [String] = []
      for key in fields.keys where key != "name" {
        guard let value = try fields.string(key) else { continue }
        words += ["--\(key)", value]
      }
      result.append((name, words))
    }
    return result
  }

  private static func reports(
    _ top: inout YAMLFields, formats: [String], charts: Bool
  ) throws(InputError) -> [Entry] {
    var result: [Entry] = []
    for var fields in try top.blocks("reports") ?? [] {
      guard let name = try fields.string("name"), !name.isEmpty, stem(name) == name else {
        throw fields.missing("name", accepted: "a file name of letters, digits, dots and hyphens")
      }
      guard let command = try fields.string("command"), !command.isEmpty else {
        throw fields.missing("command", accepted: "what stands after “rooftree”, such as: show mistral-7b")
      }
      result.append(
        Entry(
          name: name, command: command.split(separator: " ").map(String.init),
          formats: try Self.formats(&fields) ?? formats, charts: try fields.bool("charts") ?? charts))
      try fields.finish()
    }
    return result
  }

  /// `compare` shows both phases.
  private static func phaseFree(_ words: [String]) -> [String] {
    guard let index = words.firstIndex(of: "--phase") else { return words }
    var words = words
    words.removeSubrange(index...min(index + 1, words.count - 1))
    return words
  }

  /// A name that every file system takes.
  static func stem(_ name: String) -> String {
    String(
      (name.split(separator: "/").last ?? "").unicodeScalars.map { scalar -> Character in
        let plain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        return plain || scalar == "-" || scalar == "." ? Character(scalar) : "-"
      })
  }
}
