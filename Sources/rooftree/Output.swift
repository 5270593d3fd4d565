import ArgumentParser
import Basics
import Reporting
import Specs

extension ReportFormat: ExpressibleByArgument {
  public init?(argument: String) { self.init(named: argument) }
}

/// `--format` and `--output`, the same for every command.
struct OutputOptions: ParsableArguments {
  @Option(help: "\(ReportFormat.listed()); unless given what the ending of --output says, or else text.")
  var format: ReportFormat?

  @Flag(help: "Begin CSV with a comment line that holds the command; markdown and html always show it.")
  var cite = false

  @Option(help: "Write to this file, whole or not at all, instead of standard output (-).")
  var output: String?

  @Option(help: "With markdown: write the pictures into this folder and link them.")
  var charts: String?

  @Flag(help: "In folders (--charts, --export) write over files that rooftree did not write.")
  var force = false

  @Option(
    help: """
      A folder of one's own specs, profiles and calibrations (default: ROOFTREE_CATALOGUE, or ~/.config/rooftree).
      """)
  var catalogue: String?

  func target() throws -> Output {
    if let catalogue {
      var status = stat()
      guard stat(catalogue, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw InputError(.missing, "--catalogue \(catalogue): there is no such folder")
      }
      setenv("ROOFTREE_CATALOGUE", catalogue, 1)
    }
    let ending = try ReportFormat.named(by: output, accepts: format)
    let format = format ?? ending ?? .text
    if cite && format != .csv {
      throw InputError(.usage, "--cite goes with --format csv; accepted: csv")
    }
    // A format that only the file's name says has to be typed to see the same again.
    let implied = self.format == nil && format != .text ? " --format \(format)" : ""
    return Output(
      format: format, path: output, command: CommandLine.invocation + implied, charts: charts, cites: cite,
      needsPictures: charts != nil, force: force)
  }
}

extension ReportFormat {
  /// What a file's ending says.
  ///
  /// - Throws: `InputError`, 64, where that is not `format`.
  static func named(by path: String?, accepts format: ReportFormat?) throws(InputError) -> ReportFormat? {
    guard let path, let ending = ReportFormat(file: path) else { return nil }
    if let format, format != ending {
      throw InputError(.usage, "--output \(path): the name is that of \(ending), --format is \(format)")
    }
    return ending
  }

  /// Refuses the name of a report's format for what is written as YAML.
  static func refuse(_ path: String?, _ option: String) throws(InputError) {
    guard let path, let format = ReportFormat(file: path) else { return }
    throw InputError(
      .usage, "\(option) \(path): the name is that of \(format), YAML is written; accepted: .yaml, .yml")
  }
}

/// A command that prints one report, here or, from a plan, into several files.
protocol ReportingCommand: ParsableCommand {
  var output: OutputOptions { get }
  /// It writes a folder besides.
  var exports: Bool { get }

  /// Makes the result once and writes it to each of `outputs`.
  func report(to outputs: [Output]) throws
}

extension ReportingCommand {
  var exports: Bool { false }

  func run() throws {
    try reporting {
      if output.charts == nil, !exports {
        try refuse([("--force", output.force)], in: "what goes into no folder")
      }
      try report(to: [try output.target()])
    }
  }
}

/// Where a report goes, and as what.
struct Output {
  var format: ReportFormat
  /// A file; nil is standard output.
  var path: String?
  /// The command that makes the report again.
  var command: String
  /// A folder for pictures.
  var charts: String?
  /// CSV begins with the command.
  var cites = false
  /// A report without pictures is refused.
  var needsPictures = false
  /// Pictures may write over what others wrote.
  var force = false
  /// Told of the first picture that is written into `charts`, and its file's name.
  var drew: ((Chart, String) -> Void)?

  /// The same on standard output, into no file.
  var shown: Output {
    var shown = self
    (shown.path, shown.charts) = (nil, nil)
    return shown
  }

  func write(_ document: Document) throws {
    var document = document
    document.command = command
    document.version = Rooftree.version
    if format.isPicture, document.charts().isEmpty {
      let others = ReportFormat.allCases.filter { !$0.isPicture }.map(\.rawValue).joined(separator: ", ")
      throw InputError(.usage, "--format \(format): this report has no picture; accepted: \(others)")
    }
    let isShown = path == nil || OutputFile.isStandard(path)
    var look = ReportFormat.Look()
    look.width = isShown ? Terminal.columns : 100
    // A file is the same whoever writes it.
    look.ascii = isShown && Terminal.isASCII
    look.colour = isShown && isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    look.cites = cites
    look.pictures = try writePictures(of: document)
    try write { try format.render(document, look, to: $0) }
  }

  /// Text that is no report, such as a spec.
  func write(text: String) throws { try write { try $0(text) } }

  private func write(_ body: (@escaping (String) throws -> Void) throws -> Void) throws {
    try OutputFile.write(to: path ?? "-", body)
  }

  /// Writes the charts as files of their own; the links are relative to the report where both stand in one tree.
  private func writePictures(of document: Document) throws -> [(chart: Chart, path: String)] {
    guard let charts else { return [] }
    guard format.linksPictures else {
      throw InputError(.usage, "--charts goes with --format markdown; html and svg hold their pictures")
    }
    // The report's name without its ending.
    let report = path.flatMap { $0 == "-" ? nil : $0.split(separator: "/").last }
    let stem = report.map { $0[..<($0.lastIndex(of: ".") ?? $0.endIndex)] + "-" } ?? ""
    var home = path ?? ""
    while let last = home.last, last != "/" { home.removeLast() }
    let pictures = document.charts()
    if pictures.isEmpty {
      try refuse([("--charts", needsPictures)], in: "this report, which has no picture")
      return []
    }
    let folder = try OutputFolder(charts, force: force, files: pictures.map { "\(stem)\($0.name).svg" })
    if let first = pictures.first { drew?(first, "\(stem)\(first.name).svg") }
    return try pictures.map { chart in
      let name = "\(stem)\(chart.name).svg"
      try folder.write(name) { try $0(chart.svg(command: document.command)) }
      let path = "\(charts)/\(name)"
      return (chart, path.hasPrefix(home) ? String(path.dropFirst(home.count)) : path)
    }
  }
}

extension [Output] {
  /// Refuses options that add to what people read alone where nothing of that kind is written.
  ///
  /// - Parameter json: JSON holds it too.
  func refuseUnseen(_ options: [(name: String, isGiven: Bool)], json: Bool = false) throws(InputError) {
    let shown: [ReportFormat] = [.text, .markdown, .html] + (json ? [.json] : [])
    guard !isEmpty, !contains(where: { shown.contains($0.format) }) else { return }
    try refuse(options, in: "\(self[0].format); accepted with --format \(ReportFormat.listed(shown))")
  }

  /// The same report to each.
  func write(_ document: Document) throws { for output in self { try output.write(document) } }
}

extension CommandLine {
  /// The command as it can be typed again, without where its output goes.
  static var invocation: String {
    var words = ["rooftree"]
    var skip = false
    for word in arguments.dropFirst() {
      if skip {
        skip = false
      } else if word == "--output" {
        skip = true
      } else if word != "--force", !word.hasPrefix("--output=") {
        let isPlain =
          !word.isEmpty
          && !word.unicodeScalars.contains { " '\"$`\\;&|<>*?#~!()\n\t".unicodeScalars.contains($0) }
        words.append(isPlain ? word : "'\(word.escaped { $0 == "'" ? "'\\''" : nil })'")
      }
    }
    return words.joined(separator: " ")
  }
}
