import Kernels
import Testing

/// What every kernel has to show, on any shape: right results, counters equal to the formula to the byte.
func checkKernel(_ kernel: some Kernel, tolerance: Double = 2e-5) {
  for arithmetic in Arithmetic.available {
    for threads in [1, 3] {
      let data = kernel.makeData(arithmetic, threads: threads)
      kernel.run(data, arithmetic, threads: threads)
      let error = kernel.error(data)
      #expect(
        error < tolerance, "\(kernel.name) \(kernel.shape) \(arithmetic.name) \(threads) threads: \(error)")
    }
    let data = kernel.makeData(arithmetic, threads: 1)
    let counter = kernel.count(data, arithmetic)
    #expect(kernel.error(data) < tolerance, "\(kernel.name) \(kernel.shape) counted")
    for (depth, condition) in kernel.formula(arithmetic).conditions.enumerated() {
      let place = "\(kernel.name) \(kernel.shape) \(arithmetic.name): \(condition.name)"
      #expect(Double(counter.reads[depth]) == condition.reads, "reads, \(place)")
      #expect(Double(counter.writes[depth]) == condition.writes, "writes, \(place)")
      #expect(Double(counter.allocations[depth]) == condition.allocations, "allocations, \(place)")
    }
  }
}
