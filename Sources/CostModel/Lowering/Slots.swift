/// Something of each of a model's calls, or several in a row, by kind and place.
struct Slots<Element: Sendable>: Sendable {
  /// Where a call's elements begin; −1 for calls without.
  private var starts: [Int32]
  private var elements: [Element] = []

  init(_ model: ModelSpec) {
    starts = Array(repeating: -1, count: (model.kinds.count + 1) * OperatorKind.count)
  }

  /// The first of a call's elements; setting it where there is none makes room for `count` of them.
  mutating func place(_ call: Call, of count: Int = 1, filledWith element: Element) -> Int? {
    guard let slot = call.place.slot(call.kind) else { return nil }
    if starts[slot] < 0 {
      starts[slot] = Int32(elements.count)
      elements += Array(repeating: element, count: count)
    }
    return Int(starts[slot])
  }

  subscript(index: Int) -> Element {
    get { elements[index] }
    set { elements[index] = newValue }
  }

  /// Where they lie, for as long as `body` takes: a sink that holds pointers counts no references.
  @inline(__always)
  func read<Result>(_ body: (SlotView<Element>) -> Result) -> Result {
    starts.withUnsafeBufferPointer { starts in
      elements.withUnsafeBufferPointer { body(SlotView(starts: starts, elements: $0)) }
    }
  }
}

/// Slots where they lie.
struct SlotView<Element> {
  fileprivate let starts: UnsafeBufferPointer<Int32>
  fileprivate let elements: UnsafeBufferPointer<Element>

  /// The place of the first of a call's elements.
  @inline(__always)
  func index(_ kind: OperatorKind, at place: Place) -> Int? {
    guard let slot = place.slot(kind), slot < starts.count else { return nil }
    let start = Int(starts[slot])
    return start < 0 ? nil : start
  }

  /// The first of a call's elements.
  @inline(__always)
  func first(_ kind: OperatorKind, at place: Place) -> UnsafePointer<Element>? {
    index(kind, at: place).map { self[$0] }
  }

  /// Where the element lies that has that place.
  @inline(__always)
  subscript(index: Int) -> UnsafePointer<Element> { elements.baseAddress.unsafelyUnwrapped + index }
}

extension Place {
  /// A number for a kind of call; nil in towers, whose rows are their own.
  @inline(__always)
  fileprivate func slot(_ kind: OperatorKind) -> Int? {
    switch self {
    case .outer: kind.rawValue
    case .kind(let index): (index &+ 1) &* OperatorKind.count &+ kind.rawValue
    case .tower: nil
    }
  }
}
