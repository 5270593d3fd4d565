/// Every kernel that has a name: the one list that the command line, the grids and random shapes go by.
enum KernelList {
  static let all: [any ListedKernel.Type] = [
    StreamKernel.self, GemmKernel.self, GemvKernel.self, RowKernel.self, NaiveAttention.self,
    FlashAttention.self, DecodeAttention.self, LayerKernel.self, RouterKernel.self, ExpertsKernel.self,
  ]
}
