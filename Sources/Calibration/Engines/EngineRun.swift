import Import
import Specs

/// A pass that an engine ran on this machine, again and again.
public struct EngineRun: Hashable, Sendable {
  /// Tokens of the prompt, or none where it generates.
  public var prompt: Int
  /// Tokens generated one by one, or none.
  public var generated: Int
  /// Of each repeat: the whole prompt, or one token.
  public var seconds: [Double]
  /// The engine's own word for the model.
  public var model: String

  /// The fastest, which a bound is held against.
  public var best: Double { seconds.min() ?? 0 }
  /// The middle one, which an expectation is held against.
  public var median: Double { seconds.sorted()[seconds.count / 2] }
  /// Tokens in the cache, on average over the repeat.
  public var context: Int { generated / 2 }
}

extension EngineRun {
  /// What `llama-bench -o json` prints: a list, one entry a test; lines around it are passed over.
  ///
  /// - Throws: `InputError` (65) where it is none, or an entry has no times.
  public static func llamaBench(_ text: String, from name: String) throws(InputError) -> [EngineRun] {
    let at = SourceLocation(file: name)
    guard let start = text.firstIndex(of: "["), let end = text.lastIndex(of: "]"), start < end else {
      throw InputError(.data, at: at, "no JSON list in what it printed; accepted: the output of -o json")
    }
    let node = try JSONNode.read(SourceFile(name: name, text: String(text[start...end])))
    var runs: [EngineRun] = []
    for entry in node.array ?? [] {
      func count(_ key: String) throws(InputError) -> Int {
        guard let value = entry[key]?.int, (0...1 << 24).contains(value) else {
          throw InputError(.data, at: at, "“\(key)” is \(entry[key]?.shown ?? "missing"); accepted: a count")
        }
        return value
      }
      let (prompt, generated) = (try count("n_prompt"), try count("n_gen"))
      let seconds = (entry["samples_ns"]?.array ?? []).compactMap(\.number)
        .map { $0 * 1e-9 / Double(max(1, generated)) }.filter { $0 > 0 }
      guard (prompt > 0) != (generated > 0), !seconds.isEmpty else {
        throw InputError(
          .data, at: at,
          "a test of \(prompt) and \(generated) tokens, \(seconds.count) times; accepted: one kind of pass, timed"
        )
      }
      runs.append(
        EngineRun(
          prompt: prompt, generated: generated, seconds: seconds, model: entry["model_type"]?.string ?? ""))
    }
    return runs
  }
}
