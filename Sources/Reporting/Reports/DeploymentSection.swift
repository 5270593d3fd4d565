import Calibration
import CostModel
import Deployment
import Specs

/// What a pass over several devices has beside that of one.
enum DeploymentSection {
  /// Nil on one device.
  static func json(_ prediction: Prediction) -> JSONValue? {
    guard let deployed = prediction.scenario.deployed else { return nil }
    let split = deployed.split
    func whole(_ value: Int) -> JSONValue { .number(Double(value)) }
    return .members(
      ("devices", whole(split.devices)), ("nodes", whole(deployed.cluster.nodes)),
      ("tp", whole(split.tensor)),
      ("pp", whole(split.pipeline)), ("ep", whole(split.expert)), ("dp", whole(split.data)),
      ("cp", whole(split.context)), ("attention_dp", whole(split.attentionData)),
      ("latency_seconds", .number(prediction.latency)),
      ("exposed_communication_seconds", .number(communication(prediction).exposed)),
      ("hidden_communication_seconds", .number(communication(prediction).hidden)))
  }

  /// Messages of one device: what is waited for, and what passes behind computing.
  private static func communication(_ prediction: Prediction) -> (exposed: Double, hidden: Double) {
    prediction.analysis.operators.reduce((0, 0)) { sum, op in
      guard case .message(let message) = op.call.shape else { return sum }
      return (sum.0 + op.seconds, sum.1 + message.seconds * op.call.layers * (1 - message.exposed))
    }
  }

  static func blocks(_ prediction: Prediction) -> [Document.Block] {
    guard let deployed = prediction.scenario.deployed else { return [] }
    let totals = prediction.totals
    let (messages, hidden) = communication(prediction)
    let split = deployed.split
    var text =
      "\(split.devices) devices in \(deployed.cluster.nodes) \(deployed.cluster.nodes == 1 ? "domain" : "domains") of"
      + " \(deployed.cluster.perNode) (\(split.words)). The table is one device"
      + (split.pipeline > 1 ? " of the slowest of \(split.pipeline) stages" : "")
      + ", which sends \(Units.traffic(totals.sentBytes)) and spends \(Units.percent(messages / totals.seconds)) of"
      + " the time on messages."
    if hidden > 0 {
      text +=
        " \(Units.seconds(messages)) of them are waited for, \(Units.seconds(hidden)) pass behind computing."
    }
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
