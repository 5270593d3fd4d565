/// Writes a calibration as YAML: the same calibration, the same bytes.
public enum CalibrationWriter {
  public static func text(_ calibration: Calibration) -> String {
    var lines = [
      "# Fitted by rooftree calibrate. Times are predicted from these parameters and the device's profile alone.",
      "schema: rooftree/calibration/1",
      "device: \(quoted(calibration.device))",
      "fingerprint: \(quoted(calibration.fingerprint))",
      "runs: \(calibration.runs)",
      "rejected: \(calibration.rejected)",
    ]
    if let prior = calibration.prior { lines.append("prior: \(quoted(prior))") }
    lines.append("groups:")
    for group in calibration.groups.sorted(by: { $0.key < $1.key }) { lines += block(group) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func block(_ group: GroupCalibration) -> [String] {
    let key = group.key
    var lines = [
      "  - kernel: \(key.kernel.rawValue)",
      "    gpu: \(quoted(key.gpu))",
      "    framework: \(quoted(key.framework))",
      "    version: \(quoted(key.version))",
      "    dtype: \(key.format.rawValue)",
      "    kv_dtype: \(quoted(key.cacheFormat))",
      "    origin: \(group.origin.rawValue)",
      "    runs: \(group.runs)",
      "    families: \(group.families)",
      "    in_sample: \(errors(group.inSample))",
      "    held_out: \(errors(group.heldOut))",
      "    # logarithm of measured over predicted at 10 % and 90 % of held-out runs",
      "    interval: [\(group.low), \(group.high)]",
      "    parameters:",
    ]
    for (parameter, value) in zip(group.model.parameters, group.parameters) {
      lines.append(
        "      \(parameter.name): \(value)  # \(parameter.meaning); \(parameter.lower) to \(parameter.upper)")
    }
    return lines
  }

  private static func errors(_ e: ErrorSummary) -> String {
    func two(_ value: Double) -> String { value.isFinite ? "\((value * 100).rounded() / 100)" : "null" }
    return "{mape: \(two(e.mape)), median_ape: \(two(e.median)), p90_ape: \(two(e.p90)),"
      + " geometric_mean_ratio: \(e.geometricMeanRatio.isFinite ? "\((e.geometricMeanRatio * 1e4).rounded() / 1e4)" : "null")}"
  }

  /// Double-quoted with what YAML needs escaped.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case _ where scalar.value < 32 || scalar.value == 127:
        out += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
