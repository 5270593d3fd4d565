import Basics
import CostModel
import Deployment

/// What runs taught of messages, as YAML that people can read.
public enum LinksFile {
  /// First line of every file.
  public static let schema = "rooftree/links/1"

  /// Whether a file says that it is one.
  public static func isOne(_ source: SourceFile) -> Bool {
    source.text.split(separator: "\n", maxSplits: 20).contains { $0 == "schema: \(schema)" }
  }

  /// The file of what was fitted.
  public static func text(_ links: FittedLinks) -> String {
    var lines = [
      "# Fitted by rooftree calibrate: laws of messages, for each generation of links and shared by all of them; shares",
      "# are of the profile's rates in one direction. Errors are shares of the time of rows held out (of devices held out",
      "# for what is shared), the interval's factors bound 80 % of them.",
      "schema: \(schema)",
    ]
    func add<Law>(_ name: String, _ fits: [FittedLaw<Law>]) {
      guard !fits.isEmpty else { return }
      lines.append("\(name):")
      for fit in fits {
        if let topology = fit.topology {
          lines += [
            "  - topology: \(topology.rawValue)",
            "    bandwidth: \(Digits.significant(fit.bytesPerSecond / 1e9, 6)) GB/s",
          ]
        } else {
          lines.append("  - topology: any")
        }
        lines += [
          "    devices: [\(fit.devices.map(YAMLText.quoted).joined(separator: ", "))]",
          "    rows: \(fit.rows)", "    fingerprint: \(YAMLText.quoted(fit.fingerprint))",
          "    median_error: \(Digits.significant(fit.median, 3))",
          "    p90_error: \(Digits.significant(fit.ninth, 3))",
          "    interval: [\(Digits.significant(fit.low, 4)), \(Digits.significant(fit.high, 4))]",
          "    parameters:",
        ]
        lines += Law.numbers.map {
          "      \($0.name): \(Digits.significant(fit.law[keyPath: $0.path], 4))  # \($0.meaning)"
        }
      }
    }
    add("near", links.near)
    add("nodes", links.nodes)
    add("experts", links.experts)
    return lines.joined(separator: "\n") + "\n"
  }

  /// - Throws: `InputError` with the place of what is wrong.
  public static func read(_ source: SourceFile) throws(InputError) -> FittedLinks {
    var top = try YAMLFields.top(of: source)
    guard try top.string("schema") == schema else {
      throw top.missing("schema", accepted: "laws of messages begin with “schema: \(schema)”")
    }
    var links = FittedLinks()
    links.near = try fits("near", &top)
    links.nodes = try fits("nodes", &top)
    links.experts = try fits("experts", &top)
    try top.finish()
    return links
  }

  private static func fits<Law>(
    _ name: String, _ top: inout YAMLFields
  ) throws(InputError) -> [FittedLaw<Law>] {
    var list: [FittedLaw<Law>] = []
    for block in try top.blocks(name) ?? [] {
      var fields = block
      var fit = FittedLaw(Law())
      let wiring = try fields.string("topology") ?? ""
      fit.topology = FabricDomain.Topology(rawValue: wiring)
      let accepted = FabricDomain.Topology.allCases.map(\.rawValue) + ["any"]
      guard accepted.contains(wiring) else {
        throw InputError(
          .data, at: fields.location,
          "“topology” is “\(wiring)”; accepted: \(accepted.joined(separator: ", "))"
            + Suggestion.phrase(for: wiring, among: accepted))
      }
      if fit.topology != nil {
        guard let rate = try fields.quantity("bandwidth", .bytesPerSecond) else {
          throw fields.missing("bandwidth", accepted: "of a device in one direction, such as 450 GB/s")
        }
        fit.bytesPerSecond = rate
      }
      fit.devices = try fields.strings("devices") ?? []
      fit.rows = try fields.int("rows", in: 0...1_000_000_000) ?? 0
      fit.fingerprint = try fields.string("fingerprint") ?? ""
      fit.median = try fields.number("median_error", in: 0...1e6) ?? 0
      fit.ninth = try fields.number("p90_error", in: 0...1e6) ?? 0
      guard let interval = try fields.numbers("interval", in: 1e-6...1e6), interval.count == 2,
        interval[0] <= interval[1]
      else { throw fields.missing("interval", accepted: "two factors, the lower one first") }
      (fit.low, fit.high) = (interval[0], interval[1])
      guard var block = try fields.fields("parameters") else {
        throw fields.missing("parameters", accepted: "the numbers of the law")
      }
      for number in Law.numbers {
        // Rounding may step over a bound by that much.
        let bounds = number.bounds.lowerBound * 0.999...number.bounds.upperBound * 1.001
        guard let value = try block.number(number.name, in: bounds) else {
          throw block.missing(number.name, accepted: number.meaning)
        }
        fit.law[keyPath: number.path] = value
      }
      try block.finish()
      try fields.finish()
      list.append(fit)
    }
    return list
  }
}

extension Catalogue {
  /// What measured links taught.
  public static func links() throws(InputError) -> FittedLinks { try shippedLinks.get() }

  /// Read once.
  private static let shippedLinks = Result { () throws(InputError) in
    guard let file = EmbeddedFiles.links.first else { return FittedLinks() }
    return try LinksFile.read(SourceFile(name: "Calibrations/links/\(file.name).yaml", text: file.text))
  }
}
