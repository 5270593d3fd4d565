/// What a length asks of a model's positions that they were not made for; lengths in tokens.
public enum PositionWarning: Hashable, Sendable {
  /// Fewer positions were learned.
  case beyondLearned(length: Double, rows: Double)
  /// Longer than the authors state.
  case beyondStated(length: Double, longest: Double)
  /// The first tokens cannot reach the last layer.
  case beyondReach(length: Double, reach: Double)
}

extension ModelSpec {
  /// What sequences of `length` tokens ask too much of.
  public func warnings(length: Double) -> [PositionWarning] {
    var list: [PositionWarning] = []
    if case .learned(let rows) = embeddingPosition, length > Double(rows) {
      list.append(.beyondLearned(length: length, rows: Double(rows)))
    } else if let longest = maxPositions, length > Double(longest) {
      list.append(.beyondStated(length: length, longest: Double(longest)))
    }
    let reaches = ReceptiveField.byDepth(self)
    if let last = reaches.last, last < length, reaches.contains(where: { $0 > 1 }) {
      list.append(.beyondReach(length: length, reach: last))
    }
    return list
  }
}
