import Basics
import Specs

/// Numbers for people: a sensible count of digits, and a unit that cannot be mistaken.
public enum Units {
  /// Memory sizes, in binary units.
  public static func memory(_ bytes: Double) -> String {
    scaled(
      bytes,
      [
        ("B", 1), ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("PiB", 0x1p50),
        ("EiB", 0x1p60),
      ])
  }

  /// Traffic and rates, in decimal units.
  public static func traffic(_ bytes: Double) -> String { scaled(bytes, decimal("B")) }
  public static func bandwidth(_ bytesPerSecond: Double) -> String { scaled(bytesPerSecond, decimal("B/s")) }
  public static func flops(_ flops: Double) -> String { scaled(flops, decimal("FLOP")) }
  public static func flopRate(_ rate: Double) -> String { scaled(rate, decimal("FLOP/s")) }

  public static func seconds(_ seconds: Double) -> String {
    scaled(seconds, [("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1)])
  }

  /// Parameters: `8.03 B`.
  public static func count(_ value: Double) -> String {
    scaled(value, [("", 1), ("K", 1e3), ("M", 1e6), ("B", 1e9), ("T", 1e12)])
  }

  /// A whole number with separators: `131,072`.
  public static func whole(_ value: Double) -> String { Digits.whole(value) }

  public static func percent(_ share: Double) -> String { Digits.percent(share) }

  /// So many a second: whole, below ten with three digits.
  static func rate(_ value: Double) -> String { value < 9.995 ? plain(value) : whole(value) }

  /// An error in percent: `7.5 %`, `128 %`.
  static func error(_ percent: Double) -> String { fixed(percent, percent < 99.95 ? 1 : 0) + " %" }

  /// Three significant digits.
  public static func plain(_ value: Double) -> String { Digits.plain(value) }

  /// Fixed decimals, rounded half away from zero.
  public static func fixed(_ value: Double, _ decimals: Int) -> String { Digits.fixed(value, decimals) }

  static func decimal(_ unit: String) -> [(String, Double)] {
    [
      (unit, 1), ("k\(unit)", 1e3), ("M\(unit)", 1e6), ("G\(unit)", 1e9), ("T\(unit)", 1e12),
      ("P\(unit)", 1e15), ("E\(unit)", 1e18), ("Z\(unit)", 1e21), ("Y\(unit)", 1e24),
    ]
  }

  static func scaled(_ value: Double, _ steps: [(name: String, factor: Double)]) -> String {
    guard value.isFinite else { return "–" }
    if value == 0 { return steps.contains { $0.factor < 1 } ? "0 s" : "0 \(steps[0].name)".trimmed }
    // 999.6 would print as 1000 of the smaller unit: step up as rounding does.
    let step = steps.last { abs(value) >= $0.factor * 0.9995 } ?? steps[0]
    return "\(Digits.significant(value / step.factor, 3)) \(step.name)".trimmed
  }
}
