import Foundation

/// The built executable, run as a user runs it.
enum Tool {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    var seconds: Double
  }

  /// The root of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let executable: URL = {
    let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
      path: "rooftree")
    return FileManager.default.isExecutableFile(atPath: beside.path)
      ? beside : root.appending(path: ".build/debug/rooftree")
  }()

  static func run(_ arguments: [String], environment: [String: String] = [:], in folder: URL? = nil) throws
    -> Outcome
  {
    try run(executable, arguments, environment: environment, in: folder)
  }

  /// A line of bash, in which `$TOOL` is the executable.
  static func shell(_ line: String, in folder: URL) throws -> Outcome {
    try run(
      URL(filePath: "/bin/bash"), ["-c", line], environment: ["TOOL": executable.path], in: folder)
  }

  private static func run(
    _ program: URL, _ arguments: [String], environment: [String: String], in folder: URL?
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    let start = Date()
    try process.run()
    let read = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: read, as: UTF8.self),
      errors: String(decoding: complaint, as: UTF8.self), seconds: Date().timeIntervalSince(start))
  }

  /// Goldens outlive the commit that they were made by.
  static func withoutCommit(_ text: String) -> String { text.replacing(/\(commit \w+\)/, with: "(commit …)") }

  static func run(_ line: String) throws -> Outcome { try run(line.split(separator: " ").map(String.init)) }
}

/// A folder that is gone afterwards.
struct Scratch: ~Copyable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "rooftree-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String, _ text: String) throws -> String {
    let path = url.appending(path: name)
    try text.write(to: path, atomically: true, encoding: .utf8)
    return path.path
  }
}
