/// What tells runs apart that one set of parameters cannot describe together.
public struct GroupKey: Hashable, Sendable, Comparable {
  public var gpu: String
  public var kernel: Kernel
  public var framework: String
  public var version: String
  public var format: KernelFormat
  /// As written; empty where the kernel has no cache.
  public var cacheFormat: String

  public init(
    gpu: String, kernel: Kernel, framework: String, version: String, format: KernelFormat, cacheFormat: String
  ) {
    self.gpu = gpu
    self.kernel = kernel
    self.framework = framework
    self.version = version
    self.format = format
    self.cacheFormat = cacheFormat
  }

  private var words: [String] {
    [kernel.rawValue, framework, version, format.rawValue, cacheFormat, gpu]
  }

  public static func < (a: GroupKey, b: GroupKey) -> Bool { a.words.lexicographicallyPrecedes(b.words) }

  /// For messages: `gemm · vllm 0.24.0 · bfloat16`.
  public var title: String {
    var parts = [kernel.rawValue, "\(framework) \(version)", format.rawValue]
    if !cacheFormat.isEmpty { parts.append("cache \(cacheFormat)") }
    return parts.joined(separator: " · ")
  }
}

/// One timed kernel.
public struct MeasuredRun: Hashable, Sendable {
  public var key: GroupKey
  public var shape: KernelShape
  public var seconds: Double
  public var file: String
  public var line: Int

  public init(key: GroupKey, shape: KernelShape, seconds: Double, file: String, line: Int) {
    self.key = key
    self.shape = shape
    self.seconds = seconds
    self.file = file
    self.line = line
  }

  /// Runs of one family share everything but their size; whole families are held out.
  public var family: String {
    switch shape {
    case .product(_, let n, let k, _): "\(n)×\(k)"
    case .attention(let a): "\(a.queryHeads)/\(a.kvHeads)×\(a.headDim) window \(a.window)"
    case .experts(let e): "\(e.experts)/\(e.topK) \(e.hidden)×\(e.intermediate)"
    case .collective(let ranks, let bytes): "\(ranks) ranks \(bytes)"
    case .rows(let rows, let read, _): "\(read) × \(rows)"
    }
  }

  /// The shapes that language models are made of.
  public var isLLMSized: Bool {
    switch shape {
    case .product(_, let n, let k, _): n >= 1024 && k >= 1024 && k <= 16384 && (n <= 16384 || k <= 8192)
    case .attention(let a) where key.kernel == .attentionPrefill || key.kernel == .attentionDecode:
      a.keys >= 128 && (a.headDim == 64 || a.headDim == 128)
    default: true
    }
  }

  /// One line that sorts and identifies the run whatever its place in the file.
  var identity: String { "\(key)|\(shape)|\(seconds)" }
}

/// A row that was left out, and why.
public struct RejectedRun: Hashable, Sendable {
  public var location: String
  public var reason: String

  public init(location: String, reason: String) {
    self.location = location
    self.reason = reason
  }
}

/// What came out of reading files of runs.
public struct RunSet: Sendable {
  public var runs: [MeasuredRun]
  public var rejected: [RejectedRun]

  public init(runs: [MeasuredRun] = [], rejected: [RejectedRun] = []) {
    self.runs = runs
    self.rejected = rejected
  }

  /// Rejects by reason, most frequent first.
  public var rejectCounts: [(reason: String, count: Int)] {
    var counts: [String: Int] = [:]
    for reject in rejected { counts[reject.reason, default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// Runs of each group in an order that does not depend on the file's.
  public var groups: [(key: GroupKey, runs: [MeasuredRun])] {
    Dictionary(grouping: runs, by: \.key).sorted { $0.key < $1.key }.map { key, runs in
      (key, runs.map { ($0.identity, $0) }.sorted { $0.0 < $1.0 }.map(\.1))
    }
  }

  /// Hash of the runs, whatever their order and unit (FNV-1a, 64 bits).
  public var fingerprint: String {
    var sum: UInt64 = 0
    for run in runs { sum = sum &+ fnv(run.identity) }
    let hex = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - hex.count) + hex
  }
}

func fnv(_ text: String) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  return hash
}
