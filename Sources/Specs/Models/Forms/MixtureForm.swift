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

  package func write(into out: inout YAMLText) {
    out.raw("type", "moe")
    out.put("num_local_experts", experts)
    out.put("num_experts_per_tok", topK)
    expert.writeSizes(into: &out)
    if let shared { out.block("shared_expert") { shared.writeSizes(into: &$0) } }
    if sharedGate { out.put("shared_expert_gate", true) }
    if routerBias { out.put("router_bias", true) }
    if let latent { out.put("moe_latent_size", latent) }
    if branchNorms { out.put("branch_norms", true) }
    if groups > 1 {
      out.put("n_group", groups)
      out.put("topk_group", groupsPerToken)
    }
    if let capacityFactor { out.put("capacity_factor", capacityFactor) }
  }

  package var summary: String {
    "MoE, top \(topK) of \(experts) experts, \(expert.summary)"
      + (latent.map { " in \(Digits.whole(Double($0)))" } ?? "")
      + (shared.map { ", shared \($0.intermediate)" } ?? "")
  }
}
