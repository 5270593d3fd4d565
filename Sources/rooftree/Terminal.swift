import ArgumentParser
import Basics
import Specs

/// What a person sees.
enum Terminal {
  /// What `COLUMNS` says, or else the width of the terminal, which may say 0; 100 elsewhere.
  static var columns: Int {
    if let stated = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), stated > 0 {
      return min(400, stated)
    }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
    return min(400, Int(size.ws_col))
  }

  /// The locale names UTF-8, as nearly all do.
  static var showsUnicode: Bool { locale.map(isUnicode) ?? false }

  /// The locale names another character set; one that nobody named leaves all characters be.
  static var isASCII: Bool { locale.map { !isUnicode($0) } ?? false }

  private static var locale: String? {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      if let value = getenv(name), value.pointee != 0 { return String(cString: value).lowercased() }
    }
    return nil
  }

  private static func isUnicode(_ locale: String) -> Bool {
    locale.contains("utf-8") || locale.contains("utf8")
  }

  /// - Throws: for a reader that has gone away (`| head`) the status of every tool then, without a word.
  static func print(_ text: String) throws {
    try writeAll(Array(text.utf8), to: STDOUT_FILENO, name: "standard output")
  }

  /// Lines of their own on standard error, before the error that ends the command.
  static func complain(_ lines: [String]) { remark(lines.map { $0.inert + "\n" }.joined()) }

  /// Text on standard error; whether it arrives changes nothing.
  static func remark(_ text: String) {
    try? writeAll(Array((isASCII ? text.ascii : text).utf8), to: STDERR_FILENO, name: "standard error")
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32, name: String) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        done += count
        continue
      }
      switch errno {
      case EINTR where count < 0: continue
      case EAGAIN where count < 0 && isReady(descriptor): continue
      case EPIPE where count < 0 && descriptor == STDOUT_FILENO: throw ExitCode(128 + SIGPIPE)
      default: throw InputError(errnoOf: name)
      }
    }
  }

  /// Waits for a slow reader of what somebody has made non-blocking.
  private static func isReady(_ descriptor: Int32) -> Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&wait, 1, -1) > 0 || errno == EINTR
  }

  /// What was printed has arrived.
  static func finish() throws {
    if close(STDOUT_FILENO) != 0 && errno != EBADF { throw InputError(errnoOf: "standard output") }
  }
}
