import ArgumentParser
import Basics
import Reporting
import Specs

extension ReportFormat: ExpressibleByArgument {}

/// `--format` and `--output`, the same for every command.
struct OutputOptions: ParsableArguments {
  @Option(help: "text, markdown, csv, json, svg or html.")
  var format: ReportFormat = .text

  @Flag(help: "Begin CSV with a comment line that holds the command; markdown always shows it.")
  var cite = false

  @Option(help: "Write to this file, whole or not at all, instead of standard output.")
  var output: String?

  @Option(help: "With markdown: write the pictures into this folder and link them.")
  var charts: String?

  /// The command that a report cites, where another command runs this one.
  @Option(help: .hidden) var invocation: String?

  func write(_ document: Document) throws {
    var document = document
    document.command = invocation ?? CommandLine.invocation
    if format == .svg, document.charts().isEmpty {
      throw InputError(
        .usage, "--format svg: this report has no picture; accepted: text, markdown, csv, json, html")
    }
    let terminal = output == nil && isatty(STDOUT_FILENO) == 1
    var text = Renderer.render(
      document, as: format, width: terminal ? Terminal.columns : 100,
      colour: terminal && getenv("NO_COLOR") == nil, pictures: try writePictures(of: document))
    if cite && format == .csv { text = "# \(document.command ?? "")\n" + text }
    if let output {
      try AtomicFile.write(text, to: output)
    } else {
      try Terminal.print(text)
    }
  }

  /// Writes the charts as files of their own; the links are relative to the report where both stand in one tree.
  private func writePictures(of document: Document) throws -> [(chart: Chart, path: String)] {
    guard let charts else { return [] }
    guard format == .markdown else {
      throw InputError(.usage, "--charts goes with --format markdown; html and svg hold their pictures")
    }
    try Folder.make(charts)
    let stem =
      output.map { ($0.split(separator: "/").last.map(String.init) ?? $0).split(separator: ".")[0] + "-" }
      ?? ""
    var folder = output ?? ""
    while let last = folder.last, last != "/" { folder.removeLast() }
    return try document.charts().map { chart in
      let path = "\(charts)/\(stem)\(chart.name).svg"
      try AtomicFile.write(chart.svg(command: document.command), to: path)
      return (chart, path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path)
    }
  }
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

enum Terminal {
  /// Width of the terminal, at most 100; it may say 0.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return min(100, Int(size.ws_col))
  }

  /// The locale names UTF-8, as nearly all do.
  static var showsUnicode: Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = getenv(name), value.pointee != 0 else { continue }
      let text = String(cString: value).lowercased()
      return text.contains("utf-8") || text.contains("utf8")
    }
    return false
  }

  /// A reader that has gone away (`| head`) is no error.
  static func print(_ text: String) throws {
    try writeAll(Array(text.utf8), to: STDOUT_FILENO, name: "standard output")
  }

  /// Lines of their own on standard error, before the error that ends the command.
  static func complain(_ lines: [String]) { remark(lines.map { $0 + "\n" }.joined()) }

  /// Text on standard error; whether it arrives changes nothing.
  static func remark(_ text: String) {
    try? writeAll(Array(text.utf8), to: STDERR_FILENO, name: "standard error")
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32, name: String) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { return }
        throw InputError(.io, "\(name): \(String(cString: strerror(errno)))")
      }
      done += count
    }
  }
}

/// Written beside its target under another name, then renamed: never half there.
enum AtomicFile {
  static func write(_ text: String, to path: String) throws {
    let temporary = "\(path).tmp-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o644)
    guard descriptor >= 0 else {
      throw InputError(.io, "\(path): \(String(cString: strerror(errno)))")
    }
    do {
      try Terminal.writeAll(Array(text.utf8), to: descriptor, name: path)
      guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
        throw InputError(.io, "\(path): \(String(cString: strerror(errno)))")
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }
}
