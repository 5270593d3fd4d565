/// The plot area with its axes, grid, title and legend.
struct Frame {
  var svg = SVG()
  let title: String
  let width, height: Double
  let left = 74.0
  let top = 40.0
  let right: Double
  let bottom: Double

  /// - Parameter plot: height of the plot area, where it is less than what the legend needs.
  init(width: Double, height: Double, title: String, legend: Double = 0, plot: Double? = nil) {
    (self.title, self.width, self.height) = (title, width, height)
    right = width - 18 - legend
    bottom = plot.map { 40 + $0 } ?? height - 52
    svg.text(16, 22, title, class: "title")
  }

  /// What was drawn, with its words.
  func chart(_ name: String, caption: String, finding: String) -> Chart {
    Chart(
      name: name, title: title, caption: caption, finding: finding, width: width, height: height, svg: svg)
  }

  mutating func horizontal(_ axis: Axis, title: String, shown: (Double) -> String) {
    for tick in axis.ticks {
      guard let x = axis.place(tick) else { continue }
      svg.line(x, top, x, bottom, class: "grid")
      svg.text(x, bottom + 16, shown(tick), anchor: .middle, class: "small")
    }
    svg.line(left, bottom, right, bottom, class: "axis")
    svg.text((left + right) / 2, bottom + 36, title, anchor: .middle)
  }

  mutating func vertical(_ axis: Axis, title: String, shown: (Double) -> String) {
    for tick in axis.ticks {
      guard let y = axis.place(tick) else { continue }
      svg.line(left, y, right, y, class: "grid")
      svg.text(left - 6, y + 4, shown(tick), anchor: .end, class: "small")
    }
    svg.line(left, top, left, bottom, class: "axis")
    svg.text(18, (top + bottom) / 2, title, anchor: .middle, rotated: -90)
  }

  /// Entries below one another at the right, each with its mark.
  mutating func legend(_ entries: [(index: Int, name: String)], filled: Bool = false, prefix: String = "") {
    let x = right + 34
    for (row, entry) in entries.enumerated() {
      let y = top + 10 + Double(row) * 19
      if filled {
        svg.rect(x, y - 8, 14, 12, attributes: "fill=\"url(#\(prefix)\(entry.index))\"")
      } else {
        svg.raw(
          ChartStyle.shape(entry.index, x: x + 7, y: y - 2, size: 11)
            + " class=\"mark\" fill=\"\(ChartStyle.colour(entry.index))\"/>")
      }
      svg.text(x + 20, y + 2, entry.name, class: "small")
    }
  }
}

/// Labels beside marks that cover neither each other nor the marks.
struct Labels {
  private var taken: [(x: Double, y: Double, width: Double, height: Double)] = []
  let bounds: (left: Double, top: Double, right: Double, bottom: Double)

  init(left: Double, top: Double, right: Double, bottom: Double) { bounds = (left, top, right, bottom) }

  mutating func reserve(_ x: Double, _ y: Double, width: Double, height: Double) {
    taken.append((x, y, width, height))
  }

  /// The first free place around a mark: where the text starts and whether a leader is needed; nil if there is none.
  mutating func place(_ text: String, x: Double, y: Double, radius: Double, size: Double) -> (
    x: Double, y: Double, far: Bool
  )? {
    let width = ChartStyle.width(of: text, size: size)
    let height = size * 1.15
    for distance in [4.0, 16, 30, 46, 64, 84, 106] {
      let reach = radius + distance
      for (dx, dy) in [
        (reach, -height / 2), (-reach - width, -height / 2), (-width / 2, -reach - height),
        (-width / 2, reach),
        (reach * 0.7, -reach * 0.7 - height), (reach * 0.7, reach * 0.7),
        (-reach * 0.7 - width, -reach * 0.7 - height),
        (-reach * 0.7 - width, reach * 0.7),
      ] {
        let box = (x: x + dx, y: y + dy, width: width, height: height)
        let inside =
          box.x >= bounds.left && box.y >= bounds.top && box.x + width <= bounds.right
          && box.y + height <= bounds.bottom
        let free = taken.allSatisfy {
          box.x + box.width <= $0.x || $0.x + $0.width <= box.x || box.y + box.height <= $0.y
            || $0.y + $0.height <= box.y
        }
        if inside && free {
          taken.append(box)
          return (box.x, box.y + height * 0.8, distance > 16)
        }
      }
    }
    return nil
  }
}
