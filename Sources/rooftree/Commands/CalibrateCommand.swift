import ArgumentParser
import Calibration
import CostModel
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
      bench_one_batch time them.
      """)

  @Option(parsing: .upToNextOption, help: "Files of measured runs.") var measurements: [String]
  @Option(
    name: [.customLong("on"), .customLong("hardware")],
    help: "The device that was measured; measured servers name theirs.")
  var on: String?
  @Option(help: "The model whose passes were measured, where the files do not say so.") var model: String?
  @Option(help: "Write the calibration (YAML) to this file.") var output: String?
  @Option(
    help: """
      A calibration to start from, parameters stay near it where runs are few: a file, a name of the catalogue, or \
      none. A device that the catalogue has no calibration of starts from its relative's.
      """)
  var prior: String?
  @Option(help: "text, markdown, csv or json, of the report on standard output.") var format: ReportFormat =
    .text

  @Option(help: "Instead of a calibration, write a study of how good the models are on held-out shapes.")
  var study: String?

  func run() async throws {
    try await reportingAsync {
      let sources = try measurements.map { try SourceFile(path: $0, largestBytes: RunsReader.largestBytes) }
      if MeasuredServers.areServers(sources) { return try fitServers(sources) }
      guard let on else { throw InputError(.usage, "--on is missing: the device that was measured") }
      if let study { return try await writeStudy(study, on) }
      let profile = try Catalogue.hardware(on)
      guard let device = DeviceQuantities(profile) else {
        throw InputError(.data, "\(profile.name) has no 16-bit peak to calibrate against")
      }
      let prior =
        switch prior {
        case "none": FittedDevice?.none
        case let name?: try Calibrations.find(name)
        case nil: try Calibrations.prior(for: profile)
        }
      let predictor = prior.flatMap { Predictor($0, on: profile) }
      let files = try RunFiles.read(measurements, on: profile, of: model)
      let groups = Dictionary(grouping: files.runs, by: \.group).sorted { $0.key < $1.key }
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
      if let output { try AtomicFile.write(CalibrationFile.text(calibration), to: output) }
      let document = CalibrationReport.document(
        calibration, rejected: files.rejected, refused: refused.sorted())
      var look = ReportFormat.Look()
      look.width = Terminal.columns
      try format.render(document, look, to: Terminal.print)
    }
  }
}

extension CalibrateCommand {
  /// What servers teach: a file of every engine's numbers, or the study of how good they are.
  private func fitServers(_ files: [SourceFile]) throws {
    if let study {
      let document = ServingStudyReport.document(try ServingStudy(files))
      return try AtomicFile.write(try ReportFormat.markdown.text(of: document), to: study)
    }
    let text = ServingFile.text(try MeasuredServers.fit(files))
    if let output { try AtomicFile.write(text, to: output) } else { try Terminal.print(text) }
  }

  /// One file of runs per device of `--on`, in the same order.
  private func writeStudy(_ path: String, _ on: String) async throws {
    let devices = on.split(separator: ",").map(String.init)
    guard devices.count == measurements.count else {
      throw InputError(
        .usage, "--study takes as many devices as files: \(devices.count) and \(measurements.count) given")
    }
    let sources = try zip(devices, measurements).map { device, file in
      let profile = try Catalogue.hardware(device)
      return CalibrationStudy.Source(profile: profile, runs: try RunFiles.read([file], on: profile).runs)
    }
    let progress = Progress("studying", total: CalibrationStudy.steps(sources))
    let study = await CalibrationStudy(sources) { progress.step() }
    progress.end()
    var document = CalibrationStudyReport.document(study)
    document.command =
      "rooftree calibrate --on \(on) --measurements "
      + measurements.map { String($0.split(separator: "/").last ?? "") }.joined(separator: " ")
      + " --study \(path)"
    try AtomicFile.write(ReportFormat.markdown.text(of: document), to: path)
  }
}
