import Basics

/// One line on a terminal's standard error with how much is done and how long is left; nothing in a pipe.
final class Progress {
  private let total: Int
  private let title: String
  private var done = 0
  private let start = ContinuousClock.now
  private let shown = isatty(STDERR_FILENO) == 1

  init(total: Int, title: String) {
    self.total = total
    self.title = title
    draw()
  }

  func step() {
    done += 1
    draw()
  }

  func end() {
    guard shown else { return }
    write("\r\u{1B}[K")
  }

  private func draw() {
    guard shown, total > 0 else { return }
    let elapsed = ContinuousClock.now - start
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let left = done > 0 ? ", \(Int((seconds / Double(done) * Double(total - done)).rounded(.up))) s left" : ""
    let filled = 24 * done / total
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
    write("\r\u{1B}[K\(title) [\(bar)] \(done)/\(total)\(left)")
  }

  private func write(_ text: String) {
    try? Terminal.writeAll(Array(text.utf8), to: STDERR_FILENO, name: "standard error")
  }
}
