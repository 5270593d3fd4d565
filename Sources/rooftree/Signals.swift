import Basics

/// What a signal may find half done.
enum Signals {
  /// The name of a file that is there for the moment only.
  nonisolated(unsafe) private static var leftover: UnsafeMutablePointer<CChar>?

  /// From here on interrupted commands end in 130 and leave nothing; a pipe without a reader and a
  /// file that may not grow are errors like any other.
  static func arm() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // Who runs us in the background may have had it ignored.
      let before = signal(number) { number in
        if let path = Signals.leftover { unlink(path) }
        let words: StaticString = "rooftree: interrupted\n"
        _ = write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
        _exit(128 + number)
      }
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
    // A closed standard stream would otherwise be the next file that is opened.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      // Open the wrong way, so that using it stays an error.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// While `body` runs, a signal removes the file at `path`.
  static func removing<T>(_ path: String, during body: () throws -> T) rethrows -> T {
    let name = strdup(path)
    leftover = name
    defer {
      leftover = nil
      free(name)
    }
    return try body()
  }
}
