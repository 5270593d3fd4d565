import Calibration
import CostModel
import Import
import Reporting
import Specs

/// Measured runs of several files, and what was left out.
enum RunFiles {
  /// Each read once, since a pipe can't be read again.
  static func sources(_ paths: [String]) throws -> [SourceFile] {
    try paths.map { try SourceFile(path: $0, largestBytes: RunsReader.largestBytes) }
  }

  /// - Parameters:
  ///   - model: of whose passes the files are, where they do not say so.
  ///   - asTheyAre: runs faster than the data sheet allows are kept, to be judged by their bound.
  static func read(
    _ sources: [SourceFile], on profile: HardwareProfile, of model: String? = nil, asTheyAre: Bool = false
  ) throws -> (runs: [Run], rejected: [String]) {
    let device = DeviceQuantities(profile)
    let isCatalogued = Catalogue.hardwareNames.contains(profile.name)
    let model = try model.map { try ModelFiles.find($0) }
    // Catalogue names of what the runs call their device; what the catalogue does not know is taken for this one.
    var names: [String: String] = [:]
    // Where each run of the files before stands.
    var known: [Run: String] = [:]

    func objection(to run: Run) -> String? {
      if let place = known[run.withoutPlace] { return "the same run stands in \(place)" }
      if run.isOnHost != profile.isProcessor, run.isOnHost || !run.gpu.isEmpty,
        run.group.kernel == .forwardPass
      {
        return "measured on \(run.isOnHost ? "the processor" : "an accelerator"), not on \(profile.name)"
      }
      if isCatalogued {
        let name = names[run.gpu] ?? Catalogue.measuredName(run.gpu) ?? profile.name
        names[run.gpu] = name
        if name != profile.name { return "measured on \(name), not on \(profile.name)" }
      }
      if !asTheyAre, let device, !Baseline.isPossible(run, on: device) {
        return "\(Units.seconds(run.seconds)) is faster than the data sheet allows"
          + " (\(Units.seconds(Baseline.roofline(run.group, run.shape, on: device))))"
      }
      return nil
    }

    var runs: [Run] = []
    var rejected: [String] = []
    for source in sources {
      var file = try RunsReader.read(source, of: model)
      rejected += file.rejected.map { "\($0)" }
      file.runs.removeAll { run in
        guard let reason = objection(to: run) else { return false }
        rejected.append("\(run.file):\(run.line):1: \(reason)")
        return true
      }
      if sources.count > 1 {
        for run in file.runs { known[run.withoutPlace] = "\(run.file):\(run.line)" }
      }
      // A million runs are not copied where they are alone.
      if runs.isEmpty { runs = file.runs } else { runs += file.runs }
    }
    guard !runs.isEmpty else {
      Terminal.complain(RejectedRows.listed(rejected))
      throw InputError(.data, "no usable run in \(sources.map(\.name).joined(separator: ", "))")
    }
    if model != nil, !runs.contains(where: { $0.group.kernel == .forwardPass }) {
      try refuse([("--model", true)], in: "runs of kernels; it is for passes of a whole model")
    }
    return (runs, rejected)
  }
}
