import Basics
import Kernels
import Specs

/// Another program, run to its end.
enum EngineProcess {
  /// What it wrote to standard output; its errors go where ours go.
  static func output(of words: [String]) throws -> String {
    let command = words.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
    guard let pipe = popen(command, "r") else {
      throw InputError(.io, "\(words[0]): \(String(cString: strerror(errno)))")
    }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&part, 1, part.count, pipe)
      if count == 0 { break }
      bytes += part[..<count]
    }
    let status = pclose(pipe)
    if Interruption.happened { try endInterrupted("nothing of \(words[0])") }
    guard status != 127 << 8 else {
      throw InputError(
        .missing, "no engine “\(words[0])” here; Benchmarks/Engines/llama-bench.sh builds one")
    }
    guard status == 0 else {
      throw InputError(.io, "\(words[0]) ended with status \(status >> 8 & 255)")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
