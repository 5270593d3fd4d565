extension Catalogue {
  /// Devices whose fitted parameters are built into the executable.
  public static var calibrationNames: [String] { EmbeddedFiles.calibrations.map(\.name) }

  /// The text of a calibration by its device's name or alias, or by the path of its file.
  ///
  /// - Throws: `InputError`, 66 for a name nobody knows, with the nearest ones.
  public static func calibrationSource(_ name: String) throws(InputError) -> SourceFile {
    let isPath = name.contains("/") || [".yaml", ".yml"].contains { name.lowercased().hasSuffix($0) }
    if isPath { return try SourceFile(path: name) }
    let wanted = [folded(name), (try? hardware(name)).map { folded($0.name) } ?? ""]
    if let entry = EmbeddedFiles.calibrations.first(where: { wanted.contains(folded($0.name)) }) {
      return SourceFile(name: "Calibrations/\(entry.name).yaml", text: entry.text)
    }
    throw InputError(
      .missing,
      "no calibration called “\(name)”\(Suggestion.phrase(for: name, among: calibrationNames)); in the catalogue: "
        + (calibrationNames.isEmpty ? "none" : calibrationNames.joined(separator: ", "))
        + " (a file is named by its path)")
  }
}
