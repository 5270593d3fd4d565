extension Split {
  /// As options say it: `--tp 8 --pp 2`; parts of 1 are left out.
  public var words: String {
    let parts = [
      ("--tp", tensor), ("--pp", pipeline), ("--cp", context), ("--dp", data), ("--ep", expert),
      ("--attention-dp", attentionData),
    ]
    var shown = parts.filter { $0.1 > 1 }.map { "\($0.0) \($0.1)" }
    if context > 1, contextForm != .allGather { shown.append("--cp-form \(contextForm.rawValue)") }
    return shown.isEmpty ? "--tp 1" : shown.joined(separator: " ")
  }
}
