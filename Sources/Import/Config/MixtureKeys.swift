import CostModel
import Specs

/// Experts under the names that families give them.
enum MixtureKeys {
  /// - Parameters:
  ///   - experts: spellings of the number of experts.
  ///   - inner: spellings of one expert's width.
  static func read(
    _ config: inout ConfigFields, experts: [String], topK: [String] = ["num_experts_per_tok"],
    inner: [String], template: DenseSpec
  ) throws(InputError) -> MixtureSpec {
    let count = try size(&config, experts)
    let chosen = try size(&config, topK)
    guard chosen <= count else {
      throw InputError(.data, at: config.location, "a token cannot use \(chosen) of \(count) experts")
    }
    var expert = template
    if !inner.isEmpty { expert.intermediate = try size(&config, inner, limit: 1_000_000_000) }
    return MixtureSpec(experts: count, topK: chosen, expert: expert)
  }

  private static func size(
    _ config: inout ConfigFields, _ names: [String], limit: Int = 1_000_000
  ) throws(InputError) -> Int {
    try config.requiredInt(names, in: 1...limit)
  }

  /// DeepSeek's groups of experts.
  static func groups(_ config: inout ConfigFields, _ mixture: inout MixtureSpec) throws(InputError) {
    let groups = try config.int("n_group", in: 1...1_000_000) ?? 1
    let chosen = try config.int("topk_group", in: 1...1_000_000) ?? groups
    guard mixture.experts % groups == 0, chosen <= groups, mixture.topK <= mixture.experts / groups * chosen
    else {
      throw InputError(
        .data, at: config.location,
        "\(mixture.topK) of \(mixture.experts) experts do not fit “n_group” \(groups) and “topk_group” \(chosen)"
      )
    }
    mixture.groups = groups
    mixture.groupsPerToken = chosen
  }
}
