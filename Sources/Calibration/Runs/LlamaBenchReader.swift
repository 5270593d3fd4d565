import Foundation
import Specs

/// Reads the JSON that `llama-bench -o json` prints: whole prompts and single tokens, not kernels.
///
/// A pass over a prompt (`n_prompt`) or a run of tokens (`n_gen`) becomes one run of a model; kernels are not told
/// apart there, so `calibrate` refuses these runs by name and says what it needs.
public enum LlamaBenchReader {
  public struct Pass: Hashable, Sendable {
    public var model: String
    public var backend: String
    /// Tokens of the prompt, or generated tokens.
    public var tokens: Double
    public var isPrompt: Bool
    public var seconds: Double
  }

  public static func isLlamaBench(_ text: String) -> Bool {
    text.contains("\"avg_ns\"") && text.contains("\"n_prompt\"")
  }

  public static func passes(_ source: SourceFile) throws(InputError) -> (
    passes: [Pass], rejected: [RejectedRun]
  ) {
    let root = try? JSONSerialization.jsonObject(with: Data(source.text.utf8))
    guard let entries = root as? [[String: Any]] else {
      throw InputError(
        .data, at: SourceLocation(file: source.name),
        "not the JSON of llama-bench: a list of objects is expected")
    }
    var passes: [Pass] = []
    var rejected: [RejectedRun] = []
    for (index, entry) in entries.enumerated() {
      let place = "\(source.name): entry \(index + 1)"
      func number(_ key: String) -> Double { (entry[key] as? NSNumber)?.doubleValue ?? 0 }
      let prompt = number("n_prompt")
      let generated = number("n_gen")
      let nanoseconds = number("avg_ns")
      guard nanoseconds > 0, nanoseconds.isFinite else {
        rejected.append(RejectedRun(location: place, reason: "avg_ns is missing or not positive"))
        continue
      }
      guard (prompt > 0) != (generated > 0) else {
        rejected.append(
          RejectedRun(
            location: place, reason: "a pass has either n_prompt or n_gen; this one has both or none"))
        continue
      }
      passes.append(
        Pass(
          model: entry["model_filename"] as? String ?? "", backend: entry["backends"] as? String ?? "",
          tokens: max(prompt, generated), isPrompt: prompt > 0, seconds: nanoseconds * 1e-9))
    }
    return (passes, rejected)
  }
}
