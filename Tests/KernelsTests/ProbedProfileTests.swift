import Kernels
import Specs
import Testing

/// Whether a store reads first decides what a kernel's writes cost; a profile says it.
@Suite struct ProbedProfileTests {
  private static func seconds(_ more: String) throws -> Double {
    let text = """
      name: here
      cores: 1
      memory:
        - {name: dram, capacity: 8 GiB, bandwidth: 1 GB/s}
        - {name: l1, capacity: 32 KiB, bandwidth: 1000 GB/s}
      peaks: {fp32: 100 TFLOP/s}
      vector: 100 TFLOP/s

      """
    let profile = try HardwareReader.read(SourceFile(name: "here.yaml", text: text + more))
    let kernel = StreamKernel(.copy, elements: 1 << 20)
    return try #require(KernelPrediction(kernel, on: profile, warm: false)).memorySeconds
  }

  @Test(arguments: [
    ("", 8.0), ("probed: {write_allocate: false}", 8), ("probed: {write_allocate: true}", 12),
  ])
  func aCopyMovesTwoOrThreeBytes(_ more: String, _ bytes: Double) throws {
    #expect(try abs(Self.seconds(more) - bytes * 0x1p20 / 1e9) < 1e-9)
  }
}
