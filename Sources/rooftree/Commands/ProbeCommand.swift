import ArgumentParser
import Basics
import CostModel
import Kernels
import Reporting
import Specs

struct ProbeCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Measure this machine's peaks and bandwidths, write its profile.",
    discussion: """
      Example:
        rooftree probe --output here.yaml
        rooftree analyze gpt-2 --on here.yaml --dtype fp32
        rooftree probe --save && rooftree analyze gpt-2 --on here
      """)

  @Option(help: "Threads to measure with; all cores unless given.") var threads: Int?
  @Option(help: "Seconds for each point of the bandwidth sweep.") var budget = 0.05
  @Option(help: "Write the hardware profile (YAML) to this file; so does --output FILE.yaml.")
  var profile: String?
  @Flag(help: "Keep the profile in one's own catalogue: from then on `--on here` is this machine.")
  var save = false
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    let count = threads ?? Topology.read().cores
    guard (1...256).contains(count) else {
      throw InputError(.usage, "--threads \(count): accepted: 1 to 256")
    }
    guard budget > 0, budget <= 60 else {
      throw InputError(.usage, "--budget \(budget): accepted: more than 0, up to 60 seconds")
    }
    try ReportFormat.refuse(profile, "--profile")
    let isShown = OutputFile.isStandard(profile)
    if isShown {
      try refuse(
        [("--format", output.format != nil), ("--output", OutputFile.isStandard(output.output))],
        in: "a profile on standard output")
    }
    Interruption.arm()
    let progress = Progress("probing")
    let result = Probe(threads: count, budgetSeconds: budget).run { progress.show($0) }
    progress.end()
    if Interruption.happened { try endInterrupted("half a profile is none") }
    if let profile { try OutputFile.write(HardwareWriter.yaml(result.profile), to: profile) }
    if save { try keep(result.profile) }
    let document = ProbeReport.document(result)
    for var output in outputs {
      if let path = output.path, [".yaml", ".yml"].contains(where: path.hasSuffix) {
        try OutputFile.write(HardwareWriter.yaml(result.profile), to: path)
        output.path = nil
      }
      if !isShown || output.path != nil { try output.write(document) }
    }
  }

  private func keep(_ probed: HardwareProfile) throws {
    guard let folder = OwnCatalogue.folder else {
      throw InputError(.usage, "--save: there is no home to keep it in; accepted: --catalogue FOLDER")
    }
    // The folder and those above it, made where they are not.
    for index in folder.indices.dropFirst() where folder[index] == "/" {
      mkdir(String(folder[..<index]), 0o777)
    }
    mkdir(folder, 0o777)
    var profile = probed
    profile.name = "here"
    try OutputFile.write(HardwareWriter.yaml(profile), to: folder + "/here.yaml")
  }
}
