import ArgumentParser
import Import
import Reporting
import Specs

struct DiffCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What changed between two results, the largest effect first.",
    discussion: """
      Example:
        rooftree analyze llama-3-8b --on h100-sxm --output old.json
        rooftree analyze llama-3-8b --on h100-sxm --dtype fp8 --output new.json
        rooftree diff old.json new.json
      """)

  @Argument(help: "A result as JSON.") var old: String
  @Argument(help: "Another of the same command.") var new: String
  @Flag(help: "Figures that changed by less than half a percent too.") var all = false
  @OptionGroup(title: "Output") var output: OutputOptions

  /// Results of a design space are long.
  private static let largestBytes = 1 << 28

  func report(to outputs: [Output]) throws {
    let (a, b) = (try read(old), try read(new))
    guard a["schema"]?.string == b["schema"]?.string else {
      throw InputError(
        .data,
        "\(new) is a \(b["schema"]?.string ?? "?"), \(old) a \(a["schema"]?.string ?? "?"); accepted: two results of one command"
      )
    }
    try outputs.write(DiffReport.document(a, b, names: (old, new), all: all))
  }

  private func read(_ path: String) throws(InputError) -> JSONNode {
    let result = try JSONNode.read(try SourceFile(path: path, largestBytes: Self.largestBytes))
    guard result["schema"]?.string?.hasPrefix("rooftree/") == true else {
      throw InputError(.data, "\(path): is no result of rooftree (--format json)")
    }
    return result
  }
}
