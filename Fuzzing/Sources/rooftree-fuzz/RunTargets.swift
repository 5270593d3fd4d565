import Calibration
import CostModel
import Specs

/// Readers of runs, one target a form; seeds are small files of it.
enum RunTargets {
  static var all: [FuzzTarget] { seeds.map { target($0.name, $0.texts, $0.words) } }

  private static let h100 = try? Catalogue.hardware("h100-sxm")
  private static let device = h100.flatMap { DeviceQuantities($0) }
  private static let model = try? Catalogue.model("mixtral-8x7b")

  private static func target(_ name: String, _ texts: [String], _ words: String) -> FuzzTarget {
    FuzzTarget(
      name: name, seeds: texts.map { Array($0.utf8) },
      dictionary: FuzzTarget.words(words) + [",", ";", "\"", "|", "\u{FEFF}", "µs"].map { Array($0.utf8) },
      run: { bytes in
        try FuzzTarget.guarded {
          let text = String(decoding: bytes, as: UTF8.self)
          let source = SourceFile(name: "fuzz", text: text)
          let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
          for model in [nil, model] { try check(try RunsReader.read(source, of: model), lines: lines) }
        }
      })
  }

  /// Times are times, lines are the file's, and everything can be priced.
  private static func check(_ file: RunFile, lines: Int) throws {
    for error in file.rejected where !(1...lines).contains(error.location?.line ?? 0) {
      throw FuzzTarget.Broken(what: "line \(error.location?.line ?? 0) of \(lines): \(error)")
    }
    guard let device, let h100 else { return }
    for run in file.runs {
      guard run.seconds > 0, run.seconds.isFinite, (1...lines).contains(run.line) else {
        throw FuzzTarget.Broken(what: "\(run)")
      }
      let bound = Baseline.roofline(run.group, run.shape, on: device)
      guard bound >= 0, !bound.isNaN else { throw FuzzTarget.Broken(what: "bound \(bound) of \(run)") }
      for level in run.traffic(on: device, h100)
      where !(level.counted >= 0 && level.counted.isFinite && level.predicted >= 0) {
        throw FuzzTarget.Broken(what: "\(level)")
      }
    }
  }

  private static let seeds: [(name: String, texts: [String], words: String)] = [
    (
      "runs-csv",
      [
        "kernel,framework,version,dtype,m,n,k,time_us,hbm_read_bytes,l2_bytes\ngemm,f,1,bf16,8,64,32,1.5,100,\n",
        "gpu;kernel;dtype;kv_dtype;batch;seq_q;seq_kv;heads_q;heads_kv;head_dim;window;time_ms\nh;attention_prefill;bf16;fp8;1;8;8;4;2;64;0;1,25\nh;attention_decode;bf16;bf16;2;;99;4;2;64;16;0,5\nh;mla_decode;bf16;bf16;2;;99;4;1;576;0;0,5\n",
        "kernel,dtype,experts,topk,hidden,intermediate,tokens,moe_tp,moe_ep,distribution,gated,time_us\nmoe,fp8,64,6,128,96,32,1,2,power_law_1.2,1,9\nmoe,nvfp4,8,2,128,96,32,1,1,balanced,0,9\n",
        "kernel,dtype,world_size,message_bytes,time_ns\nallreduce,fp16,8,4096,900\nrmsnorm,bf16,,,5\n",
        "kernel,m,k,time_s\nrmsnorm,3,4,1e-6\nsilu_mul,3,4,1e-6\nrope,3,4,\"1e-6\"\n",
      ], "kernel time_us gemm moe experts balanced power_law_ 1e-300 nan 0x1p9 fp8 attention_decode"
    ),
    (
      "llama-bench",
      [
        #"[{"build_number": 12, "backends": "CUDA", "gpu_info": "G", "n_gpu_layers": 99, "type_k": "f16", "model_type": "llama 8B Q4_0", "model_size": 4600000000, "model_n_params": 8030261248, "n_batch": 64, "n_ubatch": 32, "n_depth": 7, "n_prompt": 512, "n_gen": 0, "avg_ns": 640000000, "samples_ns": [1, 2, 3]}]"#,
        "log: 1\n"
          + #"{"cuda": true, "f16_kv": 1, "model_type": "llama 8x7B F16", "model_size": 93e9, "model_n_params": 46702792704, "n_prompt": 0, "n_gen": 8, "avg_ns": 64}"#
          + "\nend\n",
        "build_number,backends,n_gpu_layers,model_type,model_size,model_n_params,n_prompt,n_gen,avg_ns\n\"1\",\"CUDA\",\"99\",\"llama 8B F16\",\"16e9\",\"8030261248\",\"0\",\"8\",\"64\"\n",
        "| model | size | params | backend | ngl | sm | test | t/s |\n| --- | --- | ---: | --- | --- | --- | --- | --- |\n| llama 8B Q4_0 | 4.28 GiB | 8.03 B | CUDA | 99 | row | pp512 @ d8 | 50.00 ± 0.31 |\n\nbuild: a (12)\n",
      ],
      "avg_ns n_prompt model_type \"results\":[ { } tg1 pp1 GiB B @ d8 MoE 8x7B .A3B n_gpu_layers -1 devices none"
    ),
    (
      "batched-bench",
      [
        #"{"n_ubatch": 512, "is_pp_shared": 0, "n_gpu_layers": 99, "pp": 128, "tg": 64, "pl": 4, "t_pp": 0.5, "t_tg": 2.0}"#,
        "| PP | TG | B | N_KV | T_PP s | S_PP t/s | T_TG s |\n|-|-|-|-|-|-|-|\n|128|64|4|768|0.5|1|2.0|\n",
        #"{"batch_size": 8, "input_len": 256, "output_len": 16, "prefill_latency": 0.05, "median_decode_latency": 0.01}"#,
      ], "pp tg pl t_pp t_tg PP TG B batch_size { } [ ]"
    ),
    (
      "kernel-tables",
      [
        "\"ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n\"0\",\"gemm m=64 n=512 k=256 dtype=bf16\",\"Duration\",\"us\",\"1.012,50\"\n\"0\",\"gemm m=64 n=512 k=256 dtype=bf16\",\"dram__bytes_read.sum\",\"Mbyte\",\"1,5\"\n\"0\",\"gemm m=64 n=512 k=256 dtype=bf16\",\"lts__t_bytes.sum\",\"Kbyte\",\"1,5\"\n",
        "\"ID\",\"Kernel Name\",\"gpu__time_duration.sum\",\"dram__bytes.sum\"\n\"\",\"\",\"us\",\"Mbyte\"\n\"0\",\"rmsnorm m=64 k=512 dtype=bf16\",\"12.5\",\"1.5\"\n",
        "ID;Function Name;Duration [us]\n0;gemm m=64 n=512 k=256 dtype=bf16;12,5\n",
        "NVTX Range,Total Time (ns),Avg (ns),Med (ns),Kernel Name\ngemm m=64 n=512 k=256 dtype=bf16,37600,12533,12500.0,s\n",
        "Dispatch_Id,Kernel_Name,Counter_Name,Counter_Value,Start_Timestamp,End_Timestamp\n1,gemm m=64 n=512 k=256 dtype=bf16,FETCH_SIZE,100,0,12500\n",
      ], "ID Kernel Duration Mbyte us sector gemm m= n= k= dtype= framework= (ns) [us] Average FETCH_SIZE"
    ),
    (
      "uncore",
      [
        "# gemm m=64 n=512 k=256 dtype=float32 launches=10\n5.0,MiB,uncore_imc_0/cas_count_read/,1,100.00,,\n100,,uncore_imc_0/cas_count_write/,1,100.00,,\n125000,ns,duration_time,1,100.00,,\n"
      ], "# launches= duration_time data_reads cas_count_read MiB gemm m= dtype="
    ),
  ]
}
