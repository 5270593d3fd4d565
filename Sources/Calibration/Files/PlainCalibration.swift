/// Reads calibrations as `CalibrationFile.text` writes them, line by line: ten times faster than a parser of all YAML, so
/// that a command that needs one starts as fast as one that does not.
struct PlainCalibration {
  private var rest: Substring.UTF8View

  /// - Returns: nil for anything else, however right: the parser then reads it, or says what is wrong.
  static func read(_ text: String) -> FittedDevice? {
    var lines = PlainCalibration(rest: Substring(text).utf8)
    while lines.value(of: "#") != nil {}
    guard lines.value(of: "schema: ") == CalibrationFile.schema, let hardware = lines.word(of: "hardware: ")
    else { return nil }
    let startedFrom = lines.word(of: "started_from: ")
    guard lines.value(of: "groups:") == "" else { return nil }
    var groups: [GroupFit] = []
    while !lines.rest.isEmpty {
      guard let group = lines.group() else { return nil }
      groups.append(group)
    }
    return groups.isEmpty ? nil : FittedDevice(hardware: hardware, startedFrom: startedFrom, groups: groups)
  }

  private mutating func group() -> GroupFit? {
    guard let kernel = value(of: "  - kernel: ").flatMap(KernelClass.init),
      let framework = quoted("    framework: "), let version = quoted("    version: "),
      let format = quoted("    dtype: ")
    else { return nil }
    let cache = quoted("    kv_dtype: ")
    let group = RunGroup(
      kernel, Framework(framework), version: version, format: RunFormat(spelled: format),
      cache: cache.map(RunFormat.init(spelled:)) ?? .silent)
    guard let runs = number("    runs: ", in: 0...1e9), runs == runs.rounded(),
      let fingerprint = quoted("    fingerprint: "),
      let own = number("    in_sample_mape: ", in: 0...1e9),
      let held = number("    held_out_mape: ", in: 0...1e9), let interval = interval("    interval: ")
    else { return nil }
    let other = self.interval("    interval_other: ")
    let taught = self.interval("    taught_balance: ")
    guard value(of: "    parameters:") == "" else { return nil }
    var values: [Double] = []
    for parameter in group.parameters {
      guard let value = number("      \(parameter.name): ", in: CalibrationFile.accepted(parameter)) else {
        return nil
      }
      values.append(value)
    }
    return GroupFit(
      group: group, parameters: values, runs: Int(runs), fingerprint: fingerprint, inSampleMAPE: own,
      heldOutMAPE: held, interval: interval, otherInterval: other ?? interval,
      taughtBalance: taught.map { $0.low...$0.high })
  }

  /// What follows `start` on the next line, which is then behind; nil where that line starts otherwise.
  private mutating func value(of start: String) -> String? {
    guard rest.starts(with: start.utf8) else { return nil }
    let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
    let value = rest[rest.index(rest.startIndex, offsetBy: start.utf8.count)..<end]
    rest = end == rest.endIndex ? rest[end...] : rest[rest.index(after: end)...]
    return String(Substring(value))
  }

  /// A name without anything that YAML would read otherwise.
  private mutating func word(of start: String) -> String? {
    value(of: start).flatMap { word in
      word.first?.isLetter == true && word != "null"
        && word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        ? word : nil
    }
  }

  private mutating func quoted(_ start: String) -> String? {
    value(of: start + "\"").flatMap { text in
      text.last == "\"" && !text.dropLast().contains { $0 == "\"" || $0 == "\\" }
        ? String(text.dropLast()) : nil
    }
  }

  private mutating func number(_ start: String, in range: ClosedRange<Double>) -> Double? {
    value(of: start).flatMap { text in Self.number(text.prefix { $0 != " " }, in: range) }
  }

  private mutating func interval(_ start: String) -> ErrorInterval? {
    value(of: start + "[").flatMap { text in
      let bounds = text.split(separator: ", ", omittingEmptySubsequences: false)
      guard bounds.count == 2, text.last == "]",
        let low = Self.number(bounds[0], in: CalibrationFile.factors),
        let high = Self.number(bounds[1].dropLast(), in: CalibrationFile.factors), low <= high
      else { return nil }
      return ErrorInterval(low: low, high: high)
    }
  }

  private static func number(_ text: Substring, in range: ClosedRange<Double>) -> Double? {
    Double(text).flatMap { range.contains($0) ? $0 : nil }
  }
}
