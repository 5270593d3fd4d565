import Foundation
import Specs

/// The executable itself, with command lines that nobody typed and files that nobody wrote.
extension FuzzTarget {
  /// - Parameter tool: path of the built `rooftree`.
  static func commands(tool: String) -> FuzzTarget {
    let folder = NSTemporaryDirectory() + "rooftree-fuzz-\(getpid())"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let lines = [
      "analyze gpt-2 --on l4 --phase decode -b 3 --ctx 77 --format json",
      "show mixtral-8x7b --format csv --cite",
      "compare gpt-2 mistral-7b --on l4,h100-sxm --dtype fp8 --router zipf:1",
      "models --filter moe --sort active",
      "hardware --vendor nvidia --descending --format md", "attention --on l4 --heads 3 --backward",
      "validate --measurements FILE --on h100-sxm --calibration h100-sxm", "import FILE --name x",
      "report FILE --output OUT", "crosscheck --claims",
      "bench --kernel gemm:m=1,n=2,k=3 --budget 0.001 --threads 1",
      "analyze FILE --on FILE --output OUT.json", "calibrate --measurements FILE --on l4 --output OUT.yaml",
      "help analyze", "show FILE --format svg", "diff FILE FILE --all", "import FILE --set vocab_size=9",
      "analyze gpt-2 --on h100-sxm:2 --tp 2 --phase serve --isl 90 --osl 9 --concurrency 2 --engine-config FILE",
      "models --catalogue OUT --filter FILE", "analyze gpt-2 --on l4 --gpu-layers 3 --host FILE",
    ]
    return FuzzTarget(
      name: "commands", seeds: lines.map { Array($0.utf8) },
      dictionary: words(
        "--format html --output - --phase --isl --osl --ctx 0 -1 99999999999 --explain --latent naive --dtype int4 --help FILE OUT -- = \u{301} \u{9B}"
      ),
      run: { bytes in
        let file = folder + "/file.yaml"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let line = String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self)
          .replacingOccurrences(of: "FILE", with: file).replacingOccurrences(of: "OUT", with: folder + "/out")
        let words = line.split { $0 == " " || $0 == "\n" }.map(String.init)
        // Nothing leaves the folder, and nothing measures for long.
        guard !words.contains(where: { $0.hasPrefix("--o") && !line.contains(folder) }),
          words.first != "probe",
          !words.contains("--budget") || line.contains("--budget 0.001"),
          !words.contains(where: { $0.contains("/") && !$0.contains(folder) })
        else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        let output = FileHandle(forWritingAtPath: "/dev/null")
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationReason == .exit, [0, 1, 64, 65, 66, 74].contains(process.terminationStatus)
        else {
          throw Broken(what: "\(words): \(process.terminationStatus) \(said)")
        }
        guard (process.terminationStatus == 0) || !said.isEmpty,
          said.unicodeScalars.allSatisfy({ $0 == "\n" || $0.properties.generalCategory != .control })
        else { throw Broken(what: "\(words): \(process.terminationStatus), said: \(said)") }
        return process.terminationStatus == 0
      })
  }
}
