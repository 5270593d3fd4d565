import ArgumentParser
import Calibration
import CostModel
import Deployment
import Reporting
import Specs

struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", abstract: "Fit kernels' parameters to measured runs.",
    discussion: """
      Example:
        rooftree calibrate --measurements runs.csv --on h100-sxm --output h100.yaml

      Runs are CSV with a heading (kernel, framework, version, dtype, m, n, k, …, time_us), as bench writes it; tables of
      Nsight Compute, Nsight Systems, rocprof and Linux perf whose kernels or ranges are named by their shape
      (gemm m=16 n=4096 k=4096 dtype=bfloat16); or whole passes as llama-bench, llama-batched-bench and SGLang's
      bench_one_batch time them. Tables of collectives (op, hardware, gpus, bytes, time_us, …) teach the links' laws of
      messages instead; with --across what all links share too.
      """)

  @Option(parsing: .upToNextOption, help: "Files of measured runs.") var measurements: [String]
  @Option(
    name: [.customLong("on"), .customLong("hardware")],
    help: "The device that was measured; measured servers name theirs.", completion: Completion.devices)
  var on: String?
  @Option(help: "The model whose passes were measured, where the files do not say so.") var model: String?
  @Option(help: "Write the calibration (YAML) to this file.") var output: String?
  @Option(
    help: """
      A calibration to start from, parameters stay near it where runs are few: a file, a name of the catalogue, or \
      none. A device that the catalogue has no calibration of starts from its relative's.
      """)
  var prior: String?
  @Option(help: "text, markdown, csv or json, of the report on standard output.") var format: ReportFormat?

  @Option(help: "Instead of a calibration, write a study of how good the models are on held-out shapes.")
  var study: String?

  @Flag(
    help: """
      Fit what the devices of --on share, each with its file of runs: the prior, for devices that nobody measured.
      """)
  var across = false

  func run() async throws {
    try await reportingAsync {
      if let study {
        if let servers = try servers() {
          try refuse([("--across", across)] + ofOneFit, in: "a study of measured servers")
          return try writeStudy(of: servers, study)
        }
        try refuse(
          [("--output", output != nil), ("--across", across)] + ofOneFit,
          in: "--study, which fits to write a report, not a calibration")
        return try await writeStudy(study)
      }
      try ReportFormat.refuse(output, "--output")
      if OutputFile.isStandard(output) {
        try refuse([("--format", format != nil)], in: "a calibration on standard output")
      }
      if let servers = try servers() {
        try refuse([("--across", across)] + ofOneFit, in: "a fit to measured servers")
        return try fitServers(servers)
      }
      if across { try refuse([("--model", model != nil)], in: "--across") }
      let measured = try RunFiles.sources(measurements)
      if MeasuredCollectives.areCollectives(measured) {
        try refuse([("--format", format != nil), ("--model", model != nil)], in: "a fit to collectives")
        return try fitLinks(measured)
      }
      if across {
        try refuse([("--prior", prior != nil)], in: "--across")
        return try await writePrior()
      }
      let on = try named()
      let profile = try Catalogue.measuredHardware(on)
      guard let device = DeviceQuantities(profile) else {
        throw InputError(.data, "\(profile.name) has no 16-bit peak to calibrate against")
      }
      let prior =
        switch prior {
        case "none": FittedDevice?.none
        case let name?: try Calibrations.find(name, for: profile)
        case nil: try Calibrations.prior(for: profile)
        }
      let predictor = prior.flatMap { Predictor($0, on: profile) }
      var files = try RunFiles.read(measured, on: profile, of: model)
      let groups = Dictionary(grouping: files.runs, by: \.group).sorted { $0.key < $1.key }
      // A million runs stand in their groups alone.
      files.runs = []
      let progress = Progress("fitting", total: groups.count)
      var fits: [GroupFit] = []
      var refused: [String] = []
      await withTaskGroup(of: (Int, GroupFit?).self) { tasks in
        for (index, (group, runs)) in groups.enumerated() {
          let start = predictor?.fit(for: group)?.fit.parameters
          tasks.addTask { (index, GroupFitting.fit(group, runs, on: device, prior: start)) }
        }
        for await (index, fit) in tasks {
          progress.step()
          if let fit, fit.isUsable {
            fits.append(fit)
          } else if let fit {
            refused.append(
              "\(fit.group.label): a fit of its \(fit.runs) runs is \(Units.fixed(fit.inSampleMAPE, 0)) % off on them and"
                + " \(Units.fixed(fit.heldOutMAPE, 0)) % on shapes held out of it: too few kinds of shapes, or not of one"
                + " machine; accepted: up to 100 %")
          } else {
            let (group, runs) = groups[index]
            let needed = GroupFitting.fewestRuns(group, hasPrior: predictor?.fit(for: group) != nil)
            refused.append("\(group.label): \(runs.count) runs, \(needed) needed")
          }
        }
      }
      progress.end()
      guard !fits.isEmpty else {
        Terminal.complain(RejectedRows.listed(files.rejected))
        throw InputError(.data, "no group can be fitted: \(refused.sorted().joined(separator: "; "))")
      }
      let calibration = FittedDevice(
        hardware: profile.name, startedFrom: prior?.hardware, groups: fits.sorted { $0.group < $1.group })
      if let output {
        let text = CalibrationFile.text(calibration)
        // What nobody could read is not written.
        _ = try CalibrationFile.read(SourceFile(name: output, text: text))
        try OutputFile.write(text, to: output)
      }
      if OutputFile.isStandard(output) { return }
      let document = CalibrationReport.document(
        calibration, rejected: files.rejected, refused: refused.sorted())
      try Output(format: format ?? .text, path: nil, command: CommandLine.invocation).write(document)
    }
  }
}

extension CalibrateCommand {
  private var ofOneFit: [(name: String, isGiven: Bool)] {
    [("--prior", prior != nil), ("--model", model != nil), ("--format", format != nil)]
  }

  /// The device, or devices, that were measured.
  private func named() throws -> String {
    guard let on else { throw InputError(.usage, "--on is missing: the device that was measured") }
    return on
  }

  /// The files where they are tables of servers, which name their devices; with `--on` nothing is read yet.
  private func servers() throws -> [SourceFile]? {
    guard on == nil else { return nil }
    let files = try measurements.map { try SourceFile(path: $0, largestBytes: RunsReader.largestBytes) }
    return MeasuredServers.areServers(files) ? files : nil
  }

  /// What servers teach, of every engine.
  private func fitServers(_ files: [SourceFile]) throws {
    let text = ServingFile.text(try MeasuredServers.fit(files))
    if let output { try OutputFile.write(text, to: output) } else { try Terminal.print(text) }
  }

  /// What collectives teach of links: of one device where it is named, near what is known already.
  private func fitLinks(_ files: [SourceFile]) throws {
    let known: FittedLinks
    switch prior {
    case nil: known = try Catalogue.links()
    case PricingRequest.noCalibration?: known = FittedLinks()
    case let name?: known = try Calibrations.find(name).links ?? Catalogue.links()
    }
    let links = MeasuredCollectives.fit(
      files, of: try on.map { name throws(InputError) in try Catalogue.hardware(name) }, from: known,
      sharing: across)
    guard links != FittedLinks() else {
      throw InputError(.data, "no row of these files teaches anything of links")
    }
    let text = LinksFile.text(links)
    if let output { try OutputFile.write(text, to: output) } else { try Terminal.print(text) }
  }

  /// How good that is; with `--output` the fit too, of which it is.
  private func writeStudy(of servers: [SourceFile], _ path: String) throws {
    _ = try ReportFormat.named(by: path, accepts: .markdown)
    let study = try ServingStudy(servers)
    if let output { try OutputFile.write(ServingFile.text(study.fitted), to: output) }
    var document = ServingStudyReport.document(study)
    document.command = madeBy(path) + (output.map { " --output \($0)" } ?? "")
    try OutputFile.write(ReportFormat.markdown.text(of: document), to: path)
  }

  /// One file of runs per device of `--on`, in the same order; a device may stand there twice.
  private func sources() throws -> [CalibrationStudy.Source] {
    let on = try named()
    let devices = on.split(separator: ",").map(String.init)
    guard devices.count == measurements.count else {
      throw InputError(
        .usage,
        "\(devices.count) devices and \(measurements.count) files given; accepted: as many devices as files")
    }
    var sources: [CalibrationStudy.Source] = []
    for (device, file) in zip(devices, measurements) {
      let profile = try Catalogue.measuredHardware(device)
      let runs = try RunFiles.read(RunFiles.sources([file]), on: profile).runs
      if let index = sources.firstIndex(where: { $0.profile == profile }) {
        sources[index].runs += runs
      } else {
        sources.append(CalibrationStudy.Source(profile: profile, runs: runs))
      }
    }
    return sources
  }

  private func writePrior() async throws {
    let sources = try sources()
    let progress = Progress("fitting", total: PriorFitting.classes(sources).count)
    let prior = await PriorFitting.fit(sources) { progress.step() }
    progress.end()
    guard !prior.groups.isEmpty else { throw InputError(.data, "no kernel has enough runs") }
    if let output { try OutputFile.write(CalibrationFile.text(prior), to: output) }
    if OutputFile.isStandard(output) { return }
    try Output(format: format ?? .text, path: nil, command: CommandLine.invocation)
      .write(CalibrationReport.document(prior, rejected: [], refused: []))
  }

  /// The command of a study, files by their names.
  private func madeBy(_ path: String) -> String {
    "rooftree calibrate" + (on.map { " --on \($0)" } ?? "") + " --measurements "
      + measurements.map { String($0.split(separator: "/").last ?? "") }.joined(separator: " ")
      + " --study \(path)"
  }

  /// Held-out shapes of each device, and devices held out.
  private func writeStudy(_ path: String) async throws {
    _ = try ReportFormat.named(by: path, accepts: .markdown)
    let sources = try sources()
    let progress = Progress("studying", total: CalibrationStudy.steps(sources))
    let study = await CalibrationStudy(sources) { progress.step() }
    progress.end()
    var document = CalibrationStudyReport.document(study)
    document.command = madeBy(path)
    try OutputFile.write(ReportFormat.markdown.text(of: document), to: path)
  }
}
