import ArgumentParser
import CostModel
import Reporting
import Specs

struct AttentionCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention", abstract: "One attention kernel pass by pass, standard against tiled.",
    discussion: """
      Example:
        rooftree attention --on a100-sxm-40gb --heads 16 --length 1024 --backward
      """)

  @Option(name: [.customLong("on"), .customLong("hardware")], help: "A catalogue name or a profile file.")
  var on: String
  @Option(name: [.customShort("b"), .customLong("batch-size")], help: "Sequences.") var batchSize = 1
  @Option(help: "Query heads, each with keys of its own.") var heads = 32
  @Option(help: "Queries and keys of a sequence.") var length = 2048
  @Option(help: "Width of a head.") var headDim = 128
  @Option(help: "Number format of queries, keys and values.") var dtype = "fp16"
  @Flag(help: "A mask applied by a pass of its own in standard attention.") var mask = false
  @Flag(help: "Dropout on the probabilities.") var dropout = false
  @Flag(help: "The backward pass too.") var backward = false
  @Flag(help: "Causal: tiled kernels skip what the mask forbids.") var causal = false
  @OptionGroup(title: "Operating point") var point: PointOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    try refuse(
      [("--bandwidth-efficiency", point.bandwidthEfficiency != nil)], in: "attention, whose times are bounds")
    let profile = try Catalogue.hardware(on).operating(at: try point.request())
    let format = try NumberFormat.named(dtype)
    for (name, value) in [
      ("--batch-size", batchSize), ("--heads", heads), ("--length", length), ("--head-dim", headDim),
    ] where !(1...100_000_000).contains(value) {
      throw InputError(.usage, "\(name) is \(value); accepted: 1 to 100,000,000")
    }
    let study = AttentionStudy(
      batch: Double(batchSize), heads: Double(heads), length: Double(length), headDim: Double(headDim),
      mask: mask, dropout: dropout, backward: backward, causal: causal,
      bytesPerElement: format.bytesPerElement)
    do {
      try outputs.write(AttentionReport.document(try TimedAttention(study, on: profile, format: format)))
    } catch let error as EvaluationError {
      throw InputError(error, profile)
    }
  }
}
