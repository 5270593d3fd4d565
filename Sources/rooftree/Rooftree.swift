import ArgumentParser

@main struct Rooftree: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rooftree",
    abstract: "What a transformer costs on a device, and why.",
    discussion: """
      Examples:
        rooftree analyze llama-3-8b --on h100-sxm --phase decode --batch-size 8 --context-len 4096
        rooftree compare gpt-3-175b llama-3-70b mixtral-8x7b --on h100-sxm

      Exit status: 0 done, 1 the answer is no, 64 wrong usage, 65 bad input data, 66 no such input, 74 I/O error.
      """,
    subcommands: [
      ModelsCommand.self, HardwareCommand.self, ShowCommand.self, AnalyzeCommand.self, CompareCommand.self,
      ReportCommand.self, CalibrateCommand.self,
      ValidateCommand.self,
      ProbeCommand.self,
      BenchCommand.self,
      CrosscheckCommand.self,
      AttentionCommand.self,
      ImportCommand.self,
    ])
}
