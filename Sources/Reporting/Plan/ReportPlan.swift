import Basics
import Specs

/// What `rooftree report` writes: every model on every device under every workload, and reports named one by one.
public struct ReportPlan: Sendable {
  /// One report and the files it is written to.
  public struct Entry: Sendable {
    /// Stem of the file name.
    public var name: String
    /// What it shows.
    public var content: Content
    /// Words after `rooftree` that make it again, without format and output.
    public var command: [String]
    /// One file each.
    public var formats: [ReportFormat]
    /// Charts are written beside it as SVG.
    public var charts: Bool
    /// Where the plan asks for it.
    public var location: SourceLocation
  }

  /// What a report shows.
  public enum Content: Sendable {
    /// One model on one device.
    case analysis(ScenarioRequest)
    /// Models side by side in both phases.
    case comparison([ScenarioRequest])
    /// What the entry's command prints.
    case command
  }

  /// Heading of the index.
  public var title: String
  /// In the order in which they are written and listed; no two have one name.
  public var entries: [Entry]
  /// Reports in the same folder that need more than this plan, such as measured runs; the index links them.
  public var others: [String]

  /// - Throws: `InputError` with file, line and column.
  public static func read(_ source: SourceFile) throws(InputError) -> ReportPlan {
    try YAMLFields.reading(source, .plan, plan)
  }

  private static func plan(_ top: inout YAMLFields) throws(InputError) -> ReportPlan {
    let title = try top.label("title") ?? "Reports"
    let formats = try Self.formats(&top) ?? [.markdown]
    let charts = try top.bool("charts") ?? false
    let models = try top.strings("models") ?? []
    let hardware = try top.strings("hardware") ?? []
    if models.isEmpty != hardware.isEmpty {
      throw top.missing(models.isEmpty ? "models" : "hardware", accepted: "a list beside the other one")
    }
    if let name = (models + hardware).first(where: { $0.hasPrefix("-") }) {
      throw InputError(
        .data, at: top.location, "“\(name.prefix(40))” begins with a hyphen; accepted: names and files")
    }
    var entries: [Entry] = []
    for workload in try workloads(&top) {
      for device in hardware {
        let requests = models.map { workload.request(of: $0, on: device) }
        let suffix = [device, workload.name].map(stem).joined(separator: "-")
        func entry(_ name: String, _ content: Content, _ command: [String]) -> Entry {
          Entry(
            name: "\(name)-\(suffix)", content: content, command: command, formats: formats, charts: charts,
            location: workload.location)
        }
        for request in requests {
          entries.append(
            entry(
              stem(request.model), .analysis(request),
              ["analyze", request.model, "--on", device] + workload.words.joined()))
        }
        if models.count > 1 {
          let words = workload.words.filter { $0[0] != "--phase" }.joined()
          entries.append(
            entry("comparison", .comparison(requests), ["compare"] + models + ["--on", device] + words))
        }
      }
    }
    entries += try reports(&top, formats: formats, charts: charts)
    let others = try top.strings("others") ?? []
    guard others.allSatisfy(isPlain) else {
      throw InputError(
        .data, at: top.location, "“others” has to list names of files in the reports' own folder")
    }
    guard !entries.isEmpty else {
      throw top.missing("models", accepted: "“models” with “hardware”, or a list “reports”")
    }
    var seen = Set<String>()
    // Some file systems take README and readme for one name; the index and the list of files have theirs already.
    for entry in entries {
      guard seen.insert(entry.name.lowercased()).inserted else {
        throw InputError(.data, at: entry.location, "two reports would be called “\(entry.name)”")
      }
      guard !["readme", "rooftree-files"].contains(entry.name.lowercased()) else {
        throw InputError(
          .data, at: entry.location,
          "a report can't be called “\(entry.name)”, as a file of rooftree's own is")
      }
    }
    return ReportPlan(title: title, entries: entries, others: others)
  }

  private static func formats(_ fields: inout YAMLFields) throws(InputError) -> [ReportFormat]? {
    guard let nodes = try fields.list("formats") else { return nil }
    var result: [ReportFormat] = []
    for node in nodes {
      let name = try fields.word(node, "formats", ReportFormat.allCases.map(\.rawValue) + ["md"])
      guard let format = ReportFormat(named: name), !result.contains(format) else {
        throw fields.wrong(node, "formats", accepted: "each format once")
      }
      result.append(format)
    }
    guard !result.isEmpty else {
      throw InputError(
        .data, at: fields.location,
        "“\(fields.name("formats"))” is empty; accepted: one or more of \(ReportFormat.listed())")
    }
    return result
  }

  /// What is asked of every model on every device.
  private struct Workload {
    var name: String
    var request: ScenarioRequest
    /// The options that ask the same, each with its value, in the order of the file.
    var words: [[String]]
    var location: SourceLocation

    func request(of model: String, on device: String) -> ScenarioRequest {
      var request = request
      (request.model, request.device) = (model, device)
      return request
    }
  }

  /// Keys are the options of `analyze` without their dashes.
  private static func workloads(_ top: inout YAMLFields) throws(InputError) -> [Workload] {
    let unnamed = ScenarioRequest(model: "", device: "")
    guard let blocks = try top.blocks("workloads", .workload) else {
      return [
        Workload(name: "prefill", request: unnamed, words: [["--phase", "prefill"]], location: top.location)
      ]
    }
    var result: [Workload] = []
    for (index, var fields) in blocks.enumerated() {
      let name = try fields.string("name") ?? "\(index + 1)"
      let request = try ScenarioRequest(model: "", device: "", &fields)
      try fields.finish()
      var words: [[String]] = []
      for key in fields.keys where key != "name" {
        if let value = fields.node([key])?.string { words.append(["--\(key)", value]) }
      }
      result.append(Workload(name: name, request: request, words: words, location: fields.location))
    }
    return result
  }

  private static func reports(
    _ top: inout YAMLFields, formats: [ReportFormat], charts: Bool
  ) throws(InputError) -> [Entry] {
    var result: [Entry] = []
    for var fields in try top.blocks("reports", .plannedReport) ?? [] {
      guard let name = try fields.string("name"), isPlain(name) else {
        throw fields.missing("name", accepted: "a file name of letters, digits, dots and hyphens")
      }
      guard let command = try fields.string("command"), !command.isEmpty else {
        throw fields.missing("command", accepted: "what stands after “rooftree”, such as: show mistral-7b")
      }
      let words = command.split(separator: " ").map(String.init)
      if let word = words.first(where: { own.contains(String($0.prefix { $0 != "=" })) }) {
        throw InputError(
          .data, at: fields.location,
          "report “\(name)”: “\(word)” is not for plans, which say formats and write into their own folder")
      }
      result.append(
        Entry(
          name: name, content: .command, command: words, formats: try Self.formats(&fields) ?? formats,
          charts: try fields.bool("charts") ?? charts, location: fields.location))
      try fields.finish()
    }
    return result
  }

  /// Options that write somewhere else, or nothing at all.
  private static let own: Set = [
    "--output", "--format", "--charts", "--export", "--profile", "--study", "--cite", "--force", "--help",
    "-h", "-help",
    "help", "--version", "--generate-completion-script", "--experimental-dump-help",
  ]

  private static func isPlain(_ name: String) -> Bool {
    stem(name) == name && name.utf8.count <= 200 && !name.isEmpty && name.first != "." && name.first != "-"
  }

  /// A name that every file system takes.
  static func stem(_ name: String) -> String {
    String(
      (name.split(separator: "/").last ?? "").unicodeScalars.map { scalar -> Character in
        let plain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        return plain || scalar == "-" || scalar == "." ? Character(scalar) : "-"
      })
  }

  /// The name of the index.
  public static let indexFile = "README.md"

  /// What the index shows of a report besides its files.
  public struct Result: Sendable {
    /// Its first picture: the file, as the index links it, and what it finds.
    public var picture: (path: String, finding: String)?
    /// Its answer in one figure.
    public var figure: String?

    /// Nothing yet.
    public init() {}
  }

  /// The folder's README: a line a report, with the command that makes it again and its files.
  public var index: String { index([:]) }

  /// The same with what reports came to: a matrix of models and devices for each workload, and pictures.
  ///
  /// - Parameter results: by the names of entries.
  public func index(_ results: [String: Result]) -> String {
    var lines = [
      "# \(MarkdownRenderer.escape(title))", "",
      "Written by `rooftree report`; each file names the command that makes it again.", "",
    ]
    lines += matrices(results)
    lines += ["| report | command | files |", "|---|---|---|"]
    for entry in entries {
      let links = entry.formats.map { "[\(entry.file($0))](\(entry.file($0)))" }.joined(separator: " ")
      let command = MarkdownRenderer.code((["rooftree"] + entry.command).joined(separator: " "))
      // A table's bar stays one inside code.
      lines.append("| \(entry.name) | `\(command.escaped { $0 == "|" ? "\\|" : nil })` | \(links) |")
    }
    if !others.isEmpty {
      lines += ["", "Made from more than this repository holds (each names its command):", ""]
      lines += others.map { "- [\($0)](\($0))" }
    }
    for entry in entries {
      guard let picture = results[entry.name]?.picture, let format = entry.formats.first else { continue }
      let finding = MarkdownRenderer.escape(picture.finding)
      lines += [
        "", "## \(entry.name)", "",
        "[![\(finding)](\(MarkdownRenderer.link(picture.path)))](\(entry.file(format)))", "", finding,
      ]
    }
    return (lines + ["", ReportFormat.mark]).joined(separator: "\n") + "\n"
  }

  /// A table a workload: models down, devices across, each figure a link to its report.
  private func matrices(_ results: [String: Result]) -> [String] {
    var workloads: [(words: [String], cells: [(request: ScenarioRequest, entry: Entry)])] = []
    for entry in entries {
      guard case .analysis(let request) = entry.content, results[entry.name]?.figure != nil else { continue }
      let words = Array(entry.command.dropFirst(4))
      if let known = workloads.firstIndex(where: { $0.words == words }) {
        workloads[known].cells.append((request, entry))
      } else {
        workloads.append((words, [(request, entry)]))
      }
    }
    return workloads.flatMap { workload -> [String] in
      func unique(_ path: KeyPath<ScenarioRequest, String>) -> [String] {
        workload.cells.map { $0.request[keyPath: path] }.reduce(into: []) {
          if !$0.contains($1) { $0.append($1) }
        }
      }
      let devices = unique(\.device)
      let code = MarkdownRenderer.code(workload.words.joined(separator: " "))
      return [
        code.isEmpty ? "prefill" : "`\(code)`", "",
        "| |" + devices.map { " \(MarkdownRenderer.escape($0)) |" }.joined(),
      ]
        + ["|---|" + devices.map { _ in "--:|" }.joined()]
        + unique(\.model).map { model in
          "| \(MarkdownRenderer.escape(model)) |"
            + devices.map { device in
              workload.cells.first { $0.request.model == model && $0.request.device == device }.map { cell in
                " [\(results[cell.entry.name]?.figure ?? "")](\(cell.entry.file(cell.entry.formats[0]))) |"
              } ?? " |"
            }.joined()
        } + [""]
    }
  }
}

extension ReportPlan.Entry {
  /// The name of its file in a format.
  public func file(_ format: ReportFormat) -> String { "\(name).\(format.ending)" }

  /// The command that prints the report in a format.
  public func cited(_ format: ReportFormat) -> String {
    (["rooftree"] + command + (format == .text ? [] : ["--format", format.rawValue])).joined(separator: " ")
  }
}

extension Block {
  /// The whole plan.
  package static let plan = Block(
    "plan",
    "What `rooftree report` writes: every model on every device under every workload, and single reports.",
    [
      Key("title", "Heading of the index.", else: "Reports"),
      Key("formats", "Files of each report.", else: "markdown"),
      Key("charts", "Pictures beside markdown, as SVG.", else: "false"),
      Key("models", "Names or files; beside `hardware`.", else: "`reports` alone"),
      Key("hardware", "Names or files; beside `models`.", else: "`reports` alone"),
      Key("workloads", "What is asked of each pair.", else: "one prefill"),
      Key("reports", "Single reports by their command.", else: "none"),
      Key("others", "Files of the same folder that the index links.", else: "none"),
    ])

  static let plannedReport = Block(
    "reports", "A report by the command that prints it.",
    [
      Key("name", "Stem of its files.", else: nil),
      Key("command", "What stands after `rooftree`.", else: nil),
      Key("formats", "Its files.", else: "the plan's"), Key("charts", "Its pictures.", else: "the plan's"),
    ])
}
