import Calibration
import CostModel

/// What expected times stand on, in words.
enum Standing {
  /// After “by”: whose kernels, and how they are known.
  static func phrase(_ pricing: FittedPricing, on profile: HardwareProfile) -> String {
    let (predictor, software) = (pricing.predictor, pricing.framework.name)
    if predictor.calibration.groups.isEmpty {
      return
        "\(software)'s kernels, from what measured devices have in common (prior: none of this one was measured)"
    }
    return predictor.carriesOver
      ? "\(software)'s kernels, carried over from runs of \(predictor.calibration.hardware)"
      : "\(software)'s kernels, calibrated"
  }

  /// `8.0 ms (7.7–8.5)`, of whatever an estimate has.
  static func time(_ cost: some Priced) -> String {
    let (low, high) = (Units.seconds(cost.low), Units.seconds(cost.high))
    let (lowParts, highParts) = (low.split(separator: " "), high.split(separator: " "))
    let range =
      lowParts.count == 2 && lowParts.last == highParts.last
        && highParts.last == Units.seconds(cost.seconds).split(separator: " ").last
      ? "\(lowParts[0])–\(highParts[0])" : "\(low) – \(high)"
    return "\(Units.seconds(cost.seconds)) (\(range))"
  }

  /// What was taken to say how long it takes.
  static func assumptions(_ prediction: Prediction) -> [String] {
    guard let pricing = prediction.pricing else { return [] }
    let predictor = pricing.predictor
    var list: [String] = []
    if !predictor.calibration.groups.isEmpty {
      list.append(
        "calibration of \(predictor.calibration.origin) for \(pricing.framework.name)"
          + (predictor.carriesOver
            ? ", carried over to \(prediction.profile.name), which has the same cores: intervals widened"
            : ""))
    }
    if prediction.analysis.share(of: .prior) > 0 {
      list.append(
        "kernels without a run here follow the prior, parameters that all measured devices share; the host's part is the prior's"
      )
    }
    list += predictor.extrapolations(of: prediction.scenario.precision)
    list.append("fp8 products include quantising")
    return list
  }
}
