import ArgumentParser
import Calibration
import Reporting
import Specs

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a folder of reports, with an index, from a plan.",
    discussion: """
      Example of a plan:
        title: Two models on two devices
        models: [llama-3-8b, mistral-7b]
        hardware: [h100-sxm, l4]
        workloads:
          - {name: chat, phase: decode, batch-size: 8, context-len: 4096}
        formats: [markdown, html]
        charts: true
        reports:
          - {name: anatomy, command: show mistral-7b, formats: [markdown]}

      Example:
        rooftree report PLAN.yaml --output FOLDER
      """)

  @Argument(help: "The plan, a YAML file.") var plan: String
  @Option(help: "The folder to write into; made if it is not there.") var output: String

  func run() throws {
    try reporting {
      let plan = try ReportPlan.read(try SourceFile(path: plan))
      try Folder.make(output)
      var resolver = Resolver()
      for entry in plan.entries { try write(entry, &resolver) }
      try AtomicFile.write(plan.index, to: "\(output)/README.md")
    }
  }

  /// One result in each of its formats.
  private func write(_ entry: ReportPlan.Entry, _ resolver: inout Resolver) throws {
    let outputs = entry.formats.map { format in
      Output(
        format: format, path: "\(output)/\(entry.file(format))", command: entry.cited(format),
        charts: entry.charts && format.linksPictures ? "\(output)/charts" : nil, cites: true)
    }
    switch entry.content {
    case .analysis(let request):
      try outputs.write(AnalysisReport.document(try resolver.prediction(of: request)))
    case .comparison(let requests):
      try outputs.write(ComparisonReport.document(try resolver.phases(of: requests)))
    case .command: try parse(entry).report(to: outputs)
    }
  }

  private func parse(_ entry: ReportPlan.Entry) throws -> any ReportingCommand {
    do {
      if let command = try Rooftree.parseAsRoot(entry.command) as? any ReportingCommand { return command }
    } catch {
      throw InputError(.data, "report “\(entry.name)”: \(Rooftree.message(for: error))")
    }
    throw InputError(.data, "report “\(entry.name)”: “\(entry.command.joined(separator: " "))” is no report")
  }
}
