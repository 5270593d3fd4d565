import ArgumentParser
import Basics
import Reporting
import Specs

/// For the repository itself: writes the pages and schemas that are committed.
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Write the reference of all input files, and their JSON Schemas.",
    discussion: """
      Example:
        rooftree reference Documentation
      """, shouldDisplay: false)

  @Argument(help: "The folder that holds examples/; reference/ and schemas/ are written into it.")
  var folder: String

  func run() throws {
    try reporting {
      var examples: [String: String] = [:]
      guard let stream = opendir("\(folder)/examples") else {
        throw InputError(.missing, "\(folder)/examples: there is no such folder")
      }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name.hasSuffix(".yaml") || name.hasSuffix(".csv") {
          examples[name] = try SourceFile(path: "\(folder)/examples/\(name)").text
        }
      }
      for (path, text) in try Reference.files(examples: examples) {
        try OutputFile.write(text, to: "\(folder)/\(path)")
      }
    }
  }
}
