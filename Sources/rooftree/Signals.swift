import Basics
import Synchronization

/// What a signal may find half done.
enum Signals {
  /// The name of a file that is there for the moment only.
  nonisolated(unsafe) private static let leftover = Atomic<UnsafeMutablePointer<CChar>?>(nil)
  /// Held while there is such a file: one at a time.
  private static let removal = Mutex<Void>(())

  /// From here on interrupted commands end in 130 and leave nothing; a pipe without a reader and a
  /// file that may not grow are errors like any other.
  static func arm() {
    // Made here, never first in a handler.
    leftover.store(nil, ordering: .relaxed)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // Who runs us in the background may have had it ignored.
      let before = signal(number) { number in
        if let path = Signals.leftover.load(ordering: .acquiring) { unlink(path) }
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
    try removal.withLock { _ in
      let name = strdup(path)
      leftover.store(name, ordering: .releasing)
      defer {
        leftover.store(nil, ordering: .releasing)
        free(name)
      }
      return try body()
    }
  }
}
