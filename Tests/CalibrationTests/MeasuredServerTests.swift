import CostModel
import Deployment
import Specs
import Testing

@testable import Calibration

/// Tables of measured servers: what is predicted of a row, and why not of another.
@Suite struct MeasuredServerTests {
  private static func rows(_ lines: [String]) throws -> [DeploymentRow] {
    try #require(
      try MeasuredServers.read(SourceFile(name: "servers.csv", text: lines.joined(separator: "\n") + "\n")))
  }

  static let loops =
    "id,backend,backend_version,model_path,system,precision,gemm_quant_mode,moe_quant_mode,isl,osl,tp_size,pp_size,attention_dp_size,moe_tp_size,moe_ep_size,concurrency,silicon_ttft_ms,silicon_tpot_ms"
  static let offline =
    "id,model,hardware,gpus,framework,version,precision,kv_dtype,tp,pp,mode,input_len,output_len,output_tokens_per_s"

  @Test func aClosedLoopHasTwoTimes() throws {
    let rows = try Self.rows([
      Self.loops,
      "a,vllm,0.18.0,meta-llama/Llama-3.1-70B,h100_sxm,fp8,fp8,fp8,1024,1024,4,1,1,1,1,16,150,12",
    ])
    #expect(rows.map(\.metric) == ["ttft_seconds", "tpot_seconds"])
    for row in rows {
      let expected = try #require(row.expected)
      #expect(expected.low < expected.seconds && expected.seconds < expected.high && row.note.isEmpty)
    }
    // 70 GB of weights over four devices of 3.35 TB/s: no token sooner than 5.3 ms, and none of four times that.
    #expect((0.0053...0.022).contains(try #require(rows[1].expected).seconds))
  }

  @Test func allRequestsAtOnceHaveAThroughput() throws {
    let rows = try Self.rows([
      Self.offline,
      "a,Llama-3.1-8B,h100_sxm,1,trtllm,1.0,fp8,fp8,1,1,\"offline, all requests at once\",1000,1000,15000",
      "b,Llama-3.1-70B,h100_sxm,4,trtllm,1.0,fp8,fp8,4,1,\"offline, all requests at once\",1000,1000,9000",
      "c,Llama-3.1-70B,h100_sxm,4,trtllm,1.0,fp8,fp8,2,2,\"offline, all requests at once\",1000,1000,9000",
      "d,Llama-3.1-70B,h100_sxm,4,trtllm,1.0,fp8,fp8,4,1,open arrivals,1000,1000,9000",
      "e,Llama-3.1-70B,h100_sxm,8,trtllm,1.0,fp8,,,,offline,1000,1000,9000",
    ])
    #expect(rows.map(\.metric) == Array(repeating: "output_tokens_per_second", count: 5))
    let tokens = rows.map { $0.expected?.seconds ?? 0 }
    // Weights and caches of all that fits, once a step: no more than this many tokens a second.
    for (index, (weights, cache, devices)) in [(8e9, 65_536.0, 1.0), (70e9, 163_840, 4)].enumerated() {
      let held = (devices * 80e9 - weights) / (2000 * cache)
      let step = (weights + held * 1500 * cache) / (devices * 3.35e12)
      #expect(tokens[index] > 0.1 * held / step && tokens[index] < held / step)
    }
    // Stages work side by side: of the order of the tensor split.
    #expect((0.4...2.5).contains(tokens[2] / tokens[1]))
    #expect(rows[3].expected == nil && rows[3].note.contains("open arrivals"))
    #expect(rows[4].expected == nil && rows[4].note.contains("“tp” is not stated"))
  }

  /// Repeats that agree teach; of two of which the same is said and one is twice as fast, neither does.
  @Test func whatContradictsItselfTeachesNothing() throws {
    let text =
      Self.loops + "\n"
      + [("a", 16, 12.0), ("b", 16, 12.2), ("c", 32, 14), ("d", 32, 7), ("e", 64, 18)].map {
        "\($0),vllm,0.18.0,meta-llama/Llama-3.1-70B,h100_sxm,fp8,fp8,fp8,1024,1024,4,1,1,1,1,\($1),150,\($2)\n"
      }.joined()
    let servers = try #require(MeasuredServers.servers(SourceFile(name: "servers.csv", text: text)))
    #expect(ServingFitting.teaching(servers.compactMap(\.server)).map(\.id) == ["a", "b", "e"])
  }

  /// Widths as files may have them, none of which is a number of ranks.
  @Test(arguments: [
    "tp9000000000 pp9000000000 dp900000000", "cp9223372036854775807", "dp2147483647 cp2147483647",
  ])
  func memoryOfNoSplit(parallelism: String) throws {
    let text = """
      id,model,hardware,gpus,parallelism,precision,method,metric,value,unit,micro_batch,seq_len
      a,llama-3-8b,h100_sxm,1,\(parallelism),bf16,pre-training,peak,1,GiB,1,1024

      """
    let rows = try #require(MeasuredMemory.read(SourceFile(name: "m.csv", text: text)))
    #expect(rows.count == 1 && rows[0].expected == nil && rows[0].note.contains("ranks"))
  }
}
