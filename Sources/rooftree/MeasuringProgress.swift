import Basics

/// One line on standard error that says how far and how long still; silent where that is no terminal.
final class MeasuringProgress {
  private let title: String
  private let start = ContinuousClock.now
  private let terminal = isatty(STDERR_FILENO) == 1

  init(_ title: String) { self.title = title }

  func show(_ done: Double, _ what: String = "") {
    guard terminal else { return }
    let elapsed = Double((ContinuousClock.now - start).components.seconds)
    let left = done > 0.01 ? "\(Int((elapsed / done * (1 - done)).rounded())) s left" : ""
    let bar = String(repeating: "#", count: Int(done * 30)).padded(to: 30)
    write("\r\(title) [\(bar)] \(Int(done * 100)) % \(left) \(what)\u{1B}[K")
  }

  func finish() { if terminal { write("\r\u{1B}[K") } }

  private func write(_ text: String) {
    try? Terminal.writeAll(Array(text.utf8), to: STDERR_FILENO, name: "standard error")
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
