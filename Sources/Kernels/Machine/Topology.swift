import Basics

/// Cores and caches as the system tells them.
public struct Topology: Hashable, Sendable {
  public struct Cache: Hashable, Sendable {
    public var level: Int
    public var bytes: Int
    public var ways: Int
    public var lineBytes: Int
    public var sharedByCores: Int
  }

  public var processor: String
  public var cores: Int
  public var memoryBytes: Double
  /// Near to far.
  public var caches: [Cache]

  /// Of all caches of the farthest level.
  var lastCacheBytes: Int {
    guard let last = caches.last else { return 1 << 25 }
    return last.bytes * ((cores + last.sharedByCores - 1) / last.sharedByCores)
  }

  public static func read() -> Topology {
    let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let memory = Double(sysconf(Int32(_SC_PHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    #if os(Linux)
      let lines = text("/proc/cpuinfo").split(separator: "\n")
      let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
      return Topology(
        processor: model.map(\.trimmed) ?? "unknown", cores: cores, memoryBytes: memory,
        caches: linuxCaches())
    #else
      return Topology(
        processor: "unknown", cores: cores, memoryBytes: max(memory, 1),
        caches: [
          sysctl("hw.l1dcachesize").map {
            Cache(level: 1, bytes: $0, ways: 8, lineBytes: 64, sharedByCores: 1)
          },
          sysctl("hw.l2cachesize").map {
            Cache(level: 2, bytes: $0, ways: 16, lineBytes: 64, sharedByCores: cores)
          },
        ].compactMap { $0 })
    #endif
  }

  /// This machine's data caches in a chain, as the simulator takes them.
  ///
  /// - Returns: a reason in words where the system tells none, or one that no simulator can be made of.
  public func cacheSystem() -> Result<CacheSystem, Unsimulated> {
    var levels: [(name: String, geometry: CacheGeometry)] = []
    for cache in caches {
      let text = "L\(cache.level) \(Self.size(cache.bytes))"
      guard let geometry = CacheGeometry(bytes: cache.bytes, ways: cache.ways, lineBytes: cache.lineBytes)
      else {
        return .failure(
          Unsimulated("\(text) of \(cache.ways) ways and lines of \(cache.lineBytes) B is not whole sets"))
      }
      levels.append((text, geometry))
    }
    guard let first = levels.first else { return .failure(Unsimulated("the system tells of no data caches")) }
    guard levels.allSatisfy({ $0.geometry.lineBytes == first.geometry.lineBytes }) else {
      return .failure(Unsimulated("its levels have lines of different lengths"))
    }
    return .success(CacheSystem(name: "this machine", levels: levels))
  }

  /// Why this machine's caches are not simulated.
  public struct Unsimulated: Error, Hashable, Sendable {
    public var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private static func size(_ bytes: Int) -> String {
    bytes % 1_048_576 == 0 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
  }

  /// How far the kernel keeps its counters to itself, 2 mostly; nil where it says nothing.
  static func perfEventParanoid() -> Int? {
    #if os(Linux)
      Int(text("/proc/sys/kernel/perf_event_paranoid").trimmed)
    #else
      nil
    #endif
  }

  #if os(Linux)
    private static func linuxCaches() -> [Cache] {
      var found: [Cache] = []
      for index in 0..<8 {
        let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
        let size = text(folder + "size").trimmed
        guard text(folder + "type").trimmed != "Instruction", let level = Int(text(folder + "level").trimmed),
          let count = Int(size.dropLast()), let unit = size.last
        else { continue }
        let shared = text(folder + "shared_cpu_map").filter(\.isHexDigit)
          .reduce(0) { $0 + (Int(String($1), radix: 16) ?? 0).nonzeroBitCount }
        found.append(
          Cache(
            level: level, bytes: count * (unit == "M" ? 1_048_576 : 1024),
            ways: Int(text(folder + "ways_of_associativity").trimmed) ?? 8,
            lineBytes: Int(text(folder + "coherency_line_size").trimmed) ?? 64, sharedByCores: max(1, shared))
        )
      }
      return found.sorted { $0.level < $1.level }
    }

    private static func text(_ path: String) -> String {
      guard let file = fopen(path, "r") else { return "" }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 16_384)
      let count = fread(&bytes, 1, bytes.count, file)
      return String(decoding: bytes[..<count], as: UTF8.self)
    }

  #else
    private static func sysctl(_ name: String) -> Int? {
      var value: Int64 = 0
      var size = MemoryLayout<Int64>.size
      guard sysctlbyname(name, &value, &size, nil, 0) == 0, value > 0 else { return nil }
      return Int(value)
    }
  #endif
}
