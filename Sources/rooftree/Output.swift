import ArgumentParser
import Basics
import Reporting
import Specs

extension ReportFormat: ExpressibleByArgument {}

/// `--format` and `--output`, the same for every command.
struct OutputOptions: ParsableArguments {
  @Option(help: "\(ReportFormat.listed()).")
  var format: ReportFormat = .text

  @Flag(help: "Begin CSV with a comment line that holds the command; markdown always shows it.")
  var cite = false

  @Option(help: "Write to this file, whole or not at all, instead of standard output.")
  var output: String?

  @Option(help: "With markdown: write the pictures into this folder and link them.")
  var charts: String?

  var target: Output {
    Output(format: format, path: output, command: CommandLine.invocation, charts: charts, cites: cite)
  }
}

/// A command that prints one report, here or, from a plan, into several files.
protocol ReportingCommand: ParsableCommand {
  var output: OutputOptions { get }

  /// Makes the result once and writes it to each of `outputs`.
  func report(to outputs: [Output]) throws
}

extension ReportingCommand {
  func run() throws { try reporting { try report(to: [output.target]) } }
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

  /// The same on standard output, into no file.
  var shown: Output {
    var shown = self
    (shown.path, shown.charts) = (nil, nil)
    return shown
  }

  func write(_ document: Document) throws {
    var document = document
    document.command = command
    if format.isPicture, document.charts().isEmpty {
      let others = ReportFormat.allCases.filter { !$0.isPicture }.map(\.rawValue).joined(separator: ", ")
      throw InputError(.usage, "--format \(format): this report has no picture; accepted: \(others)")
    }
    let isTerminal = path == nil && isatty(STDOUT_FILENO) == 1
    var look = ReportFormat.Look()
    look.width = isTerminal ? Terminal.columns : 100
    look.colour = isTerminal && getenv("NO_COLOR") == nil
    look.cites = cites
    look.pictures = try writePictures(of: document)
    try write { try format.render(document, look, to: $0) }
  }

  /// Text that is no report, such as a spec.
  func write(text: String) throws { try write { try $0(text) } }

  private func write(_ body: (@escaping (String) throws -> Void) throws -> Void) throws {
    if let path { try AtomicFile.write(to: path, body) } else { try body(Terminal.print) }
  }

  /// Writes the charts as files of their own; the links are relative to the report where both stand in one tree.
  private func writePictures(of document: Document) throws -> [(chart: Chart, path: String)] {
    guard let charts else { return [] }
    guard format.linksPictures else {
      throw InputError(.usage, "--charts goes with --format markdown; html and svg hold their pictures")
    }
    try Folder.make(charts)
    let stem =
      path.map { ($0.split(separator: "/").last.map(String.init) ?? $0).split(separator: ".")[0] + "-" } ?? ""
    var folder = path ?? ""
    while let last = folder.last, last != "/" { folder.removeLast() }
    return try document.charts().map { chart in
      let path = "\(charts)/\(stem)\(chart.name).svg"
      try AtomicFile.write(chart.svg(command: document.command), to: path)
      return (chart, path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path)
    }
  }
}

extension [Output] {
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
      } else if !word.hasPrefix("--output=") {
        words.append(word.contains(where: { " '\"$`\\;&|<>*".contains($0) }) ? "'\(word)'" : word)
      }
    }
    return words.joined(separator: " ")
  }
}
