/// A kernel with the data it runs on, of whatever type.
protocol Stage: Sendable {
  func execute<I: Instrument>(_ arithmetic: Arithmetic, _ instrument: inout I)
  func run(_ arithmetic: Arithmetic, threads: Int)
}

struct BoundKernel<K: Kernel>: Stage {
  var kernel: K
  var data: K.Data

  init(_ kernel: K, _ data: K.Data) { (self.kernel, self.data) = (kernel, data) }

  func execute<I: Instrument>(_ arithmetic: Arithmetic, _ instrument: inout I) {
    kernel.execute(data, arithmetic, &instrument)
  }

  func run(_ arithmetic: Arithmetic, threads: Int) { kernel.run(data, arithmetic, threads: threads) }
}
