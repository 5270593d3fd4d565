import Dispatch

/// Parts of a kernel on as many threads; one part runs where it is called.
enum Threads {
  static func run(_ parts: Int, _ body: @Sendable (Int) -> Void) {
    if parts <= 1 {
      body(0)
    } else {
      DispatchQueue.concurrentPerform(iterations: parts, execute: body)
    }
  }

  /// Part `index` of `parts` of 0..<count, cut at multiples of `grain`.
  static func slice(_ count: Int, _ index: Int, of parts: Int, grain: Int = 1) -> Range<Int> {
    let grains = (count + grain - 1) / grain
    let low = min(count, grains * index / parts * grain)
    return low..<min(count, grains * (index + 1) / parts * grain)
  }
}
