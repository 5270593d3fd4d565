import Basics

/// One line on standard error with how much is done and how long is left; silent where that is no terminal.
final class Progress {
  private let title: String
  private let total: Int
  private var steps = 0
  private let start = ContinuousClock.now
  private let isShown = isatty(STDERR_FILENO) == 1

  /// - Parameter total: how many calls of `step` make the whole, where it is told in steps.
  init(_ title: String, total: Int = 0) {
    (self.title, self.total) = (title, total)
    if total > 0 { show(0, "0/\(total)") }
  }

  /// One more of `total`.
  func step() {
    steps += 1
    show(Double(steps) / Double(max(total, 1)), "\(steps)/\(total)")
  }

  /// - Parameters:
  ///   - share: what is done, 0 to 1.
  ///   - what: what is being done, or how much of it.
  func show(_ share: Double, _ what: String = "") {
    guard isShown else { return }
    let elapsed = (ContinuousClock.now - start).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    let left = share > 0.01 ? ", \(Int((seconds / share * (1 - share)).rounded(.up))) s left" : ""
    let filled = Int(24 * min(1, share))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
    Terminal.remark("\r\u{1B}[K\(title) [\(bar)] \(Int(share * 100)) %\(left) \(what)")
  }

  /// Takes the line away.
  func end() {
    if isShown { Terminal.remark("\r\u{1B}[K") }
  }
}
