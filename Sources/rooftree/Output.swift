import ArgumentParser
import Reporting
import Specs

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension ReportFormat: ExpressibleByArgument {}

/// `--format` and `--output`, the same for every command.
struct OutputOptions: ParsableArguments {
  @Option(help: "text, markdown, csv, json, svg or html.")
  var format: ReportFormat = .text

  @Flag(help: "Begin CSV with a comment line that holds the command; markdown always shows it.")
  var cite = false

  @Option(help: "Write to this file, whole or not at all, instead of standard output.")
  var output: String?

  func write(_ document: Document) throws {
    var document = document
    document.command = CommandLine.invocation
    let terminal = output == nil && isatty(STDOUT_FILENO) == 1
    if format == .svg, document.charts().isEmpty {
      throw InputError(
        .usage, "--format svg: this report has no picture; accepted: text, markdown, csv, json, html")
    }
    var text = Renderer.render(
      document, as: format, width: terminal ? Terminal.columns : 100,
      colour: terminal && getenv("NO_COLOR") == nil)
    if cite && format == .csv { text = "# \(CommandLine.invocation)\n" + text }
    if let output {
      try AtomicFile.write(text, to: output)
    } else {
      try Terminal.print(text)
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

  /// A reader that has gone away (`| head`) is no error.
  static func print(_ text: String) throws {
    try writeAll(Array(text.utf8), to: STDOUT_FILENO, name: "standard output")
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
