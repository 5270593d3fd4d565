import CostModel
import Specs

extension Assumption {
  /// A line under “Assumptions”.
  func text(for model: ModelSpec) -> String {
    switch self {
    case .range(let warning): "warning: " + warning.text(for: model)
    case .inputLength(let tokens): "--input-len not given: \(Units.whole(Double(tokens))) tokens"
    case .contextLength(let tokens): "--context-len not given: \(Units.whole(Double(tokens))) tokens"
    case .contextFromInput: "--context-len not given: --input-len taken"
    case .checkpointFormat(let format):
      "precision \(format.name), as the checkpoint states (--dtype changes it)"
    case .usualFormat: "precision bf16, since neither --dtype nor the spec names one"
    case .narrowWeights(let narrow, let plan, let cacheIsOpen):
      "\(narrow.name) holds the projections and experts, products take \(plan.operand.name) inputs; embeddings at"
        + " \(plan.embedding.name), lm_head \(plan.lmHead.name), norms and router \(plan.small.name)"
        + (cacheIsOpen ? ", and the cache (--kv-cache-dtype)" : "")
    case .expertFormat(let format): "routed experts in \(format.name), as the checkpoint states"
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
    case .nothingOverlaps: "messages are waited for: nothing of them is hidden behind computing"
    }
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
