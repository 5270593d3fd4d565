/// Bytes that counters saw cross below levels of memory, in the words of measured runs: `hbm_read_bytes`,
/// `hbm_write_bytes`, or `hbm_bytes` for both.
public struct MeasuredTraffic: Hashable, Sendable {
  /// Which way.
  public enum Direction: String, Hashable, Sendable {
    case read, write, both
  }

  /// Of one level.
  public struct Level: Hashable, Sendable {
    /// As files call it; `hbm` and `dram` mean the far memory whatever it is.
    public var name: String
    /// Bytes; nil where they were not counted apart.
    public var read, write: Double?
    private var sum: Double?

    init(_ name: String) { self.name = name }

    /// Reads and writes; nil where only one of them was counted.
    public var total: Double? { sum ?? read.flatMap { read in write.map { read + $0 } } }

    /// As it was counted.
    subscript(direction: Direction) -> Double? {
      switch direction {
      case .read: read
      case .write: write
      case .both: sum
      }
    }

    mutating func add(_ bytes: Double, _ direction: Direction) {
      switch direction {
      case .read: read = (read ?? 0) + bytes
      case .write: write = (write ?? 0) + bytes
      case .both: sum = (sum ?? 0) + bytes
      }
    }
  }

  /// A heading such as `l2_read_bytes`.
  struct Column: Hashable, Sendable {
    var name, level: String
    var direction: Direction
  }

  /// In the order in which they were found.
  public private(set) var levels: [Level] = []

  /// Nothing counted.
  public init() {}

  /// Nothing counted.
  public var isEmpty: Bool { levels.isEmpty }

  mutating func add(_ bytes: Double, _ level: String, _ direction: Direction) {
    guard bytes.isFinite, bytes >= 0 else { return }
    let index = levels.firstIndex { $0.name == level } ?? levels.endIndex
    if index == levels.endIndex { levels.append(Level(level)) }
    // Whole bytes: a counter's unit leaves fractions behind.
    levels[index].add(bytes.rounded(), direction)
  }

  /// The same counter may stand in several sections of a profile: the first counts.
  mutating func note(_ bytes: Double, _ level: String, _ direction: Direction) {
    let known = levels.first { $0.name == level }
    if known?[direction] == nil { add(bytes, level, direction) }
  }

  mutating func add(_ bytes: Double, of column: Column) { add(bytes, column.level, column.direction) }

  /// Levels that columns may be of.
  static let names = ["hbm", "dram", "l3", "slc", "l2", "l1", "sram", "vmem"]

  static func columns(of heading: [String]) -> [Column] {
    heading.compactMap { name in
      var words = name.split(separator: "_").map(String.init)
      guard words.count > 1, words.popLast() == "bytes", names.contains(words[0]) else { return nil }
      let direction = words.count == 1 ? .both : words.count == 2 ? Direction(rawValue: words[1]) : nil
      return direction.map { Column(name: name, level: words[0], direction: $0) }
    }
  }
}
