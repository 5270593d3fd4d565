import Specs
import Testing

@testable import Calibration

/// Files of runs that other tools write: what is read of each kind, and what is refused by its own name.
@Suite struct ForeignRunsTests {
  static func read(_ text: String, model: String? = nil) throws -> RunFile {
    try RunsReader.read(
      SourceFile(name: "f", text: text), of: try model.map { try Catalogue.model($0) })
  }

  static func refusal(_ text: String) -> String {
    do {
      let file = try read(text)
      return "read: \(file.runs.count) runs"
    } catch {
      return "\(error)"
    }
  }

  // MARK: - Kernels

  static let long =
    #""ID","Process ID","Kernel Name","Section Name","Metric Name","Metric Unit","Metric Value""#

  static func launch(_ id: Int, _ metric: String, _ unit: String, _ value: String, m: Int = 64) -> String {
    #""\#(id)","7","gemm m=\#(m) n=512 k=256 dtype=bf16","S","\#(metric)","\#(unit)","\#(value)""#
  }

  /// Microseconds of the launches that were read.
  static func microseconds(_ text: String) throws -> [Double] {
    try read(text).runs.map { ($0.seconds * 1e9).rounded() / 1e3 }
  }

  @Test(arguments: [
    // Units by row; one launch once, though two sections have its duration.
    (
      [
        long, launch(0, "Duration", "us", "12.50"), launch(0, "gpu__time_duration.sum", "us", "12.50"),
        launch(1, "Duration", "ms", "1.25"),
      ], [12.5, 1250]
    ),
    ([long, launch(0, "gpu__time_duration.avg", "nsecond", "12,500")], [12.5]),
    ([long, launch(0, "Duration", "µs", "12.5"), launch(1, "Duration", "μs", "13.5")], [12.5, 13.5]),
    // Commas are decimal where one does not stand before three digits.
    (
      [long, launch(0, "Duration", "us", "12,50"), launch(1, "Duration", "us", "1.012,500")], [12.5, 1012.5]
    ),
    // Wide: units below the heading; without them nanoseconds.
    (
      [
        #""ID","Kernel Name","gpu__time_duration.sum""#, #""","","us""#,
        #""0","gemm m=64 n=512 k=256 dtype=bf16","12.5""#,
      ], [12.5]
    ),
    (
      [
        #""ID","Kernel Name","gpu__time_duration.sum""#, #""0","gemm m=64 n=512 k=256 dtype=bf16","12,500""#,
      ], [12.5]
    ),
    // The window's table, semicolons, and the summary.
    (["ID;Function Name;Duration [us]", "0;gemm m=64 n=512 k=256 dtype=bf16;12,500"], [12.5]),
    (
      [
        #""Kernel Name","Invocations","Metric Name","Metric Unit","Minimum","Maximum","Average""#,
        #""gemm m=64 n=512 k=256 dtype=bf16","3","Duration","us","11","14","12.5""#,
      ], [12.5]
    ),
    // Nsight Systems, by range; rocprofv3's trace, behind a log.
    (
      [
        "NVTX Range,Kern Inst,Total Time (ns),Avg (ns),Med (ns),Kernel Name",
        "gemm m=64 n=512 k=256 dtype=bf16,3,37600,12533,12500.0,sm90_gemm",
      ], [12.5]
    ),
    (
      [
        "W2025 tool initialised", #""Kind","Dispatch_Id","Kernel_Name","Start_Timestamp","End_Timestamp""#,
        #""KERNEL_DISPATCH",1,"gemm m=64 n=512 k=256 dtype=bf16",1000000,1012500"#,
      ], [12.5]
    ),
  ])
  func kernelTables(lines: [String], expected: [Double]) throws {
    #expect(try Self.microseconds(lines.joined(separator: "\r\n")) == expected)
  }

  @Test func countersBecomeTraffic() throws {
    let file = try Self.read(
      [
        Self.long, Self.launch(0, "Duration", "us", "12.5"),
        Self.launch(0, "dram__bytes_read.sum", "Mbyte", "1.5"),
        Self.launch(0, "dram__bytes_write.sum", "Kbyte", "250"),
        Self.launch(0, "lts__t_bytes.sum", "byte", "4096"),
        Self.launch(0, "dram__bytes_read.sum", "Mbyte", "1.5"),
        Self.launch(0, "lts__t_sectors_op_read.sum", "sector", "64"),
      ].joined(separator: "\n"))
    let levels = try #require(file.runs.first).traffic.levels
    #expect(levels.map(\.name) == ["hbm", "l2"])
    #expect(levels[0].read == 1.5e6 && levels[0].write == 2.5e5 && levels[0].total == 1.75e6)
    #expect(levels[1].total == 4096 && levels[1].read == 2048)
    let rocprof = try Self.read(
      [
        "Dispatch_Id,Kernel_Name,Counter_Name,Counter_Value,Start_Timestamp,End_Timestamp",
        "1,gemm m=64 n=512 k=256 dtype=bf16,FETCH_SIZE,100,0,12500",
        "1,gemm m=64 n=512 k=256 dtype=bf16,WRITE_SIZE,10,0,12500",
      ].joined(separator: "\n"))
    #expect(rocprof.runs.count == 1 && rocprof.runs[0].traffic.levels[0].read == 102_400)
    #expect(abs(rocprof.runs[0].seconds - 12.5e-6) < 1e-15)
  }

  @Test func uncoreCountersOfACommand() throws {
    let file = try Self.read(
      """
      # started on a Saturday
      # gemm m=64 n=512 k=256 dtype=float32 launches=10
      5.0,MiB,uncore_imc_0/cas_count_read/,1000,100.00,,
      3.0,MiB,uncore_imc_1/cas_count_read/,1000,100.00,,
      1000,,uncore_imc_0/cas_count_write/,1000,100.00,,
      125000,ns,duration_time,125000,100.00,,
      # gemm m=65 n=512 k=256 dtype=float32
      5.0,MiB,uncore_imc_0/data_reads/,1000,100.00,,
      """)
    let run = try #require(file.runs.first)
    #expect(
      file.runs.count == 1 && file.rejected.count == 1 && "\(file.rejected[0])".contains("duration_time"))
    #expect(run.traffic.levels[0].read == 838_861 && run.traffic.levels[0].write == 6400)
    #expect(abs(run.seconds - 12.5e-6) < 1e-15)
    let silent = try Self.read(
      "5.0,MiB,uncore_imc_0/data_reads/,1,100.00,,\n6,MiB,uncore_imc_1/data_reads/,1,1,,")
    #expect(silent.runs.isEmpty && "\(silent.rejected)".contains("nothing says what ran"))
  }

  @Test(arguments: [
    (long + "\n" + #""0","7","sm90_xmma_gemm","S","Duration","us","1""#, "f:2:1: Nsight Compute: no shape"),
    (long + "\n" + launch(0, "Registers", "", "64"), "f:2:1: Nsight Compute: the launch has no duration"),
    (long + "\n" + launch(0, "Duration", "parsec", "64"), "f:2:1: the unit is “parsec”"),
    ("ID,Function Name,Duration\n0,gemm m=64 n=512 k=256 dtype=bf16,12.5", "f:2:1: the duration has no unit"),
    (long + "\n" + launch(0, "Duration", "us", "(null)"), "f:2:1: the figure is “(null)”"),
    ("Time (%),Total Time (ns),Avg (ns),Name\n61.0,10,1,ampere_gemm", "f:2:1: Nsight Systems: no shape"),
    ("Name,Calls,TotalDurationNs,AverageNs\nCijk,1,2,2", "f:2:1: rocprof: no shape"),
  ])
  func launchesThatSayTooLittle(text: String, says: String) throws {
    let file = try Self.read(text)
    #expect(file.runs.isEmpty && file.rejected.count == 1)
    #expect("\(file.rejected[0])".contains(says), "\(file.rejected[0])")
  }

  // MARK: - Whole passes

  static let csv = """
    build_commit,build_number,backends,gpu_info,n_gpu_layers,type_k,model_type,model_size,model_n_params,n_prompt,n_gen,avg_ns
    "ab","12","CUDA","G","99","f16","llama 8B Q4_0","4600000000","8030261248","0","32","640000000"
    """

  /// The same result in each of llama-bench's forms is the same pass; only figures rounded for people differ.
  @Test func llamaBenchInItsForms() throws {
    let pass = try #require(try Self.read(Self.csv).runs.first)
    #expect(pass.group.label == "forward_pass llama.cpp b12 q4_0 cache float16" && pass.seconds == 0.64)
    let json =
      #"{"build_number": 12, "backends": "CUDA", "gpu_info": "G", "n_gpu_layers": 99, "type_k": "f16", "model_type": "llama 8B Q4_0", "model_size": 4600000000, "model_n_params": 8030261248, "n_prompt": 0, "n_gen": 32, "avg_ns": 640000000}"#
    let wrapped = "{\n \"host\": \"x\",\n \"results\": [\n\(json)\n]}"
    let logged = "ggml_init: found 1 device\n[info] ready\n\(json)\nmain: done"
    let older = json.replacing("\"backends\": \"CUDA\"", with: "\"cuda\": true, \"metal\": false")
      .replacing("\"type_k\": \"f16\"", with: "\"f16_kv\": true")
    for (text, line) in [("[\(json)]", 1), (wrapped, 4), (logged, 3), (older, 1)] {
      let file = try Self.read(text)
      #expect(file.runs.map(\.withoutPlace) == [pass.withoutPlace] && file.rejected.isEmpty, "\(file)")
      #expect(file.runs.first?.line == line)
    }
    let printed = try #require(
      try Self.read(
        """
        Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes
        | model          |       size |     params | backend | ngl |            test |              t/s |
        | -------------- | ---------: | ---------: | ------- | --: | --------------: | ---------------: |
        | llama 8B Q4_0  |   4.28 GiB |     8.03 B | CUDA    |  99 |            tg32 |     50.00 ± 0.31 |
        | llama 8B Q4_0  |   4.28 GiB |     8.03 B | CUDA    |  99 |   pp512 @ d1024 |   5000.00 ± 9.00 |
        | llama 8B Q4_0  |   4.28 GiB |     8.03 B | CUDA    |  99 |      pp512+tg32 |   4000.00 ± 9.00 |

        build: ab (12)
        """) as RunFile?)
    #expect(printed.runs.count == 2 && printed.rejected.count == 1 && printed.runs[0].group == pass.group)
    #expect(printed.runs[0].seconds == 0.64 && printed.runs[0].gpu == "NVIDIA GeForce RTX 4090")
    #expect(abs(printed.runs[0].shape.pass.weights / pass.shape.pass.weights - 1) < 1e-3)
    #expect(printed.runs[1].shape.pass.keys == 1280 && printed.runs[1].seconds == 512 / 5000.0)
  }

  @Test(arguments: [
    ("\"n_gpu_layers\": 0", "no layers are on the GPU"),
    ("\"n_gpu_layers\": 20", "20 layers are on the GPU, of 33"),
    ("\"n_gpu_layers\": \"nan\"", "“n_gpu_layers” is nan"),
    ("\"no_kv_offload\": true", "cache is on the CPU"),
    ("\"tensor_buft_overrides\": \"exps=CPU\"", "placed by hand"),
    ("\"n_cpu_moe\": 4", "experts of 4 layers"), ("\"gpu_info\": \"A, A\"", "2 GPUs worked as one"),
    ("\"gpu_info\": \"A, B\", \"split_mode\": \"none\", \"main_gpu\": 1", "on B"),
    ("\"gpu_info\": \"A, B\", \"devices\": \"CUDA0\"", "on A"),
    ("\"n_gpu_layers\": 33, \"gpu_info\": \"A\"", "on A"),
    ("\"n_gpu_layers\": -1, \"gpu_info\": \"A\"", "on A"),
    ("\"backends\": \"CPU\", \"cpu_info\": \"C\", \"gpu_info\": \"\"", "on C, the host"),
  ])
  func onlyRunsOfOneDevice(keys: String, says: String) throws {
    let backend = keys.contains("backends") ? "" : "\"backends\": \"CUDA\","
    let file = try Self.read(
      "[{\(backend) \(keys), \"model_type\": \"llama 8B F16\", \"model_size\": 16e9, \"model_n_params\": 8030261248,"
        + " \"n_prompt\": 0, \"n_gen\": 32, \"avg_ns\": 64000000}]")
    let said =
      file.rejected.map { "\($0)" } + file.runs.map { "on \($0.gpu)\($0.isOnHost ? ", the host" : "")" }
    #expect(said.count == 1 && said[0].contains(says), "\(said)")
  }

  /// A mixture reads the experts that its tokens choose and computes with theirs alone.
  @Test func mixturesAreKnownByTheirSize() throws {
    func entry(_ type: String, _ parameters: Int, prompt: Int = 0, generated: Int = 0) -> String {
      "[{\"backends\": \"CUDA\", \"n_gpu_layers\": 99, \"model_type\": \"\(type)\", \"model_size\": 13000000000,"
        + "\"model_n_params\": \(parameters), \"n_prompt\": \(prompt), \"n_gen\": \(generated), \"avg_ns\": 64000000}]"
    }
    let mixture = try Catalogue.model("gpt-oss-20b")
    let total = Int(mixture.parameters.total)
    let one = try #require(try Self.read(entry("gpt-oss ?B MXFP4 MoE", total, generated: 32)).runs.first)
      .shape.pass
    #expect(one.weights == mixture.parameters.active)
    #expect(abs(one.weightBytes / (13e9 * mixture.parameters.active / mixture.parameters.total) - 1) < 1e-9)
    let many = try #require(try Self.read(entry("gpt-oss 20B MXFP4 MoE", total, prompt: 512)).runs.first)
      .shape.pass
    #expect(many.weights == one.weights && abs(many.weightBytes / 13e9 - 1) < 1e-9)
    for type in ["grok 1T Q4_0", "dots1 99B Q4_0", "llama4 99Bx16E (Scout) Q4_0", "x 5T.A3B Q4_0"] {
      let file = try Self.read(entry(type, 987_654_321_987, generated: 32))
      #expect(file.runs.isEmpty && "\(file.rejected)".contains("state it with --model"), "\(type)")
    }
    let stated = try RunsReader.read(
      SourceFile(name: "f", text: entry("mystery-moe 20B Q4_0", total, generated: 32)), of: mixture)
    #expect(stated.runs.first?.shape.pass == one)
    let other = try RunsReader.read(
      SourceFile(name: "f", text: entry("mystery-moe 9B Q4_0", 9_000_000_000, generated: 32)), of: mixture)
    #expect(other.runs.isEmpty && "\(other.rejected)".contains("of --model"))
  }

  @Test func batchedBenchesTakeAModel() throws {
    let text =
      #"{"n_kv_max": 4096, "n_ubatch": 512, "is_pp_shared": 0, "n_gpu_layers": 99, "pp": 128, "tg": 64, "pl": 4, "t_pp": 0.5, "t_tg": 2.0}"#
    let silent = try Self.read(text)
    #expect(silent.runs.isEmpty && "\(silent.rejected)".contains("--model"))
    let printed =
      "| PP | TG | B | N_KV | T_PP s | S_PP t/s | T_TG s |\n|-|-|-|-|-|-|-|\n|128|64|4|768|0.5|1|2.0|"
    for text in [text, printed] {
      let runs = try Self.read(text, model: "llama-3-8b").runs
      #expect(runs.map(\.seconds) == [0.5, 2] && runs.map(\.shape.pass.tokens) == [512, 4])
      #expect(runs[1].shape.pass.passes == 64 && runs[1].shape.pass.keys == 640)
    }
    // What a table's log says of its runs.
    func logged(_ settings: String) throws -> RunFile {
      try Self.read("main: n_kv_max = 4096, n_ubatch = 512, \(settings)\n\n" + printed, model: "llama-3-8b")
    }
    #expect(
      try logged("is_pp_shared = 1, n_gpu_layers = 99").runs.map(\.shape.pass.tokens) == [128, 4])
    let partial = try logged("is_pp_shared = 0, n_gpu_layers = 20")
    #expect(partial.runs.isEmpty && "\(partial.rejected)".contains("20 layers on the GPU"))
    let sglang = try Self.read(
      #"{"run_name": "a", "batch_size": 8, "input_len": 256, "output_len": 16, "prefill_latency": 0.05, "median_decode_latency": 0.01}"#,
      model: "llama-3-8b"
    ).runs
    #expect(sglang.map(\.seconds) == [0.05, 0.01] && sglang.map(\.shape.pass.tokens) == [2048, 8])
  }

  // MARK: - Refused

  @Test(arguments: [
    (#"{"request_throughput": 1.9, "mean_ttft_ms": 91.0, "mean_tpot_ms": 8}"#, "vllm bench serve"),
    (#"{"avg_latency": 3.2, "latencies": [3.1, 3.3], "percentiles": {}}"#, "vllm bench latency"),
    (#"{"elapsed_time": 3.2, "num_requests": 10, "tokens_per_second": 5}"#, "vllm bench throughput"),
    (#"{"backend": "sglang", "mean_ttft_ms": 3, "request_throughput": 1}"#, "SGLang's bench_serving"),
    (#"{"performance": {"request_throughput_req_s": 3}}"#, "TensorRT-LLM's report"),
    (#"{"schemaVersion": 1, "traceEvents": []}"#, "a trace of PyTorch's profiler"),
    (
      "-----\n    Name    Self CPU %      Self CPU    # of Calls\n-----\n aten::mm",
      "PyTorch profiler's table"
    ),
    (
      "llama_perf_context_print: eval time = 3.0 ms / 7 runs (2.6 ms per token, 4 tokens per second)",
      "llama.cpp's log"
    ),
    ("eval count: 298 token(s)\neval rate: 88.5 tokens/s", "Ollama's figures"),
    (#"{"rocprofiler-sdk-tool": [{"buffer_records": {}}]}"#, "rocprofv3's JSON"),
    (" Performance counter stats for './a':\n 5.00 MiB uncore_imc_0/cas_count_read/", "`perf stat -x,`"),
    ("INSERT INTO test (build_commit, avg_ns) VALUES ('a', 1);", "llama-bench's SQL"),
    ("  Section: GPU Speed Of Light Throughput\n  Metric Name  Metric Unit Metric Value", "`ncu --csv`"),
    ("a\nb", "the heading needs “kernel”"),
  ])
  func othersAreRefusedByName(text: String, says: String) {
    #expect(Self.refusal(text).contains(says), "\(Self.refusal(text))")
  }

  /// A quote that stays open costs its row, not the rest of the file.
  @Test func openQuotesEndWithTheirLine() throws {
    let file = try Self.read(
      "kernel,dtype,m,n,k,time_us\ngemm,\"bf16,1,2,3,4\ngemm,bf16,1,2,3,5\ngemm,\"bf16\",1,2,3,6\n")
    #expect(file.runs.map(\.line) == [3, 4] && file.rejected.count == 1)
    #expect("\(file.rejected[0])".contains("f:2:1: a quote opens here"))
  }

  @Test func columnsOfBytes() throws {
    let file = try Self.read(
      "kernel,dtype,m,n,k,time_us,hbm_read_bytes,hbm_write_bytes,l2_bytes,l9_bytes\ngemm,bf16,1,2,3,4,100,50,700,1\ngemm,bf16,1,2,4,4,,,,\n"
    )
    let levels = file.runs[0].traffic.levels
    #expect(levels.map(\.name) == ["hbm", "l2"] && levels.map(\.total) == [150, 700])
    #expect(file.runs[1].traffic.isEmpty)
  }

  @Test(arguments: [
    ("kernel,m,m,n,k,time_us\ngemm,1,1,1,1,1", "the column “m” stands there twice"),
    ("kernel,dtype,m,n,k,time_us\ngemm,bf16,1e-300,1,1,1", "“m” is “1e-300”"),
    (
      "kernel,dtype,experts,topk,hidden,intermediate,tokens,time_us\nmoe,bf16,1e15,1,8,8,8,1",
      "“experts” is “1e15”"
    ),
    (
      "kernel,dtype,experts,topk,hidden,intermediate,tokens,time_us\nmoe,bf16,4,8,8,8,8,1", "“topk” is 8 of 4"
    ),
  ])
  func nonsenseIsLeftOut(text: String, says: String) {
    let said = (try? Self.read(text)).map { "\($0.rejected)" } ?? Self.refusal(text)
    #expect(said.contains(says), "\(said)")
  }
}
