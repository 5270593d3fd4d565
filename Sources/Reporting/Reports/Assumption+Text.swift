import CostModel
import Specs

extension Assumption {
  /// A line under “Assumptions”.
  func text(for model: ModelSpec) -> String {
    switch self {
    case .range(let warning): "warning: " + warning.text(for: model)
    case .taken(let words): "not in the file: " + words
    case .inputLength(let tokens): "--input-len not given: \(Units.whole(Double(tokens))) tokens"
    case .contextLength(let tokens): "--context-len not given: \(Units.whole(Double(tokens))) tokens"
    case .contextFromInput: "--context-len not given: --input-len taken"
    case .checkpointFormat(let format):
      "precision \(format.name), as the checkpoint states (--dtype changes it)"
    case .commonFormat(let format, let own):
      "compared at \(format.name)" + (own.map { $0 == format ? "" : ", its checkpoint is \($0.name)" } ?? "")
        + " (--own-precision takes each as it is)"
    case .usualFormat: "precision bf16, since neither --dtype nor the spec names one"
    case .narrowWeights(let narrow, let plan, let cacheIsOpen):
      "\(narrow.name) holds the projections and experts, products take \(plan.operand.name) inputs; embeddings at"
        + " \(plan.embedding.name), lm_head \(plan.lmHead.name), norms and router \(plan.small.name)"
        + (cacheIsOpen ? ", and the cache (--kv-cache-dtype)" : "")
    case .expertFormat(let format): "routed experts in \(format.name), as the checkpoint states"
    case .imageSize(let side): "--image-size not given: \(side) × \(side) pixels"
    case .audioSeconds(let seconds): "--audio-seconds not given: \(seconds) s"
    case .decoderLength(let tokens): "--decoder-len not given: the decoder starts from \(tokens) token"
    case .promptTokens(let what, let tokens):
      "\(what == "image" ? "each image" : "the sound") puts \(Units.whole(tokens)) tokens into the prompt, as the model's processor makes them"
    case .tensorFormats:
      "tensors in other formats as the checkpoint states them (`rooftree show` lists their bytes)"
    case .cacheFormat(let format):
      "cache in \(format.name), as the checkpoint states (--kv-cache-dtype changes it)"
    case .replicas(let count): "--dp not given: \(count), as many replicas as the devices hold"
    case .chosenSplit(let choice): "no split named: \(DeploymentSection.text(choice))"
    case .smallestNumber(let choice):
      "one device does not hold it: \(choice.split.devices) are the smallest number that do; "
        + DeploymentSection.text(choice)
    case .uneven(let found):
      "\(Units.whole(Double(found.count))) \(found.what) over \(found.ranks): the fullest has"
        + " \(Units.whole(Double(found.fullest))), and is priced"
    case .peerAccess(let link):
      "\(link): peer access between the devices is not stated and taken as there; without it messages take up to ten"
        + " times as long"
    case .noFabric: "the profile says nothing of links between devices: messages are left out"
    case .overlaps(let share):
      "up to \(Units.percent(share)) of the messages' time passes behind computing, which goes on with the cores they leave"
    case .nothingOverlaps: "messages are waited for: nothing of them is hidden behind computing"
    case .operatingPoint(let point, let clock): point.text(clockHertz: clock)
    }
  }
}

extension OperatingPoint {
  fileprivate func text(clockHertz: Double?) -> String {
    let clock = clockHertz.map { "cores at \(Units.plain($0 / 1e9)) GHz" } ?? "cores slowed"
    var parts: [String] = []
    if self.clockHertz != nil || powerWatts != nil {
      let reasons =
        (self.clockHertz == nil ? [] : ["--clock"])
        + (powerWatts.map { ["power limit \(Units.plain($0)) W: clock as its cube root"] } ?? [])
      parts.append(
        "\(clock) (\(reasons.joined(separator: ", "))); shared caches and far memory keep their rates")
    }
    if let share = bandwidthEfficiency {
      parts.append(
        "expected times take \(Units.plain(share * 100)) % of the far memory's rate, bounds all of it")
    }
    return parts.joined(separator: "; ")
  }
}

extension PositionWarning {
  fileprivate func text(for model: ModelSpec) -> String {
    switch self {
    case .beyondLearned(let length, let rows):
      "\(Units.whole(length)) tokens, but only \(Units.whole(rows)) learned positions exist"
    case .beyondStated(let length, let longest):
      "\(Units.whole(length)) tokens exceed the \(Units.whole(longest)) that \(model.name) was made"
        + " for, \(Units.plain(length / longest)) × its range"
    case .beyondReach(let length, let reach):
      "\(Units.whole(length)) tokens exceed the receptive field of \(Units.whole(reach)): the first ones"
        + " cannot reach the last layer"
    }
  }
}
