import Basics
import Import

/// `diff`: what differs between two results.
public enum DiffReport {
  /// A figure or word that differs; nil where one of the results has none.
  struct Change: Sendable {
    var path: String
    var old, new: Double?
    var oldText, newText: String

    /// Natural logarithm of the ratio, the size of a change whatever its direction; what came or went is largest.
    var effect: Double {
      guard let old, let new else { return .infinity }
      if old == 0 || new == 0 || (old < 0) != (new < 0) { return .infinity }
      return abs(logarithm(new / old))
    }
  }

  /// - Parameters:
  ///   - names: of the files.
  ///   - all: changes of less than half a percent too.
  package static func document(_ old: JSONNode, _ new: JSONNode, names: (String, String), all: Bool)
    -> Document
  {
    let (before, after) = (leaves(old), leaves(new))
    var seen = Set<String>()
    let paths = (before + after).map(\.path).filter { seen.insert($0).inserted }
    let (a, b) = (index(before), index(after))
    var changes = paths.compactMap { path -> Change? in
      let (old, new) = (a[path], b[path])
      guard old?.text != new?.text else { return nil }
      return Change(
        path: path, old: old?.number, new: new?.number, oldText: old?.text ?? "–", newText: new?.text ?? "–")
    }
    let words = changes.filter { $0.old == nil && $0.new == nil }
    changes = changes.filter { $0.old != nil || $0.new != nil }.filter { all || $0.effect > 0.005 }
    // Totals before the operators that make them up, largest effect first in each.
    changes.sort {
      ($0.path.hasPrefix("operators") ? 1 : 0, -$0.effect, $0.path)
        < ($1.path.hasPrefix("operators") ? 1 : 0, -$1.effect, $1.path)
    }
    let listed = changes
    var document = Document(
      title: "What changed from \(names.0) to \(names.1)", records: Records(columns, listed),
      json: .members(("schema", .string("rooftree/diff/1")), ("changes", columns.json(listed + words))),
      charts: { DiffCharts.charts(old, new, listed, names: names) }
    ) {
      var table = columns.table(listed, sortable: true)
      table.isCatalogue = true
      return (listed.isEmpty ? [] : [.table(table)])
        + (words.isEmpty
          ? []
          : [
            .heading("Asked or assumed otherwise"),
            .list(words.map { "\($0.path): \($0.oldText) → \($0.newText)" }),
          ])
    }
    document.answer =
      listed.isEmpty && words.isEmpty
      ? ["nothing differs"]
      : listed.prefix(3).map { "\($0.path): \($0.oldText) → \($0.newText), \(factor($0))" }
    return document
  }

  private static let columns: [Column<Change>] = [
    Column("path", "figure", word: \.path), Column("old", "before", at: .data) { $0.old },
    Column("new", "after", at: .data) { $0.new },
    .shown("before") { $0.oldText }, .shown("after") { $0.newText }, .shown("change") { factor($0) },
    Column("ratio", at: .data) { change in
      change.old.flatMap { old in change.new.flatMap { old == 0 ? nil : $0 / old } }
    },
  ]

  private static func factor(_ change: Change) -> String {
    guard change.effect.isFinite, let old = change.old, let new = change.new else { return "" }
    let ratio = new / old
    return abs(ratio - 1) < 1
      ? (ratio < 1 ? "−" : "+") + Units.percent(abs(ratio - 1)) : "× \(Units.plain(ratio))"
  }

  private struct Leaf {
    var path, text: String
    var number: Double?
  }

  private static func index(_ leaves: [Leaf]) -> [String: Leaf] {
    Dictionary(leaves.map { ($0.path, $0) }) { first, _ in first }
  }

  /// Every figure and word by its path; items of a list by their name where they have one.
  private static func leaves(_ node: JSONNode, _ path: String = "") -> [Leaf] {
    func below(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    if let members = node.members {
      return members.flatMap { $0.key == "schema" ? [] : leaves($0.value, below($0.key)) }
    }
    if let items = node.array {
      return items.enumerated().flatMap { index, item in
        leaves(item, "\(path)[\(item["name"]?.string ?? "\(index)")]")
      }
    }
    if let number = node.number { return [Leaf(path: path, text: shown(number, path), number: number)] }
    return [Leaf(path: path, text: node.string ?? node.shown, number: nil)]
  }

  /// By the unit that a key ends in.
  private static func shown(_ value: Double, _ path: String) -> String {
    if path.contains("seconds") { return Units.seconds(value) }
    if path.contains("bytes") { return path.hasPrefix("memory") ? Units.memory(value) : Units.traffic(value) }
    if path.hasSuffix("flops") { return Units.flops(value) }
    return value == value.rounded() ? Units.whole(value) : Units.plain(value)
  }
}
