import CostModel

/// Reads a hardware profile from YAML.
public enum HardwareReader {
  /// The device that a YAML text describes; quantities come in base units.
  ///
  /// - Throws: `InputError`, 65 with line and column, for what is missing, unknown or no quantity of its unit.
  public static func read(_ source: SourceFile) throws(InputError) -> HardwareProfile {
    var top = try YAMLFields.top(of: source)
    if top.has("hidden_size") || top.has("num_hidden_layers") {
      throw InputError(
        .data, at: top.location, "this is a model spec; a hardware profile is expected (memory, peaks)")
    }
    var defaults: [String] = []
    guard let name = try top.label("name") else {
      throw top.missing("name", accepted: "the name that reports show")
    }
    _ = try top.strings("aliases")
    let stated = try top.int("cores", in: 1...10_000_000)
    let cores = stated ?? usualCores
    if stated == nil { defaults.append("cores \(usualCores)") }
    let levels = try memory(&top)
    let peaks = try peaks(&top)
    let vector: Double
    if let given = try top.quantity("vector", .flopsPerSecond) {
      vector = given
    } else {
      // Data sheets' fp32 is that of the vector units; of others about an eighth of the 16-bit matrix rate.
      let half = peaks.filter { [.bf16, .fp16].contains($0.format) }.map(\.flopsPerSecond).max()
      vector = peaks.first { $0.format == .fp32 }?.flopsPerSecond ?? (half ?? peaks[0].flopsPerSecond) / 8
      defaults.append("vector \(Quantity.text(vector, .flopsPerSecond))")
    }
    if levels.count == 1 {
      defaults.append("no memory level nearer than \(levels[0].name): nothing is said of caches, bounds hold")
    }
    var profile = HardwareProfile(
      name: name, levels: levels, peaks: peaks, vectorFLOPsPerSecond: vector, cores: cores)
    profile.title = try top.label("title") ?? name
    profile.defaults = defaults
    profile.vendor = try top.string("vendor") ?? ""
    profile.relative = try top.label("relative")
    profile.clockHertz = try top.quantity("clock", .hertz)
    profile.registerBytesPerCore = try top.quantity("registers_per_core", .bytes)
    profile.tensorMemoryBytesPerCore = try top.quantity("tensor_memory_per_core", .bytes)
    profile.specialFunctionsPerClock = try top.number("special_functions_per_clock", in: 0.01...65_536)
    profile.emulatedExponentialsPerClock = try top.number(
      "emulated_exponentials_per_clock", in: 0.01...65_536)
    profile.powerWatts = try top.quantity("power", .watts)
    profile.priceUSD = try top.quantity("price", .dollars)
    profile.fabric = try fabric(&top)
    profile.source = try top.string("source") ?? ""
    profile.notes = try top.strings("notes") ?? []
    profile.probed = try probed(&top, notes: profile.notes)
    try top.finish()
    return profile
  }

  /// Of an accelerator that does not say.
  private static let usualCores = 100

  /// What `probe` found; the first files it wrote have it among their notes.
  private static func probed(_ top: inout YAMLFields, notes: [String]) throws(InputError) -> ProbedFacts? {
    guard var block = try top.fields("probed") else {
      return [true, false].first { notes.contains("write-allocate \($0 ? "yes" : "no")") }
        .map(ProbedFacts.init)
    }
    guard let allocate = try block.bool("write_allocate") else {
      throw block.missing("write_allocate", accepted: "true or false")
    }
    try block.finish()
    return ProbedFacts(writeAllocate: allocate)
  }

  private static func memory(_ top: inout YAMLFields) throws(InputError) -> [MemoryLevel] {
    guard let blocks = try top.blocks("memory", step: indexed), (1...4).contains(blocks.count) else {
      throw top.missing("memory", accepted: "a list of one to four levels from far to near")
    }
    var levels: [MemoryLevel] = []
    for var fields in blocks {
      guard let name = try fields.string("name"), !name.isEmpty else {
        throw fields.missing("name", accepted: "hbm, l2, sram; on a CPU dram, l3, l2, l1")
      }
      guard !levels.contains(where: { $0.name == name }) else {
        throw InputError(.data, at: fields.location, "two memory levels are called “\(name)”")
      }
      let far = levels.last
      levels.append(
        MemoryLevel(
          name: name, capacityBytes: try fields.requiredQuantity("capacity", .bytes),
          bytesPerSecond: try fields.requiredQuantity("bandwidth", .bytesPerSecond),
          perCore: try fields.bool("per_core") ?? false, source: try fields.string("source") ?? "",
          confidence: try fields.choice("confidence", Confidence.self)))
      try fields.finish()
      // What a probe measured on a busy machine may be.
      if let far, let near = levels.last, near.bytesPerSecond < far.bytesPerSecond, !top.has("probed") {
        throw InputError(
          .data, at: fields.location,
          "“\(near.name)” is slower than “\(far.name)”; accepted: levels from far to near, each at least as fast"
        )
      }
    }
    return levels
  }

  private static func peaks(_ top: inout YAMLFields) throws(InputError) -> [Peak] {
    guard var block = try top.fields("peaks"), !block.keys.isEmpty else {
      throw top.missing("peaks", accepted: "a block of dense rates, such as bf16: 989.4 TFLOP/s")
    }
    var peaks: [Peak] = []
    let names = ComputeFormat.allCases.map(\.name)
    for key in block.keys where key != "source" && key != "confidence" {
      guard let format = ComputeFormat(name: key) else {
        throw InputError(
          .data, at: block.location,
          "“\(block.name(key))” is no precision; accepted: \(names.joined(separator: ", "))"
            + Suggestion.phrase(for: key, among: names))
      }
      peaks.append(Peak(format, flopsPerSecond: try block.requiredQuantity(key, .flopsPerSecond)))
    }
    let source = try source(&block)
    try block.finish()
    return peaks.map { Peak($0.format, flopsPerSecond: $0.flopsPerSecond, source: source) }
  }

  /// Domains from near to far; `links` is their older heading.
  private static func fabric(_ top: inout YAMLFields) throws(InputError) -> [FabricDomain] {
    var domains: [FabricDomain] = []
    let older = try top.blocks("links", step: indexed)
    for var fields in try top.blocks("fabric", step: indexed) ?? older ?? [] {
      let devices = try fields.int("devices", in: 2...1_000_000)
      if let devices, let last = domains.last, last.devices ?? devices >= devices {
        throw InputError(
          .data, at: fields.location,
          "a domain of \(devices) devices stands behind one of \(last.devices.map(String.init) ?? "any number");"
            + " accepted: domains from near to far, each of more devices, the last without a number")
      }
      domains.append(
        FabricDomain(
          name: try fields.label("name") ?? "link", devices: devices,
          bytesPerSecond: try fields.requiredQuantity("bandwidth", .bytesPerSecond),
          latencySeconds: try fields.quantity("latency", .seconds),
          topology: try fields.choice("topology", FabricDomain.Topology.self) ?? .switch,
          reducesInNetwork: try fields.bool("reduction") ?? false,
          peerAccess: try fields.bool("peer_access"), source: try source(&fields)))
      try fields.finish()
    }
    return domains
  }

  private static func indexed(_ path: String, _ index: Int) -> String { "\(path)[\(index)]" }

  /// Where a figure comes from and how far to trust it, in one text: reports show both.
  private static func source(_ fields: inout YAMLFields) throws(InputError) -> String {
    let source = try fields.string("source") ?? ""
    guard let confidence = try fields.choice("confidence", Confidence.self) else { return source }
    return source.isEmpty
      ? "confidence \(confidence.rawValue)" : "\(source); confidence \(confidence.rawValue)"
  }
}
