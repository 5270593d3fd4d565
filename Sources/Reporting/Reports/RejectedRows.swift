/// Rows of measured runs that were not used: how many, and each with its line and reason, up to a hundred.
public enum RejectedRows {
  static let most = 100

  /// - Returns: nothing without rejected rows.
  public static func listed(_ rejected: [String]) -> [String] {
    guard !rejected.isEmpty else { return [] }
    let more = rejected.count - most
    return ["\(rejected.count) \(rejected.count == 1 ? "row" : "rows") left out"] + rejected.prefix(most)
      + (more > 0 ? ["and \(more) more"] : [])
  }
}
