import Basics
import Testing

@testable import Calibration

/// Eight numbers at a time come to what the C library says of each.
@Suite struct LanesTests {
  @Test(arguments: [1.0, 0.4, 0.852_25, 1.4317, 3.3354, 8, 1 / 3.3354, -0.5])
  func powersAreTheLibrarys(exponent: Double) {
    var x = 1e-15
    while x < 1e9 {
      let lanes = Lanes(x, x * 1.1, x * 1.3, x * 1.414, x * 1.4143, x * 1.7, x * 1.999, x * 2)
      let powers = (lanes.logarithm2 * exponent).exponential2
      for index in 0..<8 {
        #expect(abs(powers[index] / power(lanes[index], exponent) - 1) < 5e-14, "\(lanes[index])^\(exponent)")
      }
      x *= 3.7
    }
    #expect(Lanes(repeating: 1).logarithm2 == .zero && Lanes.zero.exponential2 == Lanes(repeating: 1))
  }

  @Test func timesOverlapAndRoundAsOneByOne() {
    let a = Lanes(1, 2, 3e-6, 4e-6, 5, 6e-3, 7, 8)
    let b = Lanes(2, 1, 3e-6, 1e-9, 5.5, 1e-12, 7e-7, 1e3)
    let both = logarithmOverlapped(a.logarithm2, b.logarithm2, 3.3354).exponential2
    for index in 0..<8 {
      let one = overlapped(a[index], b[index], 3.3354)
      #expect(abs(both[index] / one - 1) < 1e-13)
      #expect(abs(exp2(logarithmOverlapped(log2(a[index]), log2(b[index]), 3.3354)) / one - 1) < 1e-13)
      #expect(a.roundedUp[index] == a[index].rounded(.up))
    }
  }
}
