import CostModel
import Kernels
import Specs
import Testing

@testable import Calibration
@testable import Reporting

/// Bytes that the cache simulator counted, written as a file of runs: `validate` shows what `crosscheck` shows of them.
@Suite struct ValidationBytesTests {
  /// One core before far memory with one shared cache, as the cross-check prices a kernel's call.
  static func profile(cacheBytes: Double) -> HardwareProfile {
    var profile = HardwareProfile(
      name: "one-cache",
      levels: [
        MemoryLevel(name: "dram", capacityBytes: 1e12, bytesPerSecond: 1e10),
        MemoryLevel(name: "l3", capacityBytes: cacheBytes, bytesPerSecond: 1e11),
      ], peaks: [Peak(.bf16, flopsPerSecond: 1e11)], vectorFLOPsPerSecond: 1e11, cores: 1)
    profile.registerBytesPerCore = cacheBytes
    return profile
  }

  @Test(arguments: CacheGeometry.standard.map(\.geometry))
  func simulatedBytesDifferAsInTheCrosscheck(geometry: CacheGeometry) throws {
    let system = CacheSystem(name: "alone", levels: [("alone", geometry)])
    let profile = Self.profile(cacheBytes: Double(geometry.bytes))
    let device = try #require(DeviceQuantities(profile))
    for (m, n, k) in [(48, 80, 112), (128, 64, 96)] {
      let kernel = GemmKernel(m: m, n: n, k: k)
      let bytes = try #require(system.bytes(of: kernel).first)
      let file = try RunsReader.read(
        SourceFile(
          name: "r.csv",
          text: "kernel,dtype,m,n,k,time_us,dram_read_bytes,dram_write_bytes\n"
            + "gemm,fp32,\(m),\(n),\(k),50,\(Int(bytes.read)),\(Int(bytes.write))\n"))
      let seen = try #require(Crosscheck.traffic(kernel, systems: [system]).first)
      let row = try #require(file.runs.first?.traffic(on: device, profile).first)
      #expect(row.level == "dram" && row.predicted == seen.modelBytes && row.counted == seen.simulated)

      let times = [
        CalibratedTime(seconds: 4e-5, low: 4e-5, high: 8e-5, basis: .upperBound)
      ]
      let group = ValidatedGroup(
        gpu: "", group: file.runs[0].group,
        rows: zip(file.runs, times).map {
          ValidatedRow([$0], at: 0, predicted: $1, bound: RunBound($0.group, $0.shape, on: device))
        })
      let report = ValidationBytes([group], profile)
      #expect(report.columns == ["dram_predicted_bytes", "dram_measured_bytes"])
      #expect(report.cells(group.rows[0]).map(\.number) == [row.predicted, row.counted])
      let chart = try #require(report.charts.first)
      #expect(chart.name == "roofline" && chart.svg().contains("mark measured"))
      #expect(chart.svg().contains("mark predicted"))
    }
  }
}
