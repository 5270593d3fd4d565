import Calibration
import CostModel
import Deployment
import Foundation
import Reporting
import Specs

/// Readers of recipes, servers and deployments, of names of devices and of changes to specs.
enum DeploymentTargets {
  static var all: [FuzzTarget] { [recipes, serving, links, engines, devices, changes] + deployments }

  private static func text(_ bytes: [UInt8], _ name: String) -> SourceFile {
    SourceFile(name: name, text: String(decoding: bytes, as: UTF8.self))
  }

  private static var recipes: FuzzTarget {
    FuzzTarget(
      name: "recipe-yaml",
      seeds: [
        "name: a\nframework: vllm\nversion: 1.2\nchunk_tokens: 8192\nslots: 1024\nmemory_share: 0.9\nreserve: 2 GiB\nblock_tokens: 16\nreserved_output: 0.5\nserver_seconds: 0.01\nwaits:\n  - {passes: 1.5, attention_dp: true, fewer_clients: 9}\n  - passes: 2\n    longest_input: 4096\n"
      ].map { Array($0.utf8) },
      dictionary: FuzzTarget.words(
        "waits: passes: reserve: GiB slots: chunk_tokens: 1e9 0 nan - [ ] { } & * #"),
      run: { bytes in
        try FuzzTarget.guarded {
          let recipe = try RecipeReader.read(text(bytes, "recipe.yaml"))
          guard recipe.chunkTokens >= 1, recipe.slots >= 1, recipe.memoryShare > 0 else {
            throw FuzzTarget.Broken(what: "\(recipe)")
          }
        }
      })
  }

  /// What servers taught survives writing and reading.
  private static var serving: FuzzTarget {
    FuzzTarget(
      name: "servers-yaml",
      seeds: (try? ServingFile.shipped()).map { [Array(ServingFile.text($0).utf8)] } ?? [],
      dictionary: FuzzTarget.words("low: high: vllm: pass: queue: [ ] { } & * 1e400 -1 null"),
      run: { bytes in
        try FuzzTarget.guarded {
          let written = ServingFile.text(try ServingFile.read(text(bytes, "servers.yaml")))
          let again = ServingFile.text(try ServingFile.read(text(Array(written.utf8), "again.yaml")))
          guard again == written else { throw FuzzTarget.Broken(what: "round trip:\n\(written)\n\(again)") }
        }
      })
  }

  /// So does what messages taught.
  private static var links: FuzzTarget {
    let all = (try? Catalogue.links()) ?? FittedLinks()
    // A law of each kind at a time.
    let seeds = (0..<max(all.near.count, all.nodes.count, all.experts.count)).map { index in
      var few = FittedLinks()
      few.near = Array(all.near.dropFirst(index).prefix(1))
      few.nodes = Array(all.nodes.dropFirst(index).prefix(1))
      few.experts = Array(all.experts.dropFirst(index).prefix(1))
      return Array(LinksFile.text(few).utf8)
    }
    return FuzzTarget(
      name: "links-yaml", seeds: seeds,
      dictionary: FuzzTarget.words("near: nodes: experts: interval: [ ] { } & * 1e400 -1 null"),
      run: { bytes in
        try FuzzTarget.guarded {
          let written = LinksFile.text(try LinksFile.read(text(bytes, "links.yaml")))
          let again = LinksFile.text(try LinksFile.read(text(Array(written.utf8), "again.yaml")))
          guard again == written else { throw FuzzTarget.Broken(what: "round trip:\n\(written)\n\(again)") }
        }
      })
  }

  private static var engines: FuzzTarget {
    FuzzTarget(
      name: "engine-json",
      seeds: [
        #"[{"build_number": 12, "n_gpu_layers": 0, "type_k": "f16", "model_type": "llama 8B Q4_0", "model_size": 4600000000, "model_n_params": 8030261248, "n_batch": 64, "n_ubatch": 32, "n_depth": 7, "n_threads": 2, "n_prompt": 512, "n_gen": 0, "avg_ns": 640000000, "samples_ns": [1, 2, 3]}]"#
      ].map { Array($0.utf8) },
      dictionary: FuzzTarget.words("avg_ns n_prompt n_gen samples_ns { } [ ] , : \" null -1 1e308"),
      run: { bytes in
        try FuzzTarget.guarded {
          for run in try EngineRun.llamaBench(String(decoding: bytes, as: UTF8.self), from: "bench")
          where !run.seconds.allSatisfy({ $0 > 0 && $0.isFinite }) {
            throw FuzzTarget.Broken(what: "\(run)")
          }
        }
      })
  }

  private static var devices: FuzzTarget {
    FuzzTarget(
      name: "device-names",
      seeds: [
        "h100-sxm:8x4", "a100_pcie_40gb_hbm2_250w", "NVIDIA H100 80GB HBM3", "gb200:72", "h100-sxm:4:tp4",
        "GeForce RTX 4090",
      ].map { Array($0.utf8) },
      dictionary: FuzzTarget.words("- _ : x W GB hbm3e sxm pcie nvidia amd tp4 0 99999999999"),
      run: { bytes in
        try FuzzTarget.guarded {
          let name = String(decoding: bytes, as: UTF8.self)
          // Names of files would be opened.
          guard !name.contains("."), name.first != "/", name.first != "~", name != "-" else { return }
          let request = try DeviceRequest(name)
          guard !request.name.contains("."), request.name.first != "/", request.name.first != "~" else {
            return
          }
          let profile = try Catalogue.hardware(request.name)
          guard profile.levels[0].bytesPerSecond > 0 else { throw FuzzTarget.Broken(what: "\(profile)") }
        }
      })
  }

  private static var changes: FuzzTarget {
    let model = try? Catalogue.model("mixtral-8x7b")
    return FuzzTarget(
      name: "spec-changes",
      seeds: [
        "attention.num_key_value_heads=2", "vocab_size=999",
        "feed_forward={type: dense, intermediate_size: 64}",
        "layer_kinds.0.attention.sliding_window=512", "title=\"x\"",
      ].map { Array($0.utf8) },
      dictionary: FuzzTarget.words(
        ". = [ ] { } & * : null true num_hidden_layers attention feed_forward position -1 1e9"),
      run: { bytes in
        try FuzzTarget.guarded {
          let changed = try model?.changed(by: [try SpecChange(String(decoding: bytes, as: UTF8.self))])
          guard changed.map(\.parameters.total.isFinite) ?? true else {
            throw FuzzTarget.Broken(what: "parameters")
          }
        }
      })
  }

  /// Tables of measured deployments, told apart by their headings; what reads is reported in every format.
  private static var deployments: [FuzzTarget] {
    let tables = [
      (
        "servers-csv",
        """
        id,backend,backend_version,model_path,system,precision,isl,osl,gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,moe_ep_size,silicon_ttft_ms,silicon_tpot_ms,concurrency
        a,vllm,0.19.0,meta-llama/Llama-3.1-8B,h100_sxm,fp8,1024,128,fp8,fp8,8.0,1.0,1.0,1.0,1.0,1.0,20.5,7.25,8.0
        b,sglang,0.5,Qwen/Qwen3-30B-A3B,h200_sxm,bf16,4096,,fp8_block,nvfp4,64,4,1,4,1,4,,9,64

        """
      ),
      (
        "throughputs-csv",
        """
        id,model,hardware,gpus,framework,version,precision,kv_dtype,tp,pp,ep,attention_dp,mode,input_len,output_len,output_tokens_per_s
        a,Llama-3.1-8B,h100_sxm,1,trtllm,1.0,fp8,fp8,1,1,,,"offline, all requests at once",1000,1000,15000
        b,Mixtral-8x7B,b200_sxm,8,trtllm,1.2,fp4,fp8,2,2,2,2,offline,128,,9000

        """
      ),
      (
        "memory-csv",
        """
        id,model,hardware,gpus,parallelism,precision,method,metric,value,unit,micro_batch,seq_len,recompute,overrides
        a,llama-3-8b,h100_sxm,8,tp2 pp2 dp2 zero1,bf16,pre-training,peak_reserved,40,GiB,1,4096,full,num_hidden_layers=16
        b,mixtral-8x7b,h100_sxm,8,tp4 ep2,fp8,serving,fits,1,,8,2048,,

        """
      ),
      (
        "collectives-csv",
        """
        id,source,op,hardware,gpus,nodes,gpus_per_node,intra_link,inter_link,library,version,algorithm,bytes,time_us,hidden,tokens,topk,experts,sms,dtype
        C1,x,allreduce,h100_sxm,8,1,8,NVLink4 NVSwitch,,nccl,2.27.7,auto,32768,47.79,,,,,,fp32
        C2,x,alltoall,h100_sxm,32,4,8,NVLink4,8x400G IB,deepep,1,,,99,7168,128,8,256,24,fp8
        C3,x,allgather,mi300x,8,1,8,xGMI,,rccl,2,ring,1e6,50,,,,,,bf16

        """
      ),
      (
        "passes-csv",
        """
        source,gpu,framework,version,model,architecture,layers,decoder_layers,hidden,heads,head_dim,intermediate,vocab,activation,experts,head,phase,length,batch,devices,compiled,dtype,time_s
        n,a100-pcie-40gb,torch,2.1.0,bert,BertLMHeadModel,24,,1024,16,64,4096,30522,gelu,,classification,inference,512,16,1,0,float32,0.39
        n,h100-sxm,torch,2.1.0,gpt2,GPT2LMHeadModel,36,,1280,20,64,5120,50257,gelu,8,lm,training,1024,4,1,1,float16,0.2

        """
      ),
    ]
    return tables.map { name, seed in
      FuzzTarget(
        name: name, seeds: [Array(seed.utf8)],
        dictionary: FuzzTarget.words(
          ", ,, \" allreduce h100_sxm nccl 0 -1 1e308 nan fp8 nvfp4 id op model_path 8x")
          + [",", ";", "\u{FEFF}"].map { Array($0.utf8) },
        run: { bytes in
          try FuzzTarget.guarded {
            let source = text(bytes, "rows.csv")
            let rows =
              try MeasuredCollectives.read(source, by: Catalogue.links()) ?? MeasuredPasses.read(source)
              ?? MeasuredServers.read(source) ?? MeasuredMemory.read(source) ?? []
            for row in rows {
              guard let time = row.expected else { continue }
              guard time.0 >= 0, !time.0.isNaN, time.1 <= time.2 else {
                throw FuzzTarget.Broken(what: "\(row)")
              }
            }
            try FuzzTarget.render(DeploymentReport.document(rows), turn: bytes.count)
          }
        })
    }
  }
}
