import Specs

/// Columns of measured deployments: those that are needed tell the tables apart, any that are not listed are passed over.
extension Block {
  private static let id = Key("id", "The row's own name.", else: "its number, from 1")
  private static let device = "The device, however its name is written."
  private static let model = "The model, as commands take it."

  /// One operation at one size a row.
  package static let measuredCollectives = Block(
    "measured collectives", "Messages between devices, one operation at one size a row.",
    [
      id,
      Key(
        "op",
        "`allreduce`, `all_gather`, `reduce_scatter`, `alltoall`, `sendrecv`, `broadcast`; or of experts `moe_dispatch_low_latency`, `moe_combine_normal`, `moe_prepare`, ….",
        else: nil),
      Key("hardware", device, else: nil), Key("gpus", "Devices that take part.", else: nil),
      Key("time_us", "Time of one operation, microseconds.", else: nil),
      Key("bytes", "The whole buffer of a collective, bytes.", else: "needed by all but experts' messages"),
      Key("nodes", "Hosts that they stand in.", else: "1"),
      Key("gpus_per_node", "Devices of each.", else: "`gpus` ÷ `nodes`"),
      Key(
        "intra_link",
        "Link within a node: `NVLink4`, `PCIe with peer access`, `PCIe without peer access`, `NVLink pairs`.",
        else: "the fastest of the device's profile"),
      Key(
        "inter_link", "Network: `400 Gb/s per GPU`, or `8x400 Gb/s` of a node.",
        else: "needed by several nodes"),
      Key("library", "`nccl`, `deepep`, …; `torch` adds its own launch.", else: "not known"),
      Key("version", "Of the library.", else: "not known"),
      Key(
        "algorithm", "`ring`: ranks add up; `nvls`: the switch does.", else: "whichever is faster"),
      Key("hidden", "Elements of a token.", else: "needed by experts' messages"),
      Key("tokens", "Tokens of each device.", else: "needed by experts' messages"),
      Key("topk", "Experts of a token.", else: "needed by experts' messages"),
      Key("experts", "Routed experts.", else: "needed by experts' messages"),
      Key("sms", "Cores that move DeepEP's normal messages.", else: "20"),
      Key("dtype", "Number format of the buffer; it tells series apart.", else: "not known"),
      Key("source", "Who measured; it tells series apart.", else: "not known"),
      Key("where", "The page or file; it tells series apart.", else: "not known"),
      Key(
        "confidence", "A row that begins with `HARDWARE UNSTATED` has no prediction.", else: "not known"),
      Key("notes", "Words; `torch` among them adds its launch.", else: "none"),
    ])

  /// A part of a rank's memory a row.
  package static let measuredMemory = Block(
    "measured memory", "Memory of a rank in training or serving, one part of it a row.",
    [
      id, Key("model", model, else: nil), Key("hardware", device, else: nil),
      Key("gpus", "Devices; tensor ranks where `parallelism` says nothing.", else: nil),
      Key("parallelism", "`tp8 pp2 ep4 dp2 cp2 zero1`, any of them; may be empty.", else: nil),
      Key("precision", "Number format of the weights; empty: bf16.", else: nil),
      Key("method", "`pre-training`, or `serving`, `inference`, `generation`.", else: nil),
      Key(
        "metric",
        "What was measured: `fits` (1 or 0), `peak…`, `…reserved…`, `model_states_per_gpu`, `…weight…`, `…kv…`, `…cache…`, `…activation…`, `…communication…`, `total…`.",
        else: nil),
      Key("value", "The figure.", else: nil), Key("unit", "`GiB`, `MiB`, `GB` or `MB`.", else: "bytes"),
      Key("micro_batch", "Sequences at once.", else: "1"),
      Key("seq_len", "Tokens of each.", else: "1 in serving; needed by training"),
      Key("recompute", "`full…`: activations are computed again.", else: "none are"),
      Key("overrides", "Changes of the model, `key=value; key=value`, as `--set` takes them.", else: "none"),
      Key("source", "Who measured; rows are grouped by it.", else: "not known"),
    ])

  /// A pass of a model that is given by its shape a row.
  package static let measuredPasses = Block(
    "measured passes",
    "Forward passes of models that are given by their shape, run eagerly by PyTorch in float32.",
    [
      id,
      Key(
        "architecture",
        "The class that ran: `GPT2LMHeadModel`, `OPTForCausalLM`, `BertLMHeadModel`, `SwitchTransformersForConditionalGeneration`; others have no prediction.",
        else: nil),
      Key("layers", "Blocks.", else: nil), Key("hidden", "Elements of a token.", else: nil),
      Key("heads", "Attention heads.", else: nil), Key("vocab", "Tokens of the vocabulary.", else: nil),
      Key("phase", "`inference`; others have no prediction.", else: nil),
      Key("length", "Tokens of each sequence.", else: nil),
      Key("time_s", "Time of the pass, seconds.", else: nil), Key("gpu", device, else: "no prediction"),
      Key("batch", "Sequences.", else: "no prediction"),
      Key("framework", "Rows are grouped by it.", else: "not known"),
      Key("model", "Rows are grouped by it.", else: "not known"),
      Key("head_dim", "Elements of a head.", else: "`hidden` ÷ `heads`"),
      Key("intermediate", "Inner width.", else: "4 × `hidden`"),
      Key(
        "decoder_layers", "Blocks of the decoder beside an encoder.", else: "no prediction of such a model"),
      Key("experts", "Of every second layer of Switch Transformers.", else: "no prediction of such a model"),
      Key("head", "`classification`: no logits for the vocabulary.", else: "logits for every token"),
      Key("activation", "`gelu_new` is written out, others are one kernel.", else: "one kernel"),
      Key("compiled", "1: a compiled graph, which has no prediction.", else: "0"),
      Key("devices", "More than one have no prediction.", else: "1"),
      Key("dtype", "`float32`; others have no prediction.", else: "`float32`"),
    ])

  /// A server under a number of clients a row.
  package static let measuredServers = Block(
    "measured servers",
    "Servers whose clients each ask again when answered, ten times, by prompts of up to the stated length.",
    [
      id, Key("backend", "`vllm`, `sglang` or `trtllm`.", else: nil), Key("system", device, else: nil),
      Key("isl", "Tokens of a prompt.", else: nil), Key("osl", "Tokens of an answer.", else: nil),
      Key("tp_size", "Tensor ranks.", else: nil), Key("concurrency", "Clients.", else: nil),
      Key("model_path", model, else: "no prediction"),
      Key("backend_version", "Of the engine; some compile in the first requests.", else: "an early one"),
      Key(
        "precision",
        "Number format by name; empty and not quantised: a laboratory's run, of one slot fewer than clients.",
        else: "empty"),
      Key(
        "gemm_quant_mode",
        "Format of projections: `fp8`, `fp8_block`, `nvfp4`, `mxfp4`, `int4_wo`, `int8_wo`, ….",
        else: "bf16"),
      Key("moe_quant_mode", "Format of experts.", else: "`gemm_quant_mode`"),
      Key("pp_size", "Pipeline stages; more than one have no prediction.", else: "1"),
      Key("attention_dp_size", "Batches that attention is dealt out to.", else: "1"),
      Key("moe_tp_size", "Ranks that share an expert's width.", else: "1"),
      Key("moe_ep_size", "Ranks that experts are dealt out to.", else: "1"),
      Key("silicon_ttft_ms", "Mean time to the first token, milliseconds.", else: "not judged"),
      Key("silicon_tpot_ms", "Mean time of a further token, milliseconds.", else: "not judged"),
      Key("output_tokens_per_s", "Tokens of answers of all devices, a second.", else: "not judged"),
    ])

  /// A server that was given all requests at once a row.
  package static let measuredThroughputs = Block(
    "measured throughputs", "Servers that were given all requests at once, each of the stated length.",
    [
      id, Key("hardware", device, else: nil), Key("framework", "`vllm`, `sglang` or `trtllm`.", else: nil),
      Key("mode", "`offline…`; others have no prediction.", else: nil), Key("tp", "Tensor ranks.", else: nil),
      Key("input_len", "Tokens of a prompt.", else: nil),
      Key("output_len", "Tokens of an answer.", else: nil),
      Key("output_tokens_per_s", "Tokens of answers of all devices, a second.", else: nil),
      Key("model", model, else: "no prediction"),
      Key("precision", "Number format of the weights.", else: "bf16"),
      Key("kv_dtype", "`fp8`, or 16 bits.", else: "16 bits"), Key("pp", "Pipeline stages.", else: "1"),
      Key("ep", "Ranks that experts are dealt out to.", else: "1"),
      Key(
        "attention_dp", "Batches that attention is dealt out to.",
        else: "1; of experts on TensorRT-LLM from 1.0 on, whichever is faster"),
      Key("version", "Of the engine.", else: "one before 1.0"),
    ])
}
