/// How a model is split over devices; more than one device is refused rather than priced as one.
public struct SplitRequest: Hashable, Sendable {
  /// Ranks of tensor, pipeline, expert and data parallelism.
  public var tensor, pipeline, expert, data: Int

  /// One device unless said otherwise.
  public init(tensor: Int = 1, pipeline: Int = 1, expert: Int = 1, data: Int = 1) {
    self.tensor = tensor
    self.pipeline = pipeline
    self.expert = expert
    self.data = data
  }

  /// - Throws: `InputError`, 64, for a split, which is not modelled yet.
  public func check() throws(InputError) {
    for (name, value) in [("--tp", tensor), ("--pp", pipeline), ("--ep", expert), ("--dp", data)]
    where value != 1 {
      throw InputError(.usage, "\(name) is \(value); parallelism is not modelled yet, accepted: 1")
    }
  }
}
