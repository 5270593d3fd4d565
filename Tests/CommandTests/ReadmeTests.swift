import Foundation
import Testing

/// What the README prints below its commands is what they print. After a wanted change:
/// `ROOFTREE_REWRITE_GOLDENS=1 swift test --filter ReadmeTests`.
@Suite(.serialized) struct ReadmeTests {
  private static let file = Tool.root.appending(path: "README.md")

  @Test func commandsPrintWhatStandsBelowThem() throws {
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    var made: [String] = []
    var isInside = false
    var commands = 0
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") { isInside = line == "```console" }
      // Output stands anew below its command.
      guard !isInside || line.hasPrefix("```") || line.hasPrefix("$ ") else { continue }
      made.append(line)
      guard isInside, line.hasPrefix("$ rooftree ") else { continue }
      commands += 1
      let outcome = try Tool.shell(
        "set -o pipefail; export COLUMNS=100 LC_ALL=C.UTF-8; \"$TOOL\" \(line.dropFirst("$ rooftree ".count))",
        in: Tool.root)
      // `head` may end the command before its end.
      #expect([0, 141].contains(outcome.status), "\(line): \(outcome.errors)")
      made += Tool.withoutCommit(outcome.output).split(separator: "\n", omittingEmptySubsequences: false)
        .dropLast().map(
          String.init)
    }
    #expect(commands >= 7)
    let result = made.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["ROOFTREE_REWRITE_GOLDENS"] == "1" {
      return try result.write(to: Self.file, atomically: true, encoding: .utf8)
    }
    #expect(result == text, "README.md: ROOFTREE_REWRITE_GOLDENS=1 swift test --filter ReadmeTests")
  }

  /// Its table of errors is that of the study, column by column. After a new study: as above.
  @Test func errorsAreTheStudys() throws {
    func cells(_ line: String) -> [String] {
      line.split(separator: "|").map {
        $0.replacingOccurrences(of: "**", with: "").trimmingCharacters(in: .whitespaces)
      }
    }
    let study = try String(contentsOf: Tool.root.appending(path: "Reports/calibration.md"), encoding: .utf8)
    let table = study.components(separatedBy: "\n").drop { !$0.hasPrefix("| kernel") }.prefix {
      $0.hasPrefix("|")
    }
    .map(cells)
    let heading = try #require(table.first)
    let columns = try ["kernel", "roofline", "three scalars", "model", "in 80 % interval"].map {
      try #require(heading.firstIndex(of: $0))
    }
    let rows = table.dropFirst(2).map { row in columns.map { row[$0] } }
    #expect(rows.count >= 10)
    let made = rows.map { "| \($0[0]) | \($0[1]) | \($0[2]) | **\($0[3])** | \($0[4]) |" }
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    var lines = text.components(separatedBy: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix("| kernel | roofline") }) + 2
    let end = try #require(lines[start...].firstIndex { !$0.hasPrefix("|") })
    if ProcessInfo.processInfo.environment["ROOFTREE_REWRITE_GOLDENS"] == "1" {
      lines.replaceSubrange(start..<end, with: made)
      return try lines.joined(separator: "\n").write(to: Self.file, atomically: true, encoding: .utf8)
    }
    #expect(
      Array(lines[start..<end]) == made,
      "README.md: ROOFTREE_REWRITE_GOLDENS=1 swift test --filter ReadmeTests")
    // The headline above it: all but the worst, and the worst.
    let errors = rows.compactMap { Double($0[3].dropLast(2)) }.sorted()
    let (low, high) = (errors[0].rounded(), errors[errors.count - 2].rounded())
    let worst = errors[errors.count - 1].rounded()
    #expect(
      text.contains("Mean errors of \(Int(low)) to \(Int(high)) %") && text.contains("of \(Int(worst)) %)"))
  }

  /// The first screen holds a picture, and links lead somewhere.
  @Test func linksLeadSomewhere() throws {
    for name in ["README.md", "CONTRIBUTING.md", "Documentation/README.md"] {
      let file = Tool.root.appending(path: name)
      for match in try String(contentsOf: file, encoding: .utf8).matches(of: /\]\(([^)#:]+)\)/) {
        let target = file.deletingLastPathComponent().appending(path: String(match.1))
        #expect(FileManager.default.fileExists(atPath: target.path), "\(name): \(match.1)")
      }
    }
  }

  @Test func manualNamesEveryCommand() throws {
    let page = try Tool.run("manual").output
    let help = try Tool.run("--help").output
    let commands = help.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
      .prefix { $0.hasPrefix("  ") }.filter { !$0.hasPrefix("   ") && !$0.hasPrefix("  See ") }.compactMap {
        $0.split(separator: " ").first
      }
    #expect(commands.count >= 10)
    for command in commands { #expect(page.contains("\n.SS \(command)\n"), "\(command)") }
    #expect(page.hasPrefix(".TH ROOFTREE 1"))
  }

  /// As the generated scripts ask: names of the catalogue, several devices behind commas, files.
  @Test(arguments: [
    ("analyze", "model", "lla", "llama-3-8b"), ("analyze", "--on", "h100-sxm,l", "h100-sxm,l4"),
    ("show", "model", "Documentation/examples/model-d", "Documentation/examples/model-dense.yaml"),
  ])
  func completionOffersNames(command: String, argument: String, word: String, offered: String) throws {
    let script = try Tool.run("--generate-completion-script bash").output
    #expect(script.contains("---completion"))
    let words = [
      "---completion", command, "--", argument == "model" ? "positional@0" : argument, "2", "\(word.count)",
    ]
    let outcome = try Tool.run(words + ["rooftree", command, word], in: Tool.root)
    #expect(
      outcome.output.split(separator: "\n").contains(Substring(offered)),
      "\(outcome.output) \(outcome.errors)")
  }
}
