import CostModel

extension MixtureSpec: FeedForwardForm {
  static func read(_ block: inout YAMLFields, base: MixtureSpec?) throws(InputError) -> MixtureSpec {
    let experts = try block.int("num_local_experts", in: 1...1_000_000) ?? base?.experts
    let topK = try block.int("num_experts_per_tok", in: 1...1_000_000) ?? base?.topK
    guard let experts else {
      throw block.missing("num_local_experts", accepted: "how many experts the router chooses from")
    }
    guard let topK else {
      throw block.missing("num_experts_per_tok", accepted: "how many experts a token uses")
    }
    guard topK <= experts else {
      throw InputError(
        .data, at: block.location, "a token cannot use \(topK) of \(experts) experts")
    }
    var spec = MixtureSpec(
      experts: experts, topK: topK, expert: try DenseSpec.read(&block, base: base?.expert))
    spec.idle = try block.int("zero_expert_num", in: 0...1_000_000) ?? base?.idle ?? 0
    spec.shared = base?.shared
    if var shared = try block.fields("shared_expert", .sharedExpert) {
      spec.shared = try DenseSpec.read(&shared, base: spec.expert)
      try shared.finish()
    }
    spec.sharedGate = try block.bool("shared_expert_gate") ?? base?.sharedGate ?? false
    spec.routerBias = try block.bool("router_bias") ?? base?.routerBias ?? false
    spec.capacityFactor = try block.number("capacity_factor", in: 0.01...1_000) ?? base?.capacityFactor
    spec.latent = try block.int("moe_latent_size", in: 1...10_000_000) ?? base?.latent
    spec.branchNorms = try block.bool("branch_norms") ?? base?.branchNorms ?? false
    spec.groups = try block.int("n_group", in: 1...1_000_000) ?? base?.groups ?? 1
    spec.groupsPerToken =
      try block.int("topk_group", in: 1...1_000_000) ?? base?.groupsPerToken ?? spec.groups
    guard experts % spec.groups == 0, spec.groupsPerToken <= spec.groups,
      spec.topK <= experts / spec.groups * spec.groupsPerToken
    else {
      throw InputError(
        .data, at: block.location,
        "\(topK) of \(experts) experts do not fit “n_group” \(spec.groups) and “topk_group” \(spec.groupsPerToken)"
      )
    }
    return spec
  }

  package func write(over base: FeedForwardSpec?, into out: inout YAMLText) {
    var inherited: MixtureSpec?
    if case .mixture(let spec) = base { inherited = spec }
    out.raw("type", "moe")
    out.put("num_local_experts", experts)
    out.put("num_experts_per_tok", topK)
    if idle > 0 || inherited.map({ $0.idle > 0 }) == true { out.put("zero_expert_num", idle) }
    expert.writeSizes(over: inherited?.expert, into: &out)
    if let shared { out.block("shared_expert") { shared.writeSizes(over: expert, into: &$0) } }
    for (key, flag) in [
      ("shared_expert_gate", \MixtureSpec.sharedGate), ("router_bias", \.routerBias),
      ("branch_norms", \.branchNorms),
    ] where self[keyPath: flag] || inherited?[keyPath: flag] == true {
      out.put(key, self[keyPath: flag])
    }
    if let latent { out.put("moe_latent_size", latent) }
    if groups > 1 || inherited.map({ $0.groups > 1 }) == true {
      out.put("n_group", groups)
      out.put("topk_group", groupsPerToken)
    }
    if let capacityFactor { out.put("capacity_factor", capacityFactor) }
  }

  package var summary: String {
    "MoE, top \(topK) of \(experts) experts\(idle > 0 ? " and \(idle) idle ones" : ""), \(expert.summary)"
      + (latent.map { " in \(Digits.whole(Double($0)))" } ?? "")
      + (shared.map { ", shared \($0.intermediate)" } ?? "")
  }
}
