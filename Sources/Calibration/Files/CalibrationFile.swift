import Basics
import CostModel
import Specs

/// Calibrations as YAML that people can read, compare and publish.
public enum CalibrationFile {
  /// First line of every file.
  public static let schema = "rooftree/calibration/1"

  /// The file of a calibration.
  public static func text(_ calibration: FittedDevice) -> String {
    var lines = [
      "# Fitted by rooftree calibrate: parameters of kernels with their physical meaning; efficiencies are shares",
      "# of the profile's figures. Errors are in percent; the interval's factors bound 80 % of held-out runs of shapes",
      "# that language models have, interval_other's of all others.",
    ]
    if calibration.isPrior {
      lines += [
        "# These are shared by all devices, latencies at 1.83 GHz; a version is the vendor whose libraries ran, a",
        "# framework without a name any other. Their interval bounds 80 % of the runs of devices held out, each weighing",
        "# alike; taught_balance is the range of those devices' FLOPs for a byte.",
      ]
    }
    lines += ["schema: \(schema)", "hardware: \(word(calibration.hardware))"]
    if let startedFrom = calibration.startedFrom { lines.append("started_from: \(word(startedFrom))") }
    lines.append("groups:")
    for fit in calibration.groups.sorted(by: { $0.group < $1.group }) {
      let group = fit.group
      lines += [
        "  - kernel: \(group.kernel.rawValue)", "    framework: \(quoted(group.framework.name))",
        "    version: \(quoted(group.version))", "    dtype: \(quoted(group.format.spelling))",
      ]
      if group.cache != .silent { lines.append("    kv_dtype: \(quoted(group.cache.spelling))") }
      lines += [
        "    runs: \(fit.runs)", "    fingerprint: \(quoted(fit.fingerprint))",
        "    in_sample_mape: \(rounded(fit.inSampleMAPE, 3))",
        "    held_out_mape: \(rounded(fit.heldOutMAPE, 3))",
        "    interval: \(text(fit.interval))",
      ]
      if fit.otherInterval != fit.interval { lines.append("    interval_other: \(text(fit.otherInterval))") }
      if let taught = fit.taughtBalance {
        lines.append(
          "    taught_balance: [\(rounded(taught.lowerBound, 4)), \(rounded(taught.upperBound, 4))]")
      }
      lines.append("    parameters:")
      for (parameter, value) in fit.named {
        lines.append("      \(parameter.name): \(rounded(value, 5))  # \(parameter.meaning)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(_ interval: ErrorInterval) -> String {
    "[\(rounded(interval.low, 4)), \(rounded(interval.high, 4))]"
  }

  /// A device's name, in quotes where YAML would read something else.
  private static func word(_ name: String) -> String {
    let isPlain = name.utf8.first.map { ("a"..."z").contains(Character(UnicodeScalar($0))) } == true
    return isPlain && name != "null"
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-")
      }
      ? name : quoted(name)
  }

  private static func quoted(_ text: String) -> String { YAMLText.quoted(text) }

  /// Significant digits, so that files of the same fit are equal byte for byte across machines.
  static func rounded(_ value: Double, _ digits: Int) -> String {
    // Smaller ones have too few digits to scale.
    guard value.isFinite, abs(value) > 1e-290 else { return "0" }
    var exponent = Int(log10Floor(abs(value)))
    var digitsOnly = String(Int64((abs(value) * power(10, Double(digits - 1 - exponent))).rounded()))
    if digitsOnly.count > digits {
      exponent += 1
      digitsOnly.removeLast()
    }
    let tail = digitsOnly.dropFirst()
    return "\(value < 0 ? "-" : "")\(digitsOnly.prefix(1)).\(tail)e\(exponent)"
  }

  private static func log10Floor(_ x: Double) -> Double {
    (logarithm(x) / logarithm(10) + 1e-12).rounded(.down)
  }

  /// - Throws: `InputError` with the place of what is wrong.
  public static func read(_ source: SourceFile) throws(InputError) -> FittedDevice {
    if LinksFile.isOne(source) {
      let links = try Catalogue.links().behind(try LinksFile.read(source))
      return FittedDevice(hardware: "", groups: [], links: links)
    }
    if let plain = PlainCalibration.read(source.text) { return plain }
    return try parsed(source)
  }

  /// Any YAML of the same meaning.
  package static func parsed(_ source: SourceFile) throws(InputError) -> FittedDevice {
    try YAMLFields.reading(source, .calibration, device)
  }

  private static func device(_ top: inout YAMLFields) throws(InputError) -> FittedDevice {
    guard try top.string("schema") == schema else {
      throw top.missing("schema", accepted: "a calibration begins with “schema: \(schema)”")
    }
    guard let hardware = try top.string("hardware") else {
      throw top.missing("hardware", accepted: "the device that was measured")
    }
    let startedFrom = try top.string("started_from")
    var groups: [GroupFit] = []
    for block in try top.blocks("groups", .calibrationGroup) ?? [] {
      var fields = block
      groups.append(try group(&fields))
      try fields.finish()
    }
    guard !groups.isEmpty else { throw top.missing("groups", accepted: "at least one group") }
    return FittedDevice(hardware: hardware, startedFrom: startedFrom, groups: groups)
  }

  private static func group(_ fields: inout YAMLFields) throws(InputError) -> GroupFit {
    guard let kernel = try fields.choice("kernel", KernelClass.self) else {
      throw fields.missing("kernel", accepted: "the class of kernel that was measured")
    }
    let group = RunGroup(
      kernel, Framework(try fields.string("framework") ?? ""), version: try fields.string("version") ?? "",
      format: RunFormat(spelled: try fields.string("dtype") ?? ""),
      cache: RunFormat(spelled: try fields.string("kv_dtype") ?? ""))
    let runs = try fields.int("runs", in: 0...1_000_000_000) ?? 0
    let fingerprint = try fields.string("fingerprint") ?? ""
    let own = try fields.number("in_sample_mape", in: 0...1e9) ?? 0
    let held = try fields.number("held_out_mape", in: 0...1e9) ?? 0
    guard let interval = try interval("interval", &fields) else {
      throw fields.missing("interval", accepted: twoFactors)
    }
    let other = try self.interval("interval_other", &fields) ?? interval
    let taught = try self.interval("taught_balance", &fields)
    guard var block = try fields.fields("parameters", .kernelParameters) else {
      throw fields.missing("parameters", accepted: "the parameters of \(kernel.rawValue)")
    }
    var values: [Double] = []
    for parameter in group.parameters {
      guard let value = try block.number(parameter.name, in: accepted(parameter)) else {
        throw block.missing(parameter.name, accepted: parameter.meaning)
      }
      values.append(value)
    }
    try block.finish()
    return GroupFit(
      group: group, parameters: values, runs: runs, fingerprint: fingerprint, inSampleMAPE: own,
      heldOutMAPE: held, interval: interval, otherInterval: other,
      taughtBalance: taught.map { $0.low...$0.high })
  }

  /// Rounding to five digits may step over a bound by that much.
  static func accepted(_ parameter: Parameter) -> ClosedRange<Double> {
    parameter.low * 0.999...parameter.high * 1.001
  }

  /// Of an interval.
  static let factors = 1e-6...1e6
  private static let twoFactors = "two factors, the lower one first"

  private static func interval(
    _ name: String, _ fields: inout YAMLFields
  ) throws(InputError) -> ErrorInterval? {
    guard let bounds = try fields.numbers(name, in: factors) else { return nil }
    guard bounds.count == 2, bounds[0] <= bounds[1] else {
      throw fields.missing(name, accepted: twoFactors)
    }
    return ErrorInterval(low: bounds[0], high: bounds[1])
  }
}

extension Block {
  /// The whole file.
  package static let calibration = Block(
    "calibration", "What `rooftree calibrate` writes: fitted parameters of kernels on one device.",
    [
      Key("schema", "`\(CalibrationFile.schema)`.", else: nil),
      Key("hardware", "The device that was measured.", else: nil),
      Key("started_from", "The calibration whose parameters a few runs were added to.", else: "none"),
      Key("groups", "A fit for each kernel, framework, version and format.", else: nil),
    ])

  static let calibrationGroup = Block(
    "groups", "The fit of one group of runs.",
    [
      Key("kernel", "The class of kernel.", else: nil),
      Key("framework", "Whose kernels; empty: any.", else: "any"),
      Key("version", "Of the framework; in a prior the vendor.", else: "any"),
      Key("dtype", "Number format of the products.", else: "not stated"),
      Key("kv_dtype", "Number format of the cache.", else: "not stated"),
      Key("runs", "How many taught it.", else: "0"),
      Key("fingerprint", "Of those runs, to know them again.", else: "not known"),
      Key("in_sample_mape", "Mean error over them, percent.", else: "0"),
      Key("held_out_mape", "Mean error over families held out, percent.", else: "0"),
      Key("interval", "Two factors of the expected time: 80 % of held-out runs lie between.", else: nil),
      Key("interval_other", "The same, of shapes that language models don't have.", else: "`interval`"),
      Key("taught_balance", "In a prior: the range of FLOPs for a byte of its devices.", else: "any device"),
      Key("parameters", "The numbers; each class has its own.", else: nil),
    ])

  static let kernelParameters = Block(
    "parameters", "Parameters with a physical meaning, by class of kernel.",
    names: Key("PARAMETER", "As listed by class below.", else: nil))
}
