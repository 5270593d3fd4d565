import CostModel
import Foundation
import Testing

@testable import Specs

enum Devices {
  static let all: [HardwareProfile] = Catalogue.hardwareNames.compactMap { try? Catalogue.hardware($0) }
}

/// The catalogue's devices: orders of magnitude, and figures that have to fit each other.
@Suite struct HardwareTests {
  @Test func everyProfileReads() { #expect(Devices.all.count == Catalogue.hardwareNames.count) }

  /// GPUs carry over from a measured one; a calibration of a GPU says nothing of other kinds of device.
  @Test(arguments: Devices.all)
  func relativesAreKnown(profile: HardwareProfile) throws {
    let isGPU = ["nvidia", "amd"].contains(profile.vendor) && profile.levels[0].name == "hbm"
    let isMeasured = Catalogue.calibrationNames.contains(profile.name)
    #expect((profile.relative != nil) == (isGPU && !isMeasured))
    if let relative = profile.relative { #expect(Catalogue.calibrationNames.contains(relative)) }
  }

  /// Written and read again a profile is the same, whatever it says.
  @Test(arguments: Devices.all)
  func profilesSurviveBeingWritten(profile: HardwareProfile) throws {
    #expect(try Self.written(profile) == profile, "\(HardwareWriter.yaml(profile))")
    var other = profile
    other.title = "a “quoted\" title"
    other.probed = ProbedFacts(writeAllocate: true)
    other.priceUSD = 25_000
    other.notes = ["# one", "two: three"]
    other.fabric = [
      FabricDomain(
        name: "bridge", devices: 2, bytesPerSecond: 3e11, latencySeconds: 1.25e-6, topology: .pairs),
      FabricDomain(
        name: "pcie", devices: 8, bytesPerSecond: 3.15e10, topology: .host, reducesInNetwork: true,
        peerAccess: false, source: "somewhere"),
      FabricDomain(name: "nic", bytesPerSecond: 2.5e10, latencySeconds: 7e-4),
    ]
    #expect(try Self.written(other) == other)
  }

  /// Measured rates keep six digits.
  @Test func measuredRatesAreRounded() throws {
    var profile = try Catalogue.hardware("l4")
    profile.levels[0].bytesPerSecond = 23_456_789_012.345
    #expect(try Self.written(profile).levels[0].bytesPerSecond == 23.4568e9)
  }

  /// What a copy reaches is of the farthest level, and no more than that has.
  @Test(arguments: [
    ("320 GB/s", "321 GB/s", "beyond its bandwidth"), ("4 MiB", "1 GB/s", "not the farthest"),
  ])
  func copiesThatCannotBeAreRefused(after line: String, copy: String, words: String) throws {
    let text = HardwareWriter.yaml(try Catalogue.hardware("t4"))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter {
      !$0.contains("copy_bandwidth")
    }
    let place = try #require(lines.firstIndex { $0.hasSuffix(line) })
    let wrong = lines[...place] + ["    copy_bandwidth: \(copy)"] + lines[(place + 1)...]
    let error = #expect(throws: InputError.self) {
      try HardwareReader.read(SourceFile(name: "t4.yaml", text: wrong.joined(separator: "\n")))
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  /// Domains stand from near to far.
  @Test func aFabricInTheWrongOrderIsRefused() throws {
    let text = HardwareWriter.yaml(try Catalogue.hardware("h100-sxm"))
    let wrong = text.replacing(
      "  - name: \"nvlink\"", with: "  - name: \"far\"\n    bandwidth: 50 GB/s\n  - name: \"nvlink\"")
    let error = #expect(throws: InputError.self) {
      try HardwareReader.read(SourceFile(name: "fabric.yaml", text: wrong))
    }
    #expect(error?.description.contains("a domain of 8 devices stands behind one of any number") == true)
  }

  private static func written(_ profile: HardwareProfile) throws -> HardwareProfile {
    try HardwareReader.read(SourceFile(name: "written.yaml", text: HardwareWriter.yaml(profile)))
  }

  @Test(arguments: Devices.all)
  func ordersOfMagnitude(profile: HardwareProfile) throws {
    let far = try #require(profile.levels.first)
    #expect((7e9...1e12).contains(far.capacityBytes))
    #expect((6e10...2e13).contains(far.bytesPerSecond))
    let bf16 = try #require(profile.unit(for: .bf16)).flopsPerSecond
    #expect((2e12...1e16).contains(bf16))
    #expect((1e12...2e14).contains(profile.vectorFLOPsPerSecond))
    #expect(profile.vectorFLOPsPerSecond <= bf16 * 1.01)
    if let watts = profile.powerWatts { #expect((20.0...2000).contains(watts)) }
    for domain in profile.fabric { #expect((5e9...2e12).contains(domain.bytesPerSecond)) }
    // FLOPs per byte at which the roofs meet: 13 on a P100, 20 on a laptop, 945 on a Jetson Thor.
    #expect((12.0...1000).contains(try #require(profile.ridgePoint(.bf16))))
  }

  /// Nearer memory is faster and, all cores' share added up, smaller.
  @Test(arguments: Devices.all)
  func levelsAreOrdered(profile: HardwareProfile) {
    for (far, near) in zip(profile.levels, profile.levels.dropFirst()) {
      #expect(near.bytesPerSecond >= far.bytesPerSecond, "\(near.name)")
      let total = near.capacityBytes * (near.perCore ? Double(profile.cores) : 1)
      #expect(total < far.capacityBytes || near.perCore, "\(near.name)")
    }
  }

  /// Narrower formats run at the same rate or twice the wider one's; the exceptions are known.
  @Test(arguments: Devices.all)
  func precisionsFitEachOther(profile: HardwareProfile) {
    func ratio(_ a: ComputeFormat, _ b: ComputeFormat) -> Double? {
      guard let x = profile.peak(a), let y = profile.peak(b) else { return nil }
      return x / y
    }
    func near(_ value: Double?, _ accepted: [Double]) -> Bool {
      guard let value else { return true }
      return accepted.contains { abs(value / $0 - 1) < 0.06 }
    }
    // Equal on Trainium 1, Gaudi 3, TPU v5p and v6e; Trainium 3 has narrow units of its own.
    #expect(near(ratio(.fp8, .bf16), [1, 2, 3.75]))
    // Grace: bf16 has its own product instruction; MI100 halves bf16.
    #expect(near(ratio(.fp16, .bf16), [1, 0.5, 2]))
    // Blackwell Ultra trades int8 for fp4; GeForce halves fp32 accumulation; CPUs have no fp8.
    #expect(near(ratio(.int8, .bf16), [1, 2, 4, 0.0682, 0.066]))
    #expect(near(ratio(.fp4, .fp8), [1, 2, 3, 4]))
    #expect(near(ratio(.tf32, .bf16), [0.25, 0.5, 1]))
    #expect(near(ratio(.int4, .int8), [1, 2]))
    #expect(near(ratio(.fp6, .fp8), [1, 2]))
  }

  @Test func everyFigureHasASourceAndAConfidence() {
    for profile in Devices.all {
      #expect(!profile.source.isEmpty, "\(profile.name)")
      #expect(!profile.vendor.isEmpty, "\(profile.name)")
      #expect(profile.levels.allSatisfy { $0.confidence != nil && !$0.source.isEmpty }, "\(profile.name)")
      let sources = profile.peaks.map(\.source) + profile.fabric.map(\.source)
      for source in sources {
        #expect(
          ["; confidence high", "; confidence medium", "; confidence low"].contains { source.hasSuffix($0) },
          "\(profile.name): \(source)")
      }
    }
  }

  /// Device, bus width in bits, rate per pin in Gb/s.
  static let buses: [(String, Double, Double)] = [
    ("v100-sxm-32gb", 4096.0, 1.752), ("t4", 256, 10), ("a10", 384, 12.5), ("a40", 384, 14.5),
    ("a100-sxm-40gb", 5120, 2.43), ("a100-sxm-80gb", 5120, 3.186), ("a100-pcie-80gb", 5120, 3.024),
    ("h100-sxm", 5120, 5.24), ("h100-pcie", 5120, 3.186), ("h200-sxm", 6144, 6.25), ("l4", 192, 12.5),
    ("l40s", 384, 18), ("rtx-3090", 384, 19.5), ("rtx-4090", 384, 21), ("rtx-5090", 512, 28),
    ("rtx-6000-ada", 384, 20), ("mi210", 4096, 3.2), ("mi250x", 8192, 3.2), ("mi300x", 8192, 5.2),
    ("mi355x", 8192, 7.8125), ("m4-max", 512, 8.533), ("m3-ultra", 1024, 6.4), ("epyc-9654", 768, 4.8),
    ("xeon-8480", 512, 4.8),
  ]

  /// Bandwidth is bus width × rate per pin.
  @Test(arguments: buses)
  func bandwidthIsBusTimesRate(name: String, bits: Double, gigabitsPerPin: Double) throws {
    let far = try #require(try Catalogue.hardware(name).levels.first)
    #expect(abs(far.bytesPerSecond / (bits / 8 * gigabitsPerPin * 1e9) - 1) < 0.005)
  }

  struct Unit: Sendable {
    let device: String
    let format: ComputeFormat
    let cores, flopsPerClock, gigahertz: Double
  }

  static let units: [Unit] = [
    Unit(device: "v100-sxm-32gb", format: .fp16, cores: 80.0, flopsPerClock: 1024.0, gigahertz: 1.53),
    Unit(device: "t4", format: .fp16, cores: 40, flopsPerClock: 1024, gigahertz: 1.59),
    Unit(device: "a10", format: .bf16, cores: 72, flopsPerClock: 1024, gigahertz: 1.695),
    Unit(device: "a30", format: .bf16, cores: 56, flopsPerClock: 2048, gigahertz: 1.44),
    Unit(device: "a40", format: .bf16, cores: 84, flopsPerClock: 1024, gigahertz: 1.74),
    Unit(device: "a100-sxm-80gb", format: .bf16, cores: 108, flopsPerClock: 2048, gigahertz: 1.41),
    Unit(device: "a100-pcie-40gb", format: .bf16, cores: 108, flopsPerClock: 2048, gigahertz: 1.41),
    Unit(device: "l4", format: .bf16, cores: 58, flopsPerClock: 1024, gigahertz: 2.04),
    Unit(device: "h100-sxm", format: .bf16, cores: 132, flopsPerClock: 4096, gigahertz: 1.83),
    Unit(device: "rtx-3090", format: .bf16, cores: 82, flopsPerClock: 512, gigahertz: 1.695),
    Unit(device: "rtx-4090", format: .bf16, cores: 128, flopsPerClock: 512, gigahertz: 2.52),
    Unit(device: "rtx-5090", format: .bf16, cores: 170, flopsPerClock: 512, gigahertz: 2.407),
    Unit(device: "rtx-6000-ada", format: .bf16, cores: 142, flopsPerClock: 1024, gigahertz: 2.505),
    Unit(device: "mi210", format: .bf16, cores: 104, flopsPerClock: 1024, gigahertz: 1.7),
    Unit(device: "mi250x", format: .bf16, cores: 220, flopsPerClock: 1024, gigahertz: 1.7),
    Unit(device: "mi300x", format: .bf16, cores: 304, flopsPerClock: 2048, gigahertz: 2.1),
    Unit(device: "mi325x", format: .bf16, cores: 304, flopsPerClock: 2048, gigahertz: 2.1),
    Unit(device: "mi355x", format: .fp8, cores: 256, flopsPerClock: 8192, gigahertz: 2.4),
    Unit(device: "m2-ultra", format: .fp32, cores: 76, flopsPerClock: 256, gigahertz: 1.398),
    Unit(device: "epyc-9654", format: .fp32, cores: 96, flopsPerClock: 32, gigahertz: 3.55),
  ]

  /// Peak is cores × FLOP per clock and core × clock, where the clock is known by itself. A sparse figure would
  /// be twice as high.
  @Test(arguments: units)
  func peakIsCoresTimesClock(unit: Unit) throws {
    let peak = try #require(try Catalogue.hardware(unit.device).peak(unit.format))
    #expect(abs(peak / (unit.cores * unit.flopsPerClock * unit.gigahertz * 1e9) - 1) < 0.01)
  }

  /// Estimates, and rates that somebody once measured, bound nothing; what the chip's design gives does.
  @Test func estimatesAreNoRoofs() {
    for level in Devices.all.flatMap({ $0.levels.dropFirst() })
    where level.source.contains("estimate") || level.source.contains("measured") {
      #expect(!level.isProven, "\(level.source)")
    }
    #expect(Devices.all.allSatisfy { $0.levels[0].isProven })
  }

  /// Matrix units with tiles of their own (AMX) cut attention into register tiles, as they cut products.
  @Test(arguments: ["llama-3-8b", "gpt-2"])
  func attentionOnTileRegistersIsNotBoundByLoadingThem(model: String) throws {
    let profile = try Catalogue.hardware("xeon-8480")
    let evaluator = try Evaluator(
      model: try Catalogue.model(model), profile: profile, precision: PrecisionPlan(uniform: .bf16))
    let analysis = evaluator.analyze(.prefill(batch: 1, inputLength: 1024))
    let attention = try #require(analysis.operators.first { $0.call.kind == .attention })
    #expect(attention.bound == .compute || attention.bound == .far, "\(attention.bound)")
  }

  /// Known from the whitepapers, where the sheet's tensor peak does not follow from them: Pascal has no matrix
  /// units, the H20's are held back, V100 and L40S round.
  static let loose: [String: Double] = [
    "h20": 0.07, "v100-pcie-16gb": 0.015, "v100-pcie-32gb": 0.015, "l40s": 0.015,
  ]

  /// One clock in a profile: matrix units do a power of two a clock, shared memory 128 B, at the clock it states.
  @Test(arguments: Devices.all)
  func oneClockInAProfile(profile: HardwareProfile) throws {
    guard ["nvidia", "amd"].contains(profile.vendor), let clock = profile.clockHertz else { return }
    let cycles = Double(profile.cores) * clock
    if let peak = profile.peak(.bf16) ?? profile.peak(.fp16) {
      let step = log2(peak / cycles)
      #expect(abs(exp2(step - step.rounded()) - 1) < (Self.loose[profile.name] ?? 0.005), "\(peak / cycles)")
    }
    if let near = profile.levels.last, ["sram", "lds"].contains(near.name) {
      #expect(abs(near.bytesPerSecond / cycles / 128 - 1) < 0.007, "\(near.bytesPerSecond / cycles)")
    }
    if profile.vendor == "nvidia", profile.levels[0].name == "hbm" {
      // B300 doubled the special-function units, Pascal's graphics cards had twice as many.
      let doubled = ["b300", "gb300", "p4", "p40"].contains(profile.name)
      #expect(profile.specialFunctionsPerClock == (doubled ? 32 : 16))
    }
  }

  static let gibi = 1_073_741_824.0

  /// What drivers report, GiB.
  @Test(arguments: [
    ("l4", 22.5), ("l40s", 45.0), ("a40", 45.0), ("h100-sxm", 79.6), ("a100-sxm-80gb", 79.15),
    ("h200-sxm", 140.4),
    ("b200", 179.1), ("b300", 268.6), ("t4", 14.75), ("v100-sxm-32gb", 31.75), ("rtx-4090", 23.99),
  ])
  func capacities(name: String, gibibytes: Double) throws {
    #expect(abs(try Catalogue.hardware(name).levels[0].capacityBytes / Self.gibi - gibibytes) < 0.06)
  }

  /// No driver reports more than what the card is sold with.
  @Test(arguments: Devices.all)
  func capacityIsAtMostTheNameplate(profile: HardwareProfile) {
    let words = profile.title.split { " ()".contains($0) }
    guard let unit = words.lastIndex(of: "GB"), unit > 0, let sold = Double(words[unit - 1]) else { return }
    #expect(profile.levels[0].capacityBytes <= sold * Self.gibi)
    #expect(profile.levels[0].capacityBytes > sold * Self.gibi * 0.9)
  }

  /// How many devices the nearest domain joins.
  @Test(arguments: [
    ("h100-sxm", 8), ("gb200", 72), ("gb300", 72), ("b300", 8), ("a100-pcie-80gb", 2), ("h200-nvl", 4),
    ("mi300x", 8),
    ("tpu-v5p", 8960), ("rtx-3090", 2), ("gaudi3", 8),
  ])
  func domains(name: String, devices: Int) throws {
    #expect(try Catalogue.hardware(name).fabric.first?.devices == devices)
  }

  @Test func queries() throws {
    func names(_ vendor: String?, _ words: [String], _ order: HardwareQuery.Order = .name) throws -> [String]
    {
      try HardwareQuery(vendor: vendor, words: words, order: order, descending: true, among: Devices.all)
        .apply(Devices.all).map(\.name)
    }
    #expect(try names("AMD", ["fp4"]) == ["mi355x", "mi350x"])
    #expect(try names("amd", ["mi3"], .memory) == ["mi355x", "mi350x", "mi325x", "mi300x", "mi300a"])
    #expect(try names("apple", [], .memory).first == "m3-ultra")
    #expect(
      try Set(names(nil, ["fp4"])).isSuperset(of: [
        "b200", "gb300", "rtx-5090", "mi355x", "gb10", "trainium3",
      ]))
    #expect(try !names(nil, ["fp4"]).contains("h100-sxm"))
    #expect(throws: InputError.self) { try names("nvidai", []) }
    #expect(throws: InputError.self) { try names(nil, ["fp9x"]) }
  }

  @Test(arguments: ["hgh", "certain"])
  func unknownConfidenceIsRefused(word: String) throws {
    let text = try #require(Catalogue.hardwareText("t4")).replacing(
      "confidence: high", with: "confidence: \(word)")
    #expect {
      _ = try HardwareReader.read(SourceFile(name: "t4.yaml", text: text))
    } throws: { "\($0)".contains("high, medium, low") }
  }
}
