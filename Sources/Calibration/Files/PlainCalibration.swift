/// Reads calibrations as `CalibrationFile.text` writes them, line by line: ten times faster than a parser of all YAML, so
/// that a command that needs one starts as fast as one that does not.
struct PlainCalibration {
  private let bytes: [UInt8]
  /// Where the next line starts.
  private var next = 0

  /// - Returns: nil for anything else, however right: the parser then reads it, or says what is wrong.
  static func read(_ text: String) -> FittedDevice? {
    var lines = PlainCalibration(bytes: Array(text.utf8))
    while lines.value(of: "#") != nil {}
    guard lines.value(of: "schema: ").map(lines.text) == CalibrationFile.schema,
      let hardware = lines.word(of: "hardware: ")
    else { return nil }
    let startedFrom = lines.optional { $0.word(of: "started_from: ") }
    guard lines.value(of: "groups:")?.isEmpty == true else { return nil }
    var groups: [GroupFit] = []
    while lines.next < lines.bytes.count {
      guard let group = lines.group() else { return nil }
      groups.append(group)
    }
    return groups.isEmpty ? nil : FittedDevice(hardware: hardware, startedFrom: startedFrom, groups: groups)
  }

  private mutating func group() -> GroupFit? {
    guard let kernel = value(of: "  - kernel: ").map(text).flatMap(KernelClass.init),
      let framework = quoted("    framework: "), let version = quoted("    version: "),
      let format = quoted("    dtype: ")
    else { return nil }
    let cache = optional { $0.quoted("    kv_dtype: ") }
    let group = RunGroup(
      kernel, Framework(framework), version: version, format: RunFormat(spelled: format),
      cache: cache.map(RunFormat.init(spelled:)) ?? .silent)
    guard let runs = number("    runs: ", in: 0...1e9), runs == runs.rounded(),
      let fingerprint = quoted("    fingerprint: "),
      let own = number("    in_sample_mape: ", in: 0...1e9),
      let held = number("    held_out_mape: ", in: 0...1e9), let interval = interval("    interval: ")
    else { return nil }
    let other = optional { $0.interval("    interval_other: ") }
    let taught = optional { $0.interval("    taught_balance: ") }
    guard value(of: "    parameters:")?.isEmpty == true else { return nil }
    var values: [Double] = []
    for parameter in group.parameters {
      guard skip("      "), skip(parameter.name),
        let value = number(": ", in: CalibrationFile.accepted(parameter))
      else { return nil }
      values.append(value)
    }
    return GroupFit(
      group: group, parameters: values, runs: Int(runs), fingerprint: fingerprint, inSampleMAPE: own,
      heldOutMAPE: held, interval: interval, otherInterval: other ?? interval,
      taughtBalance: taught.map { $0.low...$0.high })
  }

  /// A line that may be left out; one that is there and reads otherwise stays, so that nothing behind it is found.
  private mutating func optional<Value>(_ read: (inout PlainCalibration) -> Value?) -> Value? {
    let before = next
    let value = read(&self)
    if value == nil { next = before }
    return value
  }

  /// What follows `start` on the next line, which is then behind; nil where that line starts otherwise.
  private mutating func value(of start: String) -> Range<Int>? {
    guard skip(start) else { return nil }
    let end = bytes[next...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    defer { next = min(end + 1, bytes.count) }
    return next..<end
  }

  /// - Returns: whether `start` stands here, and is then behind.
  private mutating func skip(_ start: String) -> Bool {
    guard bytes[next...].starts(with: start.utf8) else { return false }
    next += start.utf8.count
    return true
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// A name without anything that YAML would read otherwise.
  private mutating func word(of start: String) -> String? {
    value(of: start).map(text).flatMap { word in
      word.first?.isLetter == true && word != "null"
        && word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        ? word : nil
    }
  }

  private mutating func quoted(_ start: String) -> String? {
    guard skip(start), let range = value(of: "\"")?.dropLast(), range.endIndex < bytes.count,
      bytes[range.endIndex] == UInt8(ascii: "\""),
      !bytes[range].contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") })
    else { return nil }
    return text(range)
  }

  private mutating func number(_ start: String, in range: ClosedRange<Double>) -> Double? {
    value(of: start).flatMap { line in
      number(line.prefix { bytes[$0] != UInt8(ascii: " ") }, in: range)
    }
  }

  private mutating func interval(_ start: String) -> ErrorInterval? {
    guard skip(start), let line = value(of: "["), bytes[..<line.upperBound].last == UInt8(ascii: "]"),
      let comma = bytes[line].firstIndex(of: UInt8(ascii: ",")), comma + 2 < line.upperBound,
      bytes[comma + 1] == UInt8(ascii: " "),
      let low = number(line.lowerBound..<comma, in: CalibrationFile.factors),
      let high = number(comma + 2..<line.upperBound - 1, in: CalibrationFile.factors), low <= high
    else { return nil }
    return ErrorInterval(low: low, high: high)
  }

  private func number(_ place: Range<Int>, in range: ClosedRange<Double>) -> Double? {
    (short(place) ?? Double(text(place))).flatMap { range.contains($0) ? $0 : nil }
  }

  /// `1.2345e-6`, at most fifteen digits: two whole numbers that doubles hold, so that one division rounds once.
  private func short(_ place: Range<Int>) -> Double? {
    guard place.count >= 4, place.count <= 17, bytes[place.lowerBound + 1] == UInt8(ascii: "."),
      let mark = bytes[place].firstIndex(of: UInt8(ascii: "e")), mark + 1 < place.upperBound
    else { return nil }
    var digits = 0
    for at in place.lowerBound..<mark where at != place.lowerBound + 1 {
      guard let digit = Self.digit(bytes[at]) else { return nil }
      digits = digits * 10 + digit
    }
    let isNegative = bytes[mark + 1] == UInt8(ascii: "-")
    guard place.upperBound == mark + (isNegative ? 3 : 2), let last = Self.digit(bytes[place.upperBound - 1])
    else { return nil }
    let power = (isNegative ? -last : last) - (mark - place.lowerBound - 2)
    return power < 0 ? Double(digits) / Self.tens[-power] : Double(digits) * Self.tens[power]
  }

  private static func digit(_ byte: UInt8) -> Int? {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
  }

  /// Powers that a double holds exactly.
  private static let tens: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1) { value, _ in value * 10 }
  }
}
