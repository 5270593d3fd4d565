import Specs

extension Block {
  /// Columns of measured runs; any others are passed over. Counters' bytes stand in columns of their own
  /// (`MeasuredTraffic`).
  package static let runs = Block(
    "measured runs",
    "CSV with a heading, a row a run; an empty cell says nothing. Written by `rooftree bench`, read by `calibrate` and `validate`.",
    [
      Key("gpu", "The device, however its name is written.", else: "that of `--on`"),
      Key(
        "kernel",
        "The class of kernel: \(KernelClass.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")).",
        else: nil),
      Key("framework", "The software whose kernel ran.", else: "not known"),
      Key("version", "Of that software.", else: "not known"),
      Key("dtype", "Number format of the products.", else: "16 bits"),
      Key("kv_dtype", "Number format of keys and values.", else: "`dtype`"),
      Key(
        "time_us", also: ["time_ms", "time_s", "time_ns"],
        "Time of one launch, in the unit of the column's name.", else: nil),
      Key(
        "m", "Rows of a product or of a row-wise kernel: tokens.",
        else: "needed by `gemm`, `bmm`, row-wise kernels"),
      Key("n", "Outputs of a product.", else: "needed by `gemm`, `bmm`"),
      Key(
        "k", "Inputs of a product, or elements of a row.", else: "needed by `gemm`, `bmm`, row-wise kernels"),
      Key(
        "batch", "Sequences, products of a batched one, or passes.",
        else: "needed by attention, `bmm`, `forward_pass`"),
      Key("seq_q", "New tokens of each sequence.", else: "1 in decoding; needed by prefill"),
      Key("seq_kv", "Keys of each sequence, the new ones among them.", else: "`seq_q`; needed by decoding"),
      Key("heads_q", "Query heads on this device.", else: "needed by attention"),
      Key("heads_kv", "Key and value heads on this device.", else: "`heads_q`"),
      Key(
        "head_dim", "Elements of a key; of latent attention with its rotary part.",
        else: "needed by attention"),
      Key("window", "Keys that a query sees; 0: all.", else: "0"),
      Key("experts", "Routed experts of the layer.", else: "needed by `moe`"),
      Key("topk", "Experts of a token.", else: "needed by `moe`"),
      Key("hidden", "Elements of a token.", else: "needed by `moe`"),
      Key("intermediate", "Inner width of a whole expert.", else: "needed by `moe`"),
      Key(
        "tokens", "Tokens before they choose experts, or of a pass.", else: "needed by `moe`, `forward_pass`"),
      Key("moe_tp", "Devices that share each expert's width.", else: "1"),
      Key("moe_ep", "Devices that experts are dealt out to.", else: "1"),
      Key("gated", "0: two matrices an expert, else three.", else: "1"),
      Key(
        "distribution", "`balanced`: tokens dealt out in turn; `power_law_1.2`: by that exponent.",
        else: "each token chooses alike"),
      Key("world_size", "Devices that take part.", else: "needed by collectives"),
      Key("message_bytes", "The whole buffer of a collective, bytes.", else: "needed by collectives"),
      Key(
        "op",
        "Operator of an element-wise kernel: `add`, `mul`, … read two tensors; `addu`, `relu`, … one; `pow`, `powu` compute.",
        else: "two tensors"),
      Key("weights", "Parameters of a model.", else: "needed by `forward_pass`"),
      Key("weight_bytes", "Their bytes.", else: "needed by `forward_pass`"),
    ])

  /// Columns of counters' bytes, each level's reads, writes or both.
  package static var trafficColumns: [String] {
    MeasuredTraffic.names.flatMap { ["\($0)_read_bytes", "\($0)_write_bytes", "\($0)_bytes"] }
  }
}

extension KernelClass {
  /// Columns without which a row of the class says nothing.
  package var neededColumns: [String] {
    Dimension.all(of: self).filter(\.isNeeded).map(\.column.rawValue)
  }

  /// Parameters that calibrations have of the class, in any format and by any software.
  package var allParameters: [Parameter] {
    var found: [Parameter] = []
    for framework in ["", "nccl"] {
      for format in ["bf16", "fp8", "fp32"] {
        let group = RunGroup(self, Framework(framework), version: "", format: RunFormat(spelled: format))
        for parameter in group.parameters where !found.contains(where: { $0.name == parameter.name }) {
          found.append(parameter)
        }
      }
    }
    return found
  }
}

extension ServingFile {
  /// What its `parameters` are.
  package static var parameters: [Parameter] { ServingFit.parameters }
}
