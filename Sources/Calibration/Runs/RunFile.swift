import Specs

/// A file of runs in whichever of the accepted formats it is.
public enum RunFile {
  /// - Parameter gpu: the device for formats that name none.
  public static func read(_ path: String, gpu: String) throws(InputError) -> RunSet {
    let source = try SourceFile(path: path, largestBytes: RunReader.largestBytes)
    if NsightReader.isExport(source.text) { return try NsightReader.read(source, gpu: gpu) }
    if LlamaBenchReader.isLlamaBench(source.text) {
      let (passes, rejected) = try LlamaBenchReader.passes(source)
      return RunSet(
        rejected: rejected
          + passes.map {
            RejectedRun(
              location: "\(path): \($0.model)",
              reason: "a whole \($0.isPrompt ? "prompt" : "generation") of llama-bench, not a kernel")
          })
    }
    return try RunReader.read(source)
  }
}

extension RunSet {
  /// Keeps the runs of one device where several are mixed; a file that names one device alone is kept whole.
  public func ofOneDevice(_ name: String, resolve: (String) -> String?) -> RunSet {
    let gpus = Set(runs.map(\.key.gpu))
    guard gpus.count > 1 else { return self }
    let own = gpus.filter { $0.isEmpty || resolve($0) == name || $0 == name }
    guard !own.isEmpty else { return self }
    var out = self
    out.runs = runs.filter { own.contains($0.key.gpu) }
    out.rejected += runs.filter { !own.contains($0.key.gpu) }.map {
      RejectedRun(location: "\($0.file):\($0.line)", reason: "a run of \($0.key.gpu), not of \(name)")
    }
    return out
  }
}
