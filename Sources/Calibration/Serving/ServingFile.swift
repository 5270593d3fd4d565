import Specs

/// What servers taught, as YAML that people can read.
public enum ServingFile {
  /// First line of every file.
  public static let schema = "rooftree/serving/1"

  /// How many numbers a file holds.
  public static var parameterCount: Int { ServingFit.table.count }

  /// The shipped fit.
  public static func shipped() throws(InputError) -> FittedServing {
    try read(Catalogue.serverFit)
  }

  /// The file of a fit.
  public static func text(_ fitted: FittedServing) -> String {
    func interval(_ interval: ErrorInterval) -> String {
      "[\(CalibrationFile.rounded(interval.low, 4)), \(CalibrationFile.rounded(interval.high, 4))]"
    }
    var lines = [
      "# Fitted by rooftree calibrate to measured servers: \(ServingFit.table.count) numbers, none by model. Intervals: 80 % of",
      "# the rows of models that were left out.",
      "schema: \(schema)", "rows: \(fitted.rows)", "fingerprint: \(YAMLText.quoted(fitted.fingerprint))",
      "interval_per_token: \(interval(fitted.perToken))",
      "interval_throughput: \(interval(fitted.throughput))", "intervals_to_first:",
    ]
    lines += fitted.toFirst.sorted { $0.key < $1.key }.map { "  \($0.key): \(interval($0.value))" }
    lines.append("kinds:")
    lines += fitted.kinds.sorted().map { "  - \(YAMLText.quoted($0))" }
    lines.append("parameters:")
    lines += zip(ServingFit.parameters, fitted.fit.values).map {
      "  \($0.name): \(CalibrationFile.rounded($1, 4))  # \($0.meaning)"
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// - Throws: `InputError` with the place of what is wrong.
  public static func read(_ source: SourceFile) throws(InputError) -> FittedServing {
    try YAMLFields.reading(source, .servingFit, fit)
  }

  private static func fit(_ top: inout YAMLFields) throws(InputError) -> FittedServing {
    guard try top.string("schema") == schema else {
      throw top.missing("schema", accepted: "a fit of servers begins with “schema: \(schema)”")
    }
    let rows = try top.int("rows", in: 0...1_000_000_000) ?? 0
    let fingerprint = try top.string("fingerprint") ?? ""
    guard let perToken = try interval("interval_per_token", &top) else {
      throw top.missing("interval_per_token", accepted: "two factors, the lower one first")
    }
    guard let throughput = try interval("interval_throughput", &top) else {
      throw top.missing("interval_throughput", accepted: "two factors, the lower one first")
    }
    var toFirst: [String: ErrorInterval] = [:]
    if var block = try top.fields("intervals_to_first", .servingIntervals) {
      for key in block.keys { toFirst[key] = try interval(key, &block) }
      try block.finish()
    }
    let kinds = Set(try top.strings("kinds") ?? [])
    guard var block = try top.fields("parameters", .servingParameters) else {
      throw top.missing("parameters", accepted: "the numbers of serving")
    }
    var values: [Double] = []
    for parameter in ServingFit.parameters {
      guard let value = try block.number(parameter.name, in: CalibrationFile.accepted(parameter)) else {
        throw block.missing(parameter.name, accepted: parameter.meaning)
      }
      values.append(value)
    }
    try block.finish()
    return FittedServing(
      fit: ServingFit(values), rows: rows, fingerprint: fingerprint, perToken: perToken,
      throughput: throughput, toFirst: toFirst,
      kinds: kinds)
  }

  private static func interval(_ name: String, _ fields: inout YAMLFields) throws(InputError)
    -> ErrorInterval?
  {
    guard let bounds = try fields.numbers(name, in: 1e-6...1e6), bounds.count == 2, bounds[0] <= bounds[1]
    else {
      return nil
    }
    return ErrorInterval(low: bounds[0], high: bounds[1])
  }
}

extension Block {
  /// The whole file.
  package static let servingFit = Block(
    "serving", "What measured servers taught; written by `rooftree calibrate`.",
    [
      Key("schema", "`\(ServingFile.schema)`.", else: nil), Key("rows", "Measured servers.", else: "0"),
      Key("fingerprint", "Of those rows, to know them again.", else: "not known"),
      Key("interval_per_token", "Two factors: 80 % of times per token lie between.", else: nil),
      Key("interval_throughput", "The same of tokens a second, all requests given at once.", else: nil),
      Key("intervals_to_first", "The same of the first token, by engine.", else: "none"),
      Key("kinds", "Servers that were seen; others are extrapolated.", else: "none"),
      Key("parameters", "The fitted numbers.", else: nil),
    ])

  static let servingIntervals = Block(
    "intervals_to_first", "Two factors for each engine.",
    names: Key("ENGINE", "80 % of its times to first token lie between.", else: "none"))

  static let servingParameters = Block(
    "serving parameters", "Each with its meaning, in the list below.",
    names: Key("PARAMETER", "As listed below.", else: nil))
}
