/// Counting what the mask allows, in closed form.
public enum CausalPairs {
  /// Σ over j = 1…n of min(start + j·step, cap).
  ///
  /// All non-negative; `step` > 0. Counts the keys loaded by n query blocks of `step` rows.
  @inline(__always)
  public static func cappedSum(_ n: Double, start: Double, step: Double, cap: Double) -> Double {
    let below = max(0, min(n, roundedDown((cap - start) / step)))
    return below * start + step * below * (below + 1) / 2 + (n - below) * cap
  }

  /// (query, key) pairs of `queries` new tokens after `prefix` cached ones: query i sees
  /// min(prefix + i, limit) keys.
  ///
  /// Without a limit: S(S+1)/2 + S·prefix. With W: W(W+1)/2 + (S−W)·W for prefix 0 and S ≥ W.
  @inline(__always)
  public static func sliding(queries: Double, prefix: Double, window: Double) -> Double {
    cappedSum(queries, start: prefix, step: 1, cap: window)
  }

  /// Pairs when attention restarts at every multiple of `size` (Llama 4's chunks).
  @inline(__always)
  public static func chunked(queries: Double, prefix: Double, size: Double) -> Double {
    triangleChunks(prefix + queries, size) - triangleChunks(prefix, size)
  }

  /// Pairs of `n` positions that each see `reach` on either side: n² while all see all.
  @inlinable
  static func around(_ n: Double, reach: Double) -> Double {
    // n of distance 0, n − d on each side of distance d.
    let most = min(reach, n - 1)
    return n + 2 * (most * n - most * (most + 1) / 2)
  }

  /// Pairs of the first `n` positions in chunks of `size`.
  @inlinable
  static func triangleChunks(_ n: Double, _ size: Double) -> Double {
    let whole = (n / size).rounded(.down)
    let rest = n - whole * size
    return whole * size * (size + 1) / 2 + rest * (rest + 1) / 2
  }
}

extension AttentionSpan {
  /// Allowed pairs of `queries` tokens behind `prefix` cached ones, one sequence, one head.
  @inline(__always)
  public func pairs(queries: Double, prefix: Double) -> Double {
    switch self {
    case .full: CausalPairs.sliding(queries: queries, prefix: prefix, window: prefix + queries)
    case .bidirectional, .windows: queries * (prefix + queries)
    case .around(let reach):
      CausalPairs.around(queries + prefix, reach: Double(reach)) * queries / (queries + prefix)
    case .sliding(let window):
      CausalPairs.sliding(queries: queries, prefix: prefix, window: Double(window))
    case .chunked(let size): CausalPairs.chunked(queries: queries, prefix: prefix, size: Double(size))
    }
  }

  /// Tokens a layer has to keep of a sequence of `length`.
  @inline(__always)
  public func cachedTokens(length: Double) -> Double {
    switch self {
    case .full, .bidirectional, .windows, .around: length
    case .sliding(let window): min(length, Double(window))
    case .chunked(let size): min(length, Double(size))
    }
  }
}
