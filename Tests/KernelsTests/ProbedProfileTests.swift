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

  /// What is measured is written, read back the same, and priced: far memory where no cache helps, narrow formats by
  /// the units that multiply them.
  @Test func aProbeKnowsThePlateauAndTheNarrowUnits() throws {
    let result = Probe(threads: 1, budgetSeconds: 0.001).run()
    let largest = try #require(result.sweep.map(\.bytes).max())
    #expect(
      largest >= 8 * Double(result.topology.caches.last?.bytes ?? 0)
        || largest >= result.topology.memoryBytes / 16)
    let plateau = result.sweep.filter { $0.operation == .read && $0.bytes >= largest / 2 }.map(
      \.bytesPerSecond)
    #expect(result.profile.levels[0].bytesPerSecond == plateau.max())
    let read = try HardwareReader.read(
      SourceFile(name: "here.yaml", text: HardwareWriter.yaml(result.profile)))
    for unit in result.units {
      let peak = try #require(read.peak(unit.format))
      #expect(abs(peak / unit.operationsPerSecond - 1) < 0.01)
    }
    #expect(read.peak(.fp16) != nil)
  }
}
