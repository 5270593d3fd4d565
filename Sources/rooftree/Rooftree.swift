import ArgumentParser
import Basics
import Specs

@main struct Rooftree: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rooftree",
    abstract: "What a transformer costs on a device, and why.",
    discussion: """
      Examples:
        rooftree analyze llama-3-8b --on h100-sxm --phase decode --batch-size 8 --context-len 4096
        rooftree compare gpt-3-175b llama-3-70b mixtral-8x7b --on h100-sxm

      Exit status: 0 done, 1 the answer is no, 64 wrong usage, 65 bad input data, 66 no such input, 74 I/O error,
      130 interrupted. A file `-` is standard input or output.
      """,
    version: version,
    subcommands: [
      ModelsCommand.self, HardwareCommand.self, ShowCommand.self, AnalyzeCommand.self, CompareCommand.self,
      ReportCommand.self, CalibrateCommand.self,
      ValidateCommand.self,
      ProbeCommand.self,
      BenchCommand.self,
      CrosscheckCommand.self,
      AttentionCommand.self,
      ImportCommand.self,
      DiffCommand.self,
      ReferenceCommand.self, ManualCommand.self,
    ])

  /// In every report too.
  static let version = "rooftree 0.1 (commit \(Version.commit))"

  static func main() async {
    Signals.arm()
    // Swift reads them from /proc, and has none where that fails: no reason to print help and be content.
    guard let own = CommandLine.arguments.first, !own.isEmpty else {
      Terminal.complain(["rooftree: the command line could not be read"])
      _exit(InputError.Kind.io.rawValue)
    }
    do {
      try checkCommand()
      var command = try parsed()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      try reporting(Terminal.finish)
    } catch {
      end(error)
    }
  }

  /// The command that the first word names, parsed by itself: by way of this one its options are made twice. Where that
  /// fails or asks for help, what is said names the whole command line.
  private static func parsed() throws -> sending any ParsableCommand {
    let words = CommandLine.arguments.dropFirst()
    if let type = configuration.subcommands.first(where: { $0.configuration.commandName == words.first }),
      let command = try? type.parseAsRoot(Array(words.dropFirst()))
    {
      return command
    }
    return try parseAsRoot()
  }

  /// Commands that help lists.
  static var listed: [any ParsableCommand.Type] {
    configuration.subcommands.filter { $0.configuration.shouldDisplay }
  }

  /// A misspelt command is named with the nearest ones; the parser would call it an argument too many.
  private static func checkCommand() throws {
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-") else { return }
    guard !(configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]).contains(word)
    else {
      return
    }
    let names = listed.compactMap { $0.configuration.commandName } + ["help"]
    try reporting {
      throw InputError(
        .usage,
        "no command “\(word)”\(Suggestion.phrase(for: word, among: names)) (there are \(names.joined(separator: ", ")))"
      )
    }
  }

  /// Help goes to standard output, what is wrong to standard error; words of the command line are shown, not obeyed.
  private static func end(_ error: any Error) -> Never {
    let status = exitCode(for: error)
    let text = fullMessage(for: error).escaped {
      $0 != "\n" && $0.isControl ? $0.escaped(asASCII: true) : nil
    }
    guard !text.isEmpty else { exit(withError: status) }
    guard status.isSuccess else {
      Terminal.remark(text + "\n")
      exit(withError: status)
    }
    do {
      try reporting {
        try Terminal.print((Terminal.isASCII ? text.ascii : text) + "\n")
        try Terminal.finish()
      }
      exit()
    } catch {
      exit(withError: exitCode(for: error))
    }
  }
}
