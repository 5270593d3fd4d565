import Reporting
import Testing

/// Three digits, a prefix that keeps them below a thousand, and rounding that never shows a thousand: what just falls
/// short of the next unit, or of the next power of ten, is shown as that.
@Suite struct UnitsTests {
  @Test(arguments: [
    (0.0, "0 B"), (1, "1.00 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1536, "1.50 KiB"),
    (1_048_575, "1.00 MiB"), (80 * 0x1p30, "80.0 GiB"), (.infinity, "–"), (.nan, "–"),
  ])
  func memoryIsBinary(_ bytes: Double, _ text: String) { #expect(Units.memory(bytes) == text) }

  @Test(arguments: [
    (0.0, "0 B"), (999, "999 B"), (999.4, "999 B"), (999.6, "1.00 kB"), (1e6, "1.00 MB"),
    (3.35e12, "3.35 TB"), (1.234e24, "1.23 YB"), (-2e9, "-2.00 GB"), (.nan, "–"),
  ])
  func trafficIsDecimal(_ bytes: Double, _ text: String) {
    #expect(Units.traffic(bytes) == text)
    if bytes.isFinite { #expect(Units.bandwidth(bytes) == text + "/s") }
  }

  @Test(arguments: [
    (0.0, "0 s"), (1e-10, "0.100 ns"), (9.994e-7, "999 ns"), (9.996e-7, "1.00 µs"), (0.0125, "12.5 ms"),
    (1, "1.00 s"), (3600, "3600 s"),
  ])
  func secondsGoFromNanosecondsUp(_ seconds: Double, _ text: String) {
    #expect(Units.seconds(seconds) == text)
  }

  @Test func countsAndRates() {
    #expect(Units.count(0) == "0" && Units.count(12) == "12.0" && Units.count(8.03e9) == "8.03 B")
    #expect(Units.flops(2e12) == "2.00 TFLOP" && Units.flopRate(989.4e12) == "989 TFLOP/s")
  }

  @Test(arguments: [
    (0.0, "0"), (0.5, "1"), (999.5, "1,000"), (131_072, "131,072"), (-1_234_567, "-1,234,567"),
    (1e19, "1e+19"),
  ])
  func wholeNumbersHaveSeparators(_ value: Double, _ text: String) { #expect(Units.whole(value) == text) }

  @Test(arguments: [
    (0.0, "0 %"), (0.004, "0.4 %"), (0.0994, "9.9 %"), (0.0996, "10 %"), (0.5, "50 %"), (1.256, "126 %"),
    (-0.07, "-7 %"), (.infinity, "–"),
  ])
  func sharesBelowATenthHaveADecimal(_ share: Double, _ text: String) {
    #expect(Units.percent(share) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (0.001234, "0.00123"), (1.005, "1.00"), (9.998, "10.0"), (12.34, "12.3"), (999.4, "999"),
    (999.7, "1,000"), (1000, "1,000"), (1.45e-7, "1.45e-7"), (-9.999e-6, "-1.00e-5"),
  ])
  func plainNumbersHaveThreeDigits(_ value: Double, _ text: String) { #expect(Units.plain(value) == text) }

  @Test(arguments: [
    (1.25, 1, "1.3"), (-1.25, 1, "-1.3"), (-0.04, 1, "0.0"), (2.5, 0, "3"), (0.05, 2, "0.05"),
  ])
  func halvesAreRoundedAwayFromZero(_ value: Double, _ decimals: Int, _ text: String) {
    #expect(Units.fixed(value, decimals) == text)
  }
}
