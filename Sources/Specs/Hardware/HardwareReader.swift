import CostModel

/// Reads a hardware profile from YAML.
public enum HardwareReader {
  /// The device that a YAML text describes; quantities come in base units.
  ///
  /// - Throws: `InputError`, 65 with line and column, for what is missing, unknown or no quantity of its unit.
  public static func read(_ source: SourceFile) throws(InputError) -> HardwareProfile {
    try YAMLFields.reading(source, .hardware, profile)
  }

  private static func profile(_ top: inout YAMLFields) throws(InputError) -> HardwareProfile {
    if top.keys.contains("hidden_size") || top.keys.contains("num_hidden_layers") {
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
    var levels = try memory(&top)
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
      let usual = usualNearLevels(of: levels[0])
      let words = usual.map {
        "\($0.name) \(Quantity.text($0.capacityBytes, .bytes))\($0.perCore ? " a core" : "")"
          + " at \(Quantity.text($0.bytesPerSecond, .bytesPerSecond))"
      }
      defaults.append(
        "levels nearer than \(levels[0].name), warning: \(words.joined(separator: ", ")), as such devices have; they"
          + " size tiles and bound no time")
      levels += usual
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
    return profile
  }

  /// Of an accelerator that does not say.
  private static let usualCores = 100

  /// Near levels of a profile without any, by its class: the medians of the catalogue, which no time is bound by.
  private static func usualNearLevels(of far: MemoryLevel) -> [MemoryLevel] {
    let isProcessor = far.name == "dram"
    let usual: [(name: String, capacity: Double, timesFar: Double, perCore: Bool)] =
      isProcessor
      ? [("l3", 0x1p26, 9, false), ("l2", 0x1p20, 35, true), ("l1", 0x1p15, 70, true)]
      : [("l2", 0x1p25, 2.7, false), ("sram", 96 * 0x1p10, 18, true)]
    return usual.map {
      MemoryLevel(
        name: $0.name, capacityBytes: $0.capacity, bytesPerSecond: $0.timesFar * far.bytesPerSecond,
        perCore: $0.perCore, source: "usual for such devices", confidence: .low)
    }
  }

  /// What `probe` found; the first files it wrote have it among their notes.
  private static func probed(_ top: inout YAMLFields, notes: [String]) throws(InputError) -> ProbedFacts? {
    guard var block = try top.fields("probed", .probed) else {
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
    guard let blocks = try top.blocks("memory", .memoryLevel, step: indexed), (1...4).contains(blocks.count)
    else {
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
      let bandwidth = try fields.requiredQuantity("bandwidth", .bytesPerSecond)
      let copy = try fields.quantity("copy_bandwidth", .bytesPerSecond)
      if let copy, copy > bandwidth || far != nil {
        throw InputError(
          .data, at: fields.location,
          "“copy_bandwidth” of “\(name)” \(far == nil ? "is beyond its bandwidth" : "is not the farthest level's"); accepted: at most the farthest level's bandwidth, there"
        )
      }
      levels.append(
        MemoryLevel(
          name: name, capacityBytes: try fields.requiredQuantity("capacity", .bytes),
          bytesPerSecond: bandwidth, copyBytesPerSecond: copy,
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
    guard var block = try top.fields("peaks", .peaks), !block.keys.isEmpty else {
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
    let older = try top.blocks("links", .fabricDomain, step: indexed)
    for var fields in try top.blocks("fabric", .fabricDomain, step: indexed) ?? older ?? [] {
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

extension Block {
  /// The whole profile.
  package static let hardware = Block(
    "hardware", "A hardware profile: what a device's data sheet, or `rooftree probe`, says of it.",
    [
      Key("name", "On the command line and in reports.", else: nil),
      Key("title", "As people write it.", else: "`name`"),
      Key("vendor", "In lower case, such as nvidia.", else: "not stated"),
      Key("aliases", "Other names that find it.", else: "none"),
      Key("source", "Where the figures come from.", else: "not stated"),
      Key("notes", "Remarks that reports repeat.", else: "none"),
      Key("relative", "The device whose measured kernels times are carried over from.", else: "none"),
      Key("cores", "Streaming multiprocessors, compute units or cores.", else: "100"),
      Key("clock", "Of the cores, where the peaks hold.", else: "not known"),
      Key("registers_per_core", "Register file of one core.", else: "not known"),
      Key("tensor_memory_per_core", "Memory of a core's matrix unit (Blackwell).", else: "none"),
      Key("special_functions_per_clock", "Exponentials a clock and core.", else: "not bounded"),
      Key("emulated_exponentials_per_clock", "Those made by vector arithmetic beside them.", else: "none"),
      Key(
        "memory",
        "One to four levels from far to near, each at least as fast. Beside far memory alone usual near ones are taken: of an accelerator 32 MiB of l2 at 2.7 times its rate and 96 KiB of sram a core at 18 times; of a processor (`dram`) 64 MiB of l3 at 9 times, 1 MiB of l2 a core at 35 times, 32 KiB of l1 at 70 times; they bound no time.",
        else: nil),
      Key("peaks", "Dense rates of the matrix units.", else: nil),
      Key("vector", "Rate of plain vector arithmetic.", else: "fp32's peak, or ⅛ of the 16-bit one"),
      Key("fabric", "How it reaches others of its kind, from near to far.", else: "no other device"),
      Key("links", "Older heading of `fabric`.", else: "`fabric`"),
      Key("power", "Board power limit.", else: "not known"),
      Key("price", "Of one hour.", else: "not known"),
      Key("probed", "What no data sheet says.", else: "a data sheet"),
    ])

  static let memoryLevel = Block(
    "memory", "A memory level: `hbm`, `l2`, `sram`; on a processor `dram`, `l3`, `l2`, `l1`.",
    [
      Key("name", "Its name.", else: nil),
      Key("capacity", "As the driver reports it; of one core with `per_core`.", else: nil),
      Key("bandwidth", "Reads and writes, of all cores together.", else: nil),
      Key(
        "copy_bandwidth",
        "Of the farthest level, what a copy far larger than the caches was measured to reach, reads and writes together (BabelStream); expected times know it, bounds do not.",
        else: "0.89 of `bandwidth`"),
      Key("per_core", "Every core has its own.", else: "false"),
      Key("source", "Where the figures come from.", else: "not stated"),
      Key("confidence", "A near level bounds times from `medium` on.", else: "not stated"),
    ])

  static let peaks = Block(
    "peaks", "Dense rates by number format, multiply-add as two FLOPs; never those of structured sparsity.",
    names: Key(
      "FORMAT", "A number format: \(ComputeFormat.allCases.map { "`\($0.name)`" }.joined(separator: ", ")).",
      else: "the next more precise one's"),
    [
      Key("source", "Where the figures come from.", else: "not stated"),
      Key("confidence", "How far to trust them.", else: "not stated"),
    ])

  static let fabricDomain = Block(
    "fabric", "Devices that reach each other alike.",
    [
      Key("name", "`nvlink`, `xgmi`, `ici`, `pcie`, `nic`.", else: "link"),
      Key("devices", "Devices that it joins.", else: "any number"),
      Key("bandwidth", "Of one device in one direction, all ports together.", else: nil),
      Key("latency", "Of one small message between two.", else: "as usual for its kind"),
      Key("topology", "How they are wired.", else: "switch"),
      Key("reduction", "The switch itself can add (NVLS, SHARP).", else: "false"),
      Key("peer_access", "PCIe: devices read each other's memory.", else: "not known"),
      Key("source", "Where the figures come from.", else: "not stated"),
      Key("confidence", "How far to trust them.", else: "not stated"),
    ])

  static let probed = Block(
    "probed", "What was found out by running on the device.",
    [Key("write_allocate", "A store to a line that no cache holds reads it first.", else: nil)])
}
