import ArgumentParser
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
      var rows: [(entry: ReportPlan.Entry, files: [String])] = []
      for entry in plan.entries { rows.append((entry, try write(entry))) }
      try AtomicFile.write(index(plan, rows), to: "\(output)/README.md")
    }
  }

  /// One report in each of its formats; the files' names.
  private func write(_ entry: ReportPlan.Entry) throws -> [String] {
    let endings = [
      "text": "txt", "markdown": "md", "csv": "csv", "json": "json", "svg": "svg", "html": "html",
    ]
    return try entry.formats.map { format in
      let file = "\(entry.name).\(endings[format] ?? format)"
      var cited = entry.command
      if format != "text" { cited += ["--format", format] }
      var words =
        cited + [
          "--output", "\(output)/\(file)", "--invocation", (["rooftree"] + cited).joined(separator: " "),
        ]
      if format == "csv" { words.append("--cite") }
      if format == "markdown" && entry.charts { words += ["--charts", "\(output)/charts"] }
      var command = try parse(words, for: entry)
      try command.run()
      return file
    }
  }

  private func parse(_ words: [String], for entry: ReportPlan.Entry) throws -> any ParsableCommand {
    do {
      let command = try Rooftree.parseAsRoot(words)
      guard !(command is ReportCommand), !(command is Rooftree) else {
        throw InputError(
          .data, "report “\(entry.name)”: “\(entry.command.joined(separator: " "))” is no report")
      }
      return command
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(.data, "report “\(entry.name)”: \(Rooftree.message(for: error))")
    }
  }

  private func index(_ plan: ReportPlan, _ rows: [(entry: ReportPlan.Entry, files: [String])]) -> String {
    var lines = [
      "# \(plan.title)", "", "Written by `rooftree report`; each file names the command that makes it again.",
      "",
      "| report | command | files |", "|---|---|---|",
    ]
    for row in rows {
      let links = row.files.map { "[\($0)](\($0))" }.joined(separator: " ")
      lines.append(
        "| \(row.entry.name) | `rooftree \(row.entry.command.joined(separator: " "))` | \(links) |")
    }
    if !plan.others.isEmpty {
      lines += ["", "Made from more than this repository holds (each names its command):", ""]
      lines += plan.others.map { "- [\($0)](\($0))" }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
