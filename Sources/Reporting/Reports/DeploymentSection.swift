import Calibration
import CostModel
import Deployment
import Specs

/// What a pass over several devices has beside that of one.
enum DeploymentSection {
  /// Nil on one device.
  static func json(_ prediction: Prediction) -> JSONValue {
    guard let deployed = prediction.scenario.deployed else { return .null }
    let split = deployed.split
    func whole(_ value: Int) -> JSONValue { .number(Double(value)) }
    return .members(
      ("devices", whole(split.devices)), ("nodes", whole(deployed.cluster.nodes)),
      ("tp", whole(split.tensor)),
      ("pp", whole(split.pipeline)), ("ep", whole(split.expert)), ("dp", whole(split.data)),
      ("cp", whole(split.context)), ("attention_dp", whole(split.attentionData)),
      ("latency_seconds", .number(prediction.latency)))
  }

  static func blocks(_ prediction: Prediction) -> [Document.Block] {
    guard let deployed = prediction.scenario.deployed else { return [] }
    let totals = prediction.totals
    let messages = prediction.analysis.operators.filter { $0.sentBytes > 0 }.reduce(0) { $0 + $1.seconds }
    let split = deployed.split
    var text =
      "\(split.devices) devices in \(deployed.cluster.nodes) \(deployed.cluster.nodes == 1 ? "domain" : "domains") of"
      + " \(deployed.cluster.perNode) (\(split.words)). The table is one device"
      + (split.pipeline > 1 ? " of the slowest of \(split.pipeline) stages" : "")
      + ", which sends \(Units.traffic(totals.sentBytes)) and spends \(Units.percent(messages / totals.seconds)) of"
      + " the time on messages."
    if split.pipeline > 1 {
      text += " A pass takes \(Units.seconds(prediction.latency)) through all stages."
    }
    return [.heading("Devices"), .paragraph(text)]
  }

  /// The smallest number of devices that holds what one does not.
  static func smallest(_ prediction: Prediction) -> String {
    guard let choice = prediction.smallestThatFits else { return "No number of such devices holds it." }
    return "The smallest number of such devices that holds it: \(choice.best.split.devices)"
      + " (\(choice.best.split.words))."
  }

  static func text(_ choice: ChosenSplit) -> String {
    "\(choice.split.words), the fastest of \(choice.fitting) splits of \(choice.split.devices) devices that fit"
      + " (\(choice.tried) tried), at \(Units.seconds(choice.seconds)) a pass"
      + (choice.next.map { next in
        "; then \(next.words)" + (choice.nextSeconds.map { " at \(Units.seconds($0))" } ?? "")
      } ?? "")
  }
}
