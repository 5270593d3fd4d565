import Basics

/// Something wrong with what the user gave: where, what was found, what is accepted.
public struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Which exit status it ends in.
  public enum Kind: Int32, Sendable {
    /// Bad input data (65).
    case data = 65
    /// No such input (66).
    case missing = 66
    /// I/O error (74).
    case io = 74
    /// Wrong usage (64).
    case usage = 64
  }

  /// Decides the exit status.
  public var kind: Kind
  /// Where it is wrong; nil where no line can be named.
  public var location: SourceLocation?
  /// What was found and what is accepted, with the nearest name of a misspelling.
  public var message: String

  /// An error of `kind`, at a place where there is one.
  public init(_ kind: Kind, at location: SourceLocation? = nil, _ message: String) {
    self.kind = kind
    self.location = location
    self.message = message
  }

  /// One line; control characters from a file or its name are shown, not sent to a terminal.
  public var description: String {
    (location.map { "\($0): \(message)" } ?? message).escaped {
      $0.isControl ? $0.escaped(asASCII: true) : nil
    }
  }
}

/// A place in a file, 1-based.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// Path or catalogue name.
  public var file: String
  /// From 1.
  public var line: Int
  /// From 1, in characters.
  public var column: Int

  /// The beginning of a file unless said otherwise.
  public init(file: String, line: Int = 1, column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `FILE:LINE:COLUMN`, as compilers write it.
  public var description: String { "\(file):\(line):\(column)" }
}

/// Nearest names by edit distance, for "did you mean".
public enum Suggestion {
  /// Candidates at most a third of the name's length away, nearest first, at most three.
  public static func nearest(to name: String, among candidates: some Sequence<String>) -> [String] {
    let lower = name.lowercased()
    let wanted = Array(lower.unicodeScalars.prefix(64))
    let limit = max(2, wanted.count / 3)
    return
      candidates
      .compactMap { candidate -> (String, Int)? in
        let other = candidate.lowercased()
        let (scalars, goesOn) = (Array(other.unicodeScalars.prefix(64)), other.hasPrefix(lower))
        // Lengths alone may tell.
        guard goesOn || abs(scalars.count - wanted.count) <= limit else { return nil }
        let distance = distance(wanted, scalars)
        return goesOn || distance <= limit ? (candidate, distance) : nil
      }
      .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
      .prefix(3).map(\.0)
  }

  /// "; did you mean a or b?" or nothing.
  public static func phrase(for name: String, among candidates: some Sequence<String>) -> String {
    phrase(nearest(to: name, among: candidates))
  }

  /// The same of candidates already chosen.
  static func phrase(_ near: [String]) -> String {
    guard !near.isEmpty else { return "" }
    return "; did you mean \(near.map { "“\($0)”" }.joined(separator: " or "))?"
  }

  /// Levenshtein distance of the first 64 characters.
  static func distance(_ a: String, _ b: String) -> Int {
    distance(Array(a.unicodeScalars.prefix(64)), Array(b.unicodeScalars.prefix(64)))
  }

  /// Levenshtein distance.
  static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[b.count]
  }
}
