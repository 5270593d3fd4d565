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
  @Flag(help: "Write over files that rooftree did not write, too.") var force = false

  func run() throws {
    try reporting {
      let plan = try ReportPlan.read(try SourceFile(path: plan))
      // All of it is understood before anything is written.
      let commands = try plan.entries.map(parse)
      let files = plan.entries.flatMap { entry in entry.formats.map(entry.file) } + [ReportPlan.indexFile]
      let folder = try OutputFolder(output, force: force, files: files)
      guard OutputFolder.isPlain("\(output)/charts") else {
        throw InputError(.io, "\(output)/charts: is no folder of its own; move it away")
      }
      var resolver = Resolver()
      let results = Results()
      for (entry, command) in zip(plan.entries, commands) {
        do {
          try write(entry, command, &resolver, results)
        } catch let error as InputError {
          throw InputError(error.kind, at: entry.location, "report “\(entry.name)”: \(error)")
        }
      }
      try folder.write(ReportPlan.indexFile) { try $0(plan.index(results.byName)) }
    }
  }

  /// One result in each of its formats.
  private func write(
    _ entry: ReportPlan.Entry, _ command: (any ReportingCommand)?, _ resolver: inout Resolver,
    _ results: Results
  ) throws {
    let outputs = entry.formats.map { format in
      Output(
        format: format, path: "\(output)/\(entry.file(format))", command: entry.cited(format),
        charts: entry.charts && format.linksPictures ? "\(output)/charts" : nil, cites: format == .csv,
        force: force
      ) { results.byName[entry.name, default: .init()].picture = ("charts/\($1)", $0.finding) }
    }
    switch entry.content {
    case .analysis(let request):
      let prediction = try resolver.prediction(of: request)
      results.byName[entry.name, default: .init()].figure =
        Units.seconds(prediction.latency) + (prediction.memory.fits ? "" : ", does not fit")
      try outputs.write(AnalysisReport.document(prediction))
    case .comparison(let requests):
      try outputs.write(ComparisonReport.document(try resolver.phases(of: requests)))
    case .command: try command?.report(to: outputs)
    }
  }

  /// What the index shows, gathered as reports are written.
  private final class Results {
    var byName: [String: ReportPlan.Result] = [:]
  }

  /// What is not the plan's own matrix is a command line.
  private func parse(_ entry: ReportPlan.Entry) throws(InputError) -> (any ReportingCommand)? {
    guard case .command = entry.content else { return nil }
    let words = entry.command.joined(separator: " ")
    do {
      if let command = try Rooftree.parseAsRoot(entry.command) as? any ReportingCommand { return command }
    } catch {
      throw InputError(
        .data, at: entry.location, "report “\(entry.name)”: “\(words)”: \(Rooftree.message(for: error))")
    }
    throw InputError(.data, at: entry.location, "report “\(entry.name)”: “\(words)” is no report")
  }
}
