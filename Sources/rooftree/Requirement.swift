import ArgumentParser
import Basics
import Reporting
import Specs

/// `--require 'fits, tpot < 30ms, weights < 40GiB'`: conditions on a result, by the words of its JSON.
struct Requirement {
  /// As it was written.
  let text: String
  private let name: String
  private let isBelow: Bool
  private let limit: Double?

  /// Names, the paths of their figures in the result, and the unit of their limits.
  private static let figures: [(name: String, paths: [[String]], unit: Quantity.Dimension?)] = [
    (
      "ttft",
      [
        ["request", "ttft_seconds"], ["serving", "ttft_seconds", "p50"], ["serving", "ttft_seconds", "mean"],
      ], .seconds
    ),
    (
      "tpot",
      [
        ["request", "tpot_seconds"], ["serving", "tpot_seconds", "p50"], ["serving", "tpot_seconds", "mean"],
      ], .seconds
    ),
    (
      "e2e",
      [["request", "e2e_seconds"], ["serving", "e2e_seconds", "p50"], ["serving", "e2e_seconds", "mean"]],
      .seconds
    ),
    (
      "time",
      [["totals", "seconds"], ["request", "e2e_seconds"], ["training", "step_seconds"]], .seconds
    ),
    ("high", [["totals", "seconds_high"], ["request", "e2e_seconds_high"]], .seconds),
    ("bound", [["totals", "bound_seconds"], ["request", "e2e_bound_seconds"]], .seconds),
    ("weights", [["memory", "weights_bytes"]], .bytes), ("cache", [["memory", "kv_cache_bytes"]], .bytes),
    ("memory", [["memory", "total_bytes"]], .bytes),
    ("batch", [["memory", "largest_batch_size"]], nil),
    ("context", [["memory", "longest_context_len"]], nil),
    (
      "tokens/s",
      [
        ["totals", "tokens_per_second"], ["request", "output_tokens_per_second"],
        ["serving", "output_tokens_per_second"],
      ], nil
    ),
    ("intensity", [["totals", "arithmetic_intensity"]], nil),
    ("parameters", [["model", "parameters", "total"]], nil),
  ]

  private static let names = ["fits"] + figures.map(\.name)

  /// - Throws: `InputError`, 64, for what is no condition, with the nearest name.
  static func list(_ text: String) throws(InputError) -> [Requirement] {
    var list: [Requirement] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      list.append(try Requirement(part.trimmed))
    }
    return list
  }

  /// Why results do not meet a list, each with its name where there are several.
  static func failures(
    _ list: [Requirement], of results: [(name: String, result: () -> JSONValue)]
  ) throws -> [String] {
    guard !list.isEmpty else { return [] }
    return try results.flatMap { name, make in
      let result = make()
      return try list.compactMap { requirement in
        try requirement.failure(of: result).map { results.count > 1 ? "\(name): \($0)" : $0 }
      }
    }
  }

  /// Ends a command whose results do not meet what was required.
  static func enforce(_ failures: [String]) throws {
    guard !failures.isEmpty else { return }
    Terminal.complain(failures.map { "rooftree: not met: \($0)" })
    throw ExitCode(.no)
  }

  private init(_ text: String) throws(InputError) {
    self.text = text
    let sign = text.firstIndex { $0 == "<" || $0 == ">" }
    let name = text[..<(sign ?? text.endIndex)].trimmed
    self.name = name
    isBelow = sign.map { text[$0] == "<" } ?? true
    let names = Self.names
    guard names.contains(name), (name == "fits") == (sign == nil) else {
      throw InputError(
        .usage,
        "--require “\(text)”: accepted: fits, or one of \(names.dropFirst().joined(separator: ", ")) with < or > and a"
          + " limit" + Suggestion.phrase(for: name, among: names))
    }
    guard let sign else {
      limit = nil
      return
    }
    let stated = text[text.index(after: sign)...].drop { $0 == "=" }.trimmed
    guard let unit = Self.figures.first(where: { $0.name == name })?.unit else {
      do {
        limit = Double(try Numbers.whole(stated))
      } catch {
        throw InputError(.usage, "--require “\(text)”: “\(stated)” is no number")
      }
      return
    }
    let number = stated.prefix { $0.isNumber || $0 == "." }
    let value = Quantity.parse("\(number) \(stated.dropFirst(number.count).trimmed)", unit)
    guard let value else {
      throw InputError(
        .usage,
        "--require “\(text)”: “\(stated)” is no limit; accepted: a number and a unit, such as \(unit.example)"
      )
    }
    limit = value
  }

  /// Why a result does not meet it; nil where it does.
  ///
  /// - Throws: `InputError`, 64, where the result has no such figure.
  func failure(of result: JSONValue) throws(InputError) -> String? {
    if name == "fits" {
      guard case .bool(let fits)? = result["memory"]?["fits"] else { throw absent }
      return fits ? nil : "fits: it does not"
    }
    let figure = Self.figures.first { $0.name == name }
    let found = figure?.paths.lazy.compactMap { path in
      path.reduce(Optional(result)) { $0?[$1] }?.number
    }.first
    guard let found, let limit else { throw absent }
    guard isBelow ? found < limit : found > limit else {
      let shown =
        switch figure?.unit {
        case .seconds: Units.seconds(found)
        case .bytes: Units.memory(found)
        default: Units.whole(found)
        }
      return "\(text): it is \(shown)"
    }
    return nil
  }

  private var absent: InputError {
    InputError(
      .usage,
      "--require “\(text)”: this result has no \(name); a whole request (--isl, --osl) has ttft, tpot and e2e"
    )
  }
}
