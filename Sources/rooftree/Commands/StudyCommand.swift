import ArgumentParser
import Calibration
import Reporting
import Specs

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibration-study",
    abstract: "How well the models predict shapes they never saw: held out, learning curve, ablation.",
    discussion: """
      Example:
        rooftree calibration-study --measurements a100.csv h100.csv --on a100-sxm-80gb,h100-sxm
      """)

  @Option(parsing: .upToNextOption, help: "Files of measured runs, one a device, in the order of --on.")
  var measurements: [String]
  @Option(name: [.customLong("on"), .customLong("hardware")], help: "Devices, with commas.") var on: String
  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      let names = on.split(separator: ",").map(String.init)
      guard names.count == measurements.count, !names.isEmpty else {
        throw InputError(.usage, "\(measurements.count) files for \(names.count) devices; one file a device")
      }
      var groups: [Study.GroupResult] = []
      for (name, path) in zip(names, measurements) {
        let profile = try Catalogue.hardware(name)
        guard let device = DeviceQuantities(profile) else {
          throw InputError(
            .data, "\(profile.name) states no 16-bit peak of products; runs cannot be predicted")
        }
        let set = try RunFile.read(path, gpu: profile.name)
        groups += Study(set, device: device, prior: try CalibrationCatalogue.prior(nil, for: device)).groups
      }
      guard !groups.isEmpty else { throw InputError(.data, "no group has ten runs") }
      try output.write(StudyReport.document(groups))
    }
  }
}
