import CostModel

/// The software whose kernels ran.
public struct Framework: Hashable, Sendable, Comparable {
  /// As files spell it; empty where a row is silent.
  public let name: String
  /// NCCL's own collectives, under whatever profiler.
  public let isNCCL: Bool

  /// A framework of that name; any is accepted.
  public init(_ name: String) {
    self.name = name
    isNCCL = name.hasPrefix("nccl")
  }

  /// vLLM.
  public static let vllm = Framework("vllm")
  /// TensorRT-LLM.
  public static let trtllm = Framework("trtllm")
  /// SGLang.
  public static let sglang = Framework("sglang")
  /// PyTorch, eager.
  public static let torch = Framework("torch")
  /// llama.cpp.
  public static let llamaCpp = Framework("llama.cpp")

  /// By name.
  public static func < (a: Framework, b: Framework) -> Bool { a.name < b.name }
}

/// A number format as files spell it.
public struct RunFormat: Hashable, Sendable, Comparable {
  /// As the row has it; empty where it is silent.
  public let spelling: String
  /// Nil where the row is silent, or means a mix that no format stands for.
  public let number: NumberFormat?

  /// The format of that spelling.
  public init(spelled spelling: String) {
    self.spelling = spelling
    number = NumberFormat(name: spelling)
  }

  /// A format by its canonical name.
  public init(_ number: NumberFormat) {
    spelling = number.name
    self.number = number
  }

  /// No format said.
  public static let silent = RunFormat(spelled: "")

  /// Bytes an element, scales included; 16 bits where nothing is said.
  var bytes: Double { number?.bytesPerElement ?? 2 }

  /// Kernels take both 16-bit formats at the same bytes and speed.
  func isAlike(_ other: RunFormat) -> Bool { Self.kernelFormat(number) == Self.kernelFormat(other.number) }

  private static func kernelFormat(_ format: NumberFormat?) -> NumberFormat? {
    format == .fp16 ? .bf16 : format
  }

  /// By spelling.
  public static func < (a: RunFormat, b: RunFormat) -> Bool { a.spelling < b.spelling }
  /// By spelling: files tell them apart so.
  public static func == (a: RunFormat, b: RunFormat) -> Bool { a.spelling == b.spelling }
  /// By spelling.
  public func hash(into hasher: inout Hasher) { hasher.combine(spelling) }
}

/// What a fit is made for: runs of one kernel in one piece of software and precision.
public struct RunGroup: Hashable, Sendable, Comparable {
  /// Which formula it follows.
  public var kernel: KernelClass
  /// Whose kernels ran.
  public var framework: Framework
  /// Of the framework; empty where unsaid.
  public var version: String
  /// Of products' operands, and of the key-value cache.
  public var format, cache: RunFormat

  /// - Parameter cache: of attention only.
  public init(
    _ kernel: KernelClass, _ framework: Framework, version: String = "", format: RunFormat,
    cache: RunFormat = .silent
  ) {
    self.kernel = kernel
    self.framework = framework
    self.version = version
    self.format = format
    self.cache = cache
  }

  /// All of it in a line of words.
  public var label: String {
    ([kernel.rawValue, framework.name, version, format.spelling]
      + (cache.spelling.isEmpty ? [] : ["cache \(cache.spelling)"])).joined(separator: " ")
  }

  /// By kernel, framework, version, formats.
  public static func < (a: RunGroup, b: RunGroup) -> Bool {
    (a.kernel.rawValue, a.framework, a.version, a.format, a.cache)
      < (b.kernel.rawValue, b.framework, b.version, b.format, b.cache)
  }

  /// The same kernel in formats that take the same time, in whatever software.
  func isAlike(_ other: RunGroup) -> Bool {
    kernel == other.kernel && format.isAlike(other.format) && cache.isAlike(other.cache)
  }
}
