import Foundation

// Usage: EmbedCatalogue OUTPUT.swift NAME=FOLDER…, or OUTPUT.swift commit=LOG with git's log of what was checked out
let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  FileHandle.standardError.write(Data("usage: EmbedCatalogue OUTPUT NAME=FOLDER…\n".utf8))
  exit(64)
}

if arguments[2].hasPrefix("commit=") {
  // The second word of the log's last line is the commit; without a log nobody knows.
  let log = try? String(contentsOfFile: String(arguments[2].dropFirst("commit=".count)), encoding: .utf8)
  let words = log?.split(separator: "\n").last?.split(separator: " ")
  let commit = words.flatMap { $0.count > 1 ? String($0[1].prefix(12)) : nil } ?? "unknown"
  let text =
    "/// Written by EmbedCatalogue; do not edit.\nenum Version { static let commit = \"\(commit)\" }\n"
  try text.write(toFile: arguments[1], atomically: true, encoding: .utf8)
  exit(0)
}

var lines = ["// Written by EmbedCatalogue; do not edit.", "enum EmbeddedFiles {"]
for argument in arguments.dropFirst(2) {
  let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
  let files = try FileManager.default.contentsOfDirectory(atPath: parts[1])
    .filter { $0.hasSuffix(".yaml") }.sorted()
  lines.append("  static let \(parts[0]): [(name: String, aliases: [String], text: String)] = [")
  for file in files {
    let text = try String(contentsOfFile: "\(parts[1])/\(file)", encoding: .utf8)
    // Found here, so that looking for a name reads no file.
    let aliases = text.split(separator: "\n").first { $0.hasPrefix("aliases:") }.map {
      $0.dropFirst("aliases:".count).filter { !"[]\" ".contains($0) }.split(separator: ",").map(String.init)
    }
    lines.append("    (\"\(file.dropLast(5))\", \(aliases ?? []), ####\"\"\"")
    lines.append(text)
    lines.append("\"\"\"####),")
  }
  lines.append("  ]")
}
lines.append("}")
try (lines.joined(separator: "\n") + "\n").write(toFile: arguments[1], atomically: true, encoding: .utf8)
