/// What an image becomes in a tower and in the prompt, as the model's processor makes it.
public struct ImageTokens: Hashable, Sendable {
  /// How an image is brought to the tower's size.
  public enum Resize: Hashable, Sendable {
    /// To a square of that side.
    case square(side: Int)
    /// Sides rounded to multiples of a patch block, the area kept within bounds (Qwen2-VL's `smart_resize`).
    case native(fewestPixels: Int, mostPixels: Int)
    /// Scaled down to a longest side, sides rounded up to patch blocks (Pixtral).
    case longest(side: Int)
    /// Cut into squares of that side, in the grid whose shape is nearest, beside a small one of the whole where there are
    /// several (InternVL).
    case tiles(side: Int, most: Int)
  }

  /// How it is brought to size.
  public var resize: Resize
  /// Pixels of a patch's side.
  public var patch: Int
  /// Patches of a block's side that become one token of the prompt.
  public var merge: Int
  /// Tokens of the tower beside the patches (a class token).
  public var extra: Int
  /// Tokens that one pass gives the prompt, where a pooling fixes them.
  public var fixed: Int?
  /// Tokens behind each row of blocks (Pixtral's breaks).
  public var perRow: Int

  /// Patches alone, each a token, unless told otherwise.
  public init(resize: Resize, patch: Int, merge: Int = 1, extra: Int = 0, fixed: Int? = nil, perRow: Int = 0)
  {
    self.resize = resize
    self.patch = patch
    self.merge = merge
    self.extra = extra
    self.fixed = fixed
    self.perRow = perRow
  }

  /// The tower's passes for one image of `size` pixels (rows, columns), and the patches of each.
  public func grid(_ size: SIMD2<Double>) -> PatchGrid {
    let unit = Double(patch * merge)
    var (rows, columns, passes) = (1.0, 1.0, 1.0)
    switch resize {
    case .square(let side): (rows, columns) = (Double(side / patch), Double(side / patch))
    case .native(let fewest, let most):
      var height = max(unit, (size[0] / unit).rounded(.toNearestOrEven) * unit)
      var width = max(unit, (size[1] / unit).rounded(.toNearestOrEven) * unit)
      if height * width > Double(most) {
        let factor = (size[0] * size[1] / Double(most)).squareRoot()
        height = max(unit, (size[0] / factor / unit).rounded(.down) * unit)
        width = max(unit, (size[1] / factor / unit).rounded(.down) * unit)
      } else if height * width < Double(fewest) {
        let factor = (Double(fewest) / (size[0] * size[1])).squareRoot()
        height = (size[0] * factor / unit).rounded(.up) * unit
        width = (size[1] * factor / unit).rounded(.up) * unit
      }
      (rows, columns) = (height / Double(patch), width / Double(patch))
    case .longest(let side):
      let factor = max(1, max(size[0], size[1]) / Double(side))
      rows = ((size[0] / factor).rounded(.down) / unit).rounded(.up) * Double(merge)
      columns = ((size[1] / factor).rounded(.down) / unit).rounded(.up) * Double(merge)
    case .tiles(let side, let most):
      (rows, columns) = (Double(side / patch), Double(side / patch))
      passes = Self.tiles(size, side: Double(side), most: most)
      if passes > 1 { passes += 1 }
    }
    return PatchGrid(rows: max(1, rows), columns: max(1, columns), passes: passes)
  }

  /// Tokens that one image puts into the prompt.
  public func promptTokens(_ size: SIMD2<Double>) -> Double {
    let grid = grid(size)
    if let fixed { return grid.passes * Double(fixed) }
    let block = Double(merge)
    let rows = (grid.rows / block).rounded(.down)
    return grid.passes * (rows * (grid.columns / block).rounded(.down) + rows * Double(perRow))
  }

  /// Squares of the grid whose shape is nearest the image's; of equal ones the larger where the image fills half of it.
  private static func tiles(_ size: SIMD2<Double>, side: Double, most: Int) -> Double {
    let shape = size[1] / max(1, size[0])
    var best = (difference: Double.infinity, count: 1.0)
    for count in 1...max(1, min(most, 64)) {
      for across in 1...count where count % across == 0 {
        let difference = abs(shape - Double(across) / Double(count / across))
        let fills = size[0] * size[1] > 0.5 * side * side * Double(count)
        if difference < best.difference || (difference == best.difference && fills) {
          best = (difference, Double(count))
        }
      }
    }
    return best.count
  }
}

/// An image cut into patches.
public struct PatchGrid: Hashable, Sendable {
  /// Patches down and across.
  public var rows = 0.0, columns = 0.0
  /// Passes of the tower, one a tile.
  public var passes = 1.0

  /// Pairs of patches in the same square window, cut-off ones at the edges counted as they are.
  func windowPairs(side: Double) -> Double {
    func squares(_ n: Double) -> Double {
      let whole = (n / side).rounded(.down)
      let rest = n - whole * side
      return whole * side * side + rest * rest
    }
    return squares(rows) * squares(columns)
  }
}

/// What sound becomes: Whisper's spectrogram, half of whose frames are tokens of the tower.
public struct AudioTokens: Hashable, Sendable {
  /// Tokens of the tower a second.
  public var perSecond: Int
  /// Sound is padded to pieces of so many seconds; 0: taken as it is.
  public var piece: Int
  /// Tokens of the tower that become one of the prompt.
  public var merge: Int

  /// Whisper's own: 50 a second in pieces of 30.
  public init(perSecond: Int = 50, piece: Int = 30, merge: Int = 1) {
    self.perSecond = perSecond
    self.piece = piece
    self.merge = merge
  }

  /// Pieces, and the tower's tokens of each.
  func pieces(_ seconds: Double) -> (count: Double, tokens: Double) {
    if piece == 0 { return (1, (seconds * Double(perSecond)).rounded(.up)) }
    return ((seconds / Double(piece)).rounded(.up), Double(piece * perSecond))
  }
}
