extension PackedProduct {
  /// Says where `formula`'s conditions hold in part: last blocks with fewer rows than the others, blocks found right
  /// after they were packed, lines of C that two tiles share.
  static func markPartial(
    _ formula: inout TrafficFormula, m: Int, n: Int, k: Int, _ blocking: Blocking, _ arithmetic: Arithmetic
  ) {
    let (high, wide) = (arithmetic.tileRows, arithmetic.tileColumns)
    let scratch = blocking.scratch(m: m, n: n, k: k, arithmetic)
    let (scratchA, scratchB) = (Double(scratch.a) * 4, Double(scratch.b) * 4)
    let columnPanels = Double(ceilDivide(n, wide))
    let loadA = Double(roundUp(m, high) * k) * 4 * columnPanels
    let lastRows = Double(m > blocking.mc ? m % blocking.mc : 0)
    let last = min(formula.conditions[2].requiredBytes, 2 * scratchA) * lastRows / Double(min(m, blocking.mc))
    for index in 0...1 {
      formula.conditions[index].partials = [
        LayerCondition.Partial(requiredBytes: 2 * scratchA, bytes: loadA / columnPanels),
        LayerCondition.Partial(requiredBytes: last, bytes: loadA * lastRows / Double(m)),
      ]
    }
    // A row of a tile that begins anywhere reaches into one line more nearly always, read and written each time.
    let aligned = n % 16 == 0 || columnPanels <= 1
    let straddling =
      aligned ? 0 : 2 * 56 * Double(m) * columnPanels * Double(ceilDivide(k, blocking.kc))
    for index in 0...3 { formula.conditions[index].straddling = straddling }
    formula.conditions[3].beginsBytes = scratchA + scratchB
  }
}
