import CostModel
import Testing

@testable import Calibration

/// Runs made from known parameters give them back.
@Test func emptyQuantileIsNotANumber() {
  #expect(Quantile.of([], 0.5).isNaN)
  #expect(Quantile.of([3, 1, 2], 0.5) == 2)
}
