import Specs

/// What other tools write that says too little of what ran: refused by its own name, with the export to use instead.
struct UnreadFormat {
  var name: String
  /// Words that all stand in it.
  var marks: [String]
  var instead: String

  private static let kernels =
    "times of kernels: `ncu --csv`, or `nsys stats --report nvtx_kern_sum --format csv`"
  private static let passes =
    "times of single passes (`llama-bench -o json`, SGLang's `bench_one_batch --result-filename`), or \(kernels)"

  /// In this order: a file is the first whose marks it has.
  private static let all = [
    UnreadFormat(
      name: "llama-bench's SQL", marks: ["INSERT INTO ", "avg_ns"], instead: "`llama-bench -o json`"),
    UnreadFormat(
      name: "TensorRT-LLM's report", marks: ["\"request_throughput_req_s\""], instead: kernels),
    UnreadFormat(
      name: "TensorRT-LLM's benchmark log", marks: ["[BENCHMARK]", "latency(ms)"], instead: kernels),
    UnreadFormat(
      name: "trtllm-bench's log", marks: ["PERFORMANCE OVERVIEW", "Total Output Throughput"],
      instead: kernels),
    UnreadFormat(
      name: "SGLang's bench_serving", marks: ["\"backend\": \"sglang", "\"mean_ttft_ms\""], instead: passes),
    UnreadFormat(name: "SGLang's bench_serving", marks: ["\"sharegpt_output_len\""], instead: passes),
    UnreadFormat(
      name: "SGLang's bench_offline_throughput", marks: ["\"last_generation_throughput\""], instead: passes),
    UnreadFormat(name: "vllm bench serve", marks: ["\"request_throughput\"", "ttft_ms\""], instead: passes),
    UnreadFormat(name: "vllm bench latency", marks: ["\"avg_latency\"", "\"latencies\""], instead: passes),
    UnreadFormat(
      name: "vllm bench throughput", marks: ["\"num_requests\"", "\"tokens_per_second\""], instead: passes),
    UnreadFormat(name: "a serving benchmark's log", marks: ["Serving Benchmark Result"], instead: passes),
    UnreadFormat(
      name: "vllm bench latency's log", marks: ["Avg latency:", "percentile latency:"], instead: passes),
    UnreadFormat(
      name: "PyTorch profiler's table", marks: ["Self CPU %", "# of Calls"],
      instead: kernels),
    UnreadFormat(name: "a trace of PyTorch's profiler", marks: ["\"traceEvents\""], instead: kernels),
    UnreadFormat(
      name: "Nsight Systems' table as text or JSON", marks: ["Total Time (ns)", "Instances"],
      instead: "`nsys stats --report nvtx_kern_sum --format csv`"),
    UnreadFormat(
      name: "Nsight Compute's report as text", marks: ["Section: ", "Metric Name", "Metric Unit"],
      instead: "`ncu --csv`"),
    UnreadFormat(
      name: "llama.cpp's log of one request", marks: ["eval time =", "tokens per second"],
      instead: "`llama-bench -o json`"),
    UnreadFormat(
      name: "Ollama's figures of one request", marks: ["eval rate:", "tokens/s"],
      instead: "`llama-bench -o json`"),
    UnreadFormat(
      name: "rocprofv3's JSON", marks: ["\"rocprofiler-sdk-tool\""],
      instead: "`rocprofv3 --kernel-rename --output-format csv` with ROCTx ranges"),
    UnreadFormat(
      name: "Linux perf's counters as text", marks: ["Performance counter stats for"],
      instead: "`perf stat -x,`, behind `# gemm m=… n=… k=… dtype=… launches=…`"),
    UnreadFormat(
      name: "a database", marks: ["SQLite format 3"],
      instead: "CSV of it (`nsys stats --format csv`, `rocprofv3 --output-format csv`)"),
  ]

  /// - Throws: `InputError` where the text is one of these.
  static func refuse(_ source: SourceFile) throws(InputError) {
    let start = String(decoding: source.text.utf8.prefix(1 << 20), as: UTF8.self)
    guard let found = all.first(where: { $0.marks.allSatisfy(start.contains) }) else { return }
    throw InputError(
      .data, at: SourceLocation(file: source.name),
      "\(found.name): it does not say what each pass or kernel worked on; accepted: \(found.instead)")
  }
}
