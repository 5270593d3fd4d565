import CostModel
import Testing

@testable import Specs

/// Devices as drivers, tools and people call them.
@Suite struct DeviceNameTests {
  @Test(arguments: [
    ("NVIDIA H100 80GB HBM3", "h100-sxm"), ("NVIDIA H100 PCIe", "h100-pcie"), ("h100-80gb", "h100-sxm"),
    ("NVIDIA H100 NVL", "h100-nvl"), ("H100 96 GB HBM2e", "h100-96gb-hbm2e"), ("NVIDIA H200", "h200-sxm"),
    ("NVIDIA A100-SXM4-80GB", "a100-sxm-80gb"), ("NVIDIA A100-PCIE-40GB", "a100-pcie-40gb"),
    ("A100 40 GB PCIe", "a100-pcie-40gb"), ("a100_pcie", "a100-pcie-80gb"), ("a100_40gb", "a100-sxm-40gb"),
    ("Tesla V100-SXM2-16GB", "v100-sxm-16gb"), ("Tesla V100-PCIE-32GB", "v100-pcie-32gb"),
    ("Tesla P100-PCIE-16GB", "p100-pcie-16gb"), ("Tesla P4", "p4"), ("Tesla T4", "t4"),
    ("NVIDIA GeForce RTX 4060 Ti 16GB", "rtx-4060-ti-16gb"), ("RTX 4070 Ti SUPER", "rtx-4070-ti-super"),
    ("RTX4090", "rtx-4090"), ("NVIDIA RTX A6000", "rtx-a6000"), ("RTX 6000 Ada Generation", "rtx-6000-ada"),
    ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "rtx-pro-6000-workstation"),
    ("rtx_pro_6000_server", "rtx-pro-6000"), ("NVIDIA GB10", "gb10"), ("DGX Spark", "gb10"),
    ("Strix Halo", "strix-halo"), ("AMD Ryzen AI Max+ 395", "strix-halo"), ("AMD Radeon 8060S", "strix-halo"),
    ("AMD Instinct MI300X OAM", "mi300x"), ("AMD Radeon RX 7900 XTX", "rx-7900-xtx"),
    ("MI250X GCD", "mi250x-gcd"), ("Apple M3", "m3"), ("Intel Arc Pro B60", "arc-pro-b60"),
    ("Jetson AGX Orin", "jetson-orin"), ("Ascend 910C", "ascend-910c"), ("NVIDIA GH200 480GB", "gh200"),
    ("gb200-nvl72", "gb200"), ("trn3", "trainium3"), ("h800_sxm", "h800"), ("h200_nvl", "h200-nvl"),
    ("b300_sxm", "b300"), ("mi100", "mi100"), ("mi210", "mi210"), ("gh200", "gh200"),
    ("a800", "a800-sxm-80gb"),
  ])
  func resolves(written: String, name: String) {
    #expect(Catalogue.hardwareName(written) == name)
  }

  /// Kernels run on one die of a module: what is measured on an MI250 is.
  @Test func kernelsRunOnOneDie() throws {
    #expect(try Catalogue.measuredHardware("AMD Instinct MI250") == Catalogue.hardware("mi250-gcd"))
    #expect(try Catalogue.measuredHardware("mi250-gcd").name == "mi250-gcd")
    #expect(try Catalogue.measuredHardware("mi210") == Catalogue.hardware("mi210"))
    #expect(Catalogue.measuredName("mi250x") == "mi250x-gcd" && Catalogue.measuredName("nobodys") == nil)
    #expect(throws: InputError.self) { try Catalogue.measuredHardware("nobodys") }
    #expect(try Catalogue.hardware("mi250").cores == 2 * Catalogue.hardware("mi250-gcd").cores)
  }

  /// Memory, socket and watts choose; the order of words does not.
  @Test func wordsChooseTheVariant() throws {
    let usual = try Catalogue.hardware("a100_pcie_40gb_hbm2_250w")
    #expect(usual == (try Catalogue.hardware("a100-pcie-40gb")))
    let limited = try Catalogue.hardware("a100_pcie_80gb_hbm2e_200w")
    #expect(limited.name == "a100-pcie-80gb")
    #expect(limited.powerWatts == 200)
    #expect(limited.point == OperatingPoint(powerWatts: 200))
    #expect(try Catalogue.hardware("40GB HBM2 A100 PCIe").name == "a100-pcie-40gb")
  }

  /// Every name that a file gives itself is found, and finds it.
  @Test func everyAliasResolves() {
    for entry in EmbeddedFiles.hardware {
      for alias in entry.aliases { #expect(Catalogue.hardwareName(alias) == entry.name, "\(alias)") }
    }
  }

  @Test(arguments: [
    ("h300", ["h100", "h200"], ["a30"]), ("gb20", ["gb10", "gb200"], ["a10", "b200"]),
    ("rtx-6090", ["rtx-5090", "rtx-4090"], []), ("mi400x", ["mi300x"], []), ("m6-max", ["m5-max"], []),
    ("rtz-4090", ["rtx-4090"], []), ("b60 max", ["b60"], []),
  ])
  func unknownOnesAreRefusedWithTheirFamily(name: String, near: [String], far: [String]) {
    let error = #expect(throws: InputError.self) { try Catalogue.hardware(name) }
    #expect(error?.kind == .missing)
    for wanted in near { #expect(error?.message.contains("“\(wanted)") == true, "\(error?.message ?? "")") }
    for wrong in far { #expect(error?.message.contains("“\(wrong)") == false, "\(error?.message ?? "")") }
  }

  /// What fits several is no device.
  @Test func ambiguousNamesSayWhich() {
    let error = #expect(throws: InputError.self) { try Catalogue.hardware("HBM2e 80GB") }
    #expect(error?.message.contains("may be “a100-pcie-80gb” or") == true, "\(error?.message ?? "")")
  }
}

/// A device away from its data sheet's point.
@Suite struct OperatingPointTests {
  @Test func halfTheClockHalvesWhatTheCoresDo() throws {
    let sheet = try Catalogue.hardware("h100-sxm")
    let slow = try sheet.operating(
      at: OperatingPoint(clock: "0.915GHz", power: nil, bandwidthEfficiency: nil))
    #expect(slow.peak(.bf16) == (try #require(sheet.peak(.bf16))) / 2)
    #expect(slow.vectorFLOPsPerSecond == sheet.vectorFLOPsPerSecond / 2)
    #expect(slow.levels[2].bytesPerSecond == sheet.levels[2].bytesPerSecond / 2)
    #expect(slow.levels[0] == sheet.levels[0] && slow.levels[1] == sheet.levels[1])
  }

  /// An eighth of the power would be half of the clock; what is above the usual limit changes nothing.
  @Test func clockFallsWithTheCubeRootOfPower() throws {
    #expect(abs(OperatingPoint.clockShare(powerShare: 0.125) - 0.5) < 1e-12)
    let sheet = try Catalogue.hardware("h100-sxm")
    let more = try sheet.operating(at: OperatingPoint(powerWatts: 800))
    #expect(more.peaks == sheet.peaks && more.powerWatts == 800)
    let less = try sheet.operating(at: OperatingPoint(powerWatts: 350))
    let clock = try #require(less.clockHertz) / (try #require(sheet.clockHertz))
    #expect(abs(clock * clock * clock - 0.5) < 1e-12)
  }

  @Test(arguments: [
    ("1.4", "300W"), ("fast", "300W"), ("20GHz", "300W"), ("1.4GHz", "5W"), ("1.4GHz", "300 TW"),
    ("10MHz", "300W"),
  ])
  func nonsenseIsRefused(clock: String, power: String) throws {
    let sheet = try Catalogue.hardware("h100-sxm")
    let error = #expect(throws: InputError.self) {
      _ = try sheet.operating(at: OperatingPoint(clock: clock, power: power, bandwidthEfficiency: nil))
    }
    #expect(error?.kind == .usage && error?.message.contains("accepted") == true)
  }

  /// A clock slows the prompt, hardly a step of decoding; both say so.
  @Test func pointsReachTheScenario() throws {
    var request = ScenarioRequest(model: "llama-3-8b", device: "h100-sxm", inputLength: 2048)
    let usual = try request.resolve()
    request.point = OperatingPoint(clockHertz: 0.915e9)
    let slow = try request.resolve()
    let ratio = slow.evaluator.totals(slow.workload).seconds / usual.evaluator.totals(usual.workload).seconds
    #expect((1.8...2.001).contains(ratio))
    #expect(slow.assumptions.contains(.operatingPoint(request.point, clockHertz: 0.915e9)))
    #expect(!usual.assumptions.contains { if case .operatingPoint = $0 { true } else { false } })
  }

  /// A step of decoding is bound by far memory: half of its rate takes twice as long, and the bound stays.
  @Test func bandwidthEfficiencyChangesTheExpectationOnly() throws {
    var request = ScenarioRequest(
      model: "llama-3-8b", device: "h100-sxm", phase: .decode, contextLength: 2048)
    let usual = try request.resolve()
    request.point = OperatingPoint(bandwidthEfficiency: 0.5)
    let slow = try request.resolve()
    let (before, after) = (usual.evaluator.totals(usual.workload), slow.evaluator.totals(slow.workload))
    #expect(abs(after.seconds / before.seconds - 2) < 0.02)
    #expect(after.floor == before.floor)
  }
}
