import Specs
import Testing

@testable import Calibration

private func read(_ text: String) throws -> RunSet {
  try RunReader.read(SourceFile(name: "runs.csv", text: text))
}

private let header = "kernel,gpu,framework,version,dtype,m,n,k,time_us\n"

@Suite struct ReaderTests {
  @Test(
    arguments: [
      ("gemm,g,f,1,bfloat16,1,128,128,0", "time_us is zero"),
      ("gemm,g,f,1,bfloat16,1,128,128,-3", "time_us is negative"),
      ("gemm,g,f,1,bfloat16,1,128,128,inf", "time_us is not finite"),
      ("gemm,g,f,1,bfloat16,1,128,128,nan", "time_us is not finite"),
      ("gemm,g,f,1,bfloat16,1,128,128,", "time_us is missing"),
      ("gemm,g,f,1,bfloat16,1,128,128,fast", "time_us is no number"),
      ("gem,g,f,1,bfloat16,1,128,128,3", "unknown kernel “gem”"),
      ("gemm,g,f,1,int3,1,128,128,3", "unknown dtype “int3”"),
      ("gemm,g,f,1,bfloat16,,128,128,3", "m is missing"),
      ("gemm,g,f,1,bfloat16,1.5,128,128,3", "m is no whole number from 1"),
      ("gemm,g,f,1,bfloat16,1,128,128", "8 cells where the header has 9"),
    ])
  func badRowIsLeftOutByLine(row: String, reason: String) throws {
    let set = try read(header + "gemm,g,f,1,bfloat16,1,128,128,4\n" + row + "\n")
    #expect(set.runs.count == 1)
    #expect(set.rejected == [RejectedRun(location: "runs.csv:3", reason: reason)])
  }

  @Test func duplicateRowsCountOnce() throws {
    let row = "gemm,g,f,1,bfloat16,1,128,128,4\n"
    let set = try read(header + row + row)
    #expect(set.runs.count == 1)
    #expect(set.rejectCounts.first?.reason == "duplicate of an earlier row")
  }

  @Test func twoUnitsInOneFileAreRefused() {
    #expect(throws: InputError.self) { try read("kernel,time_us,time_ms\ngemm,1,1\n") }
    #expect(throws: InputError.self) { try read("kernel,dtype\ngemm,bf16\n") }
    #expect(throws: InputError.self) { try read("a,b\n1,2\n") }
    #expect(throws: InputError.self) { try read("kernel,time_us\n\"gemm,1\n") }
  }

  @Test func unknownColumnsAndQuotesAreKept() throws {
    let set = try read("kernel,note,dtype,m,k,time_us\nrmsnorm,\"a, \"\"b\"\"\",float16,4,4096,5\n")
    #expect(set.runs.first?.shape == .rows(rows: 4, readBytes: 8192, writtenBytes: 8192))
    #expect(set.runs.first?.seconds == 5e-6)
  }

  @Test func aRunFasterThanTheDatasheetIsNotBelieved() throws {
    let device = try testDevice()
    let set = try read(
      header + "gemm,g,f,1,bfloat16,8192,8192,8192,900\n" + "gemm,g,f,1,bfloat16,8192,8192,8192,1200\n")
    let kept = set.believable(on: device)
    #expect(kept.runs.count == 1)
    #expect(kept.rejected.map(\.location) == ["runs.csv:2"])
  }

  @Test func aGroupOfTooFewRunsIsRefusedByName() throws {
    let set = try read(header + "gemm,g,vllm,9,bfloat16,1,128,128,4\n")
    let outcome = Calibrator(device: try testDevice(), prior: nil).calibrate(set)
    #expect(outcome.calibration.groups.isEmpty)
    #expect(outcome.refused == ["gemm · vllm 9 · bfloat16: 1 runs; a group needs at least 5"])
  }

  @Test func llamaBenchPassesAreTold() throws {
    let text = """
      [{"model_filename": "m.gguf", "backends": "CUDA", "n_prompt": 512, "n_gen": 0, "avg_ns": 2000000},
       {"model_filename": "m.gguf", "backends": "CUDA", "n_prompt": 0, "n_gen": 128, "avg_ns": 0}]
      """
    let (passes, rejected) = try LlamaBenchReader.passes(SourceFile(name: "b.json", text: text))
    #expect(passes == [.init(model: "m.gguf", backend: "CUDA", tokens: 512, isPrompt: true, seconds: 0.002)])
    #expect(rejected.count == 1)
  }

  @Test func nsightRowsWithAShapeAreRuns() throws {
    let text = """
      ==PROF== Connected
      "ID","Kernel Name","NVTX Range","Metric Name","Metric Unit","Metric Value"
      "0","sm90_gemm","gemm m=16 n=4096 k=4096 dtype=bf16","Duration","us","12.5"
      "1","other","","Duration","us","3.0"
      """
    let set = try NsightReader.read(SourceFile(name: "n.csv", text: text), gpu: "h100")
    #expect(set.runs.map(\.seconds) == [12.5e-6])
    #expect(set.rejected.map(\.location) == ["n.csv:4"])
  }

  @Test func calibrationsSurviveWritingAndReading() throws {
    let device = try testDevice()
    let runs = syntheticRuns(device, count: 12)
    let written = Calibrator(device: device, prior: nil).calibrate(RunSet(runs: runs)).calibration
    let text = CalibrationWriter.text(written)
    let again = try CalibrationReader.read(SourceFile(name: "c.yaml", text: text))
    #expect(CalibrationWriter.text(again) == text)
    #expect(again.groups.first?.parameters == written.groups.first?.parameters)
    let wrong = text.replacing("compute_efficiency: 0.", with: "compute_efficiency: 7.")
    #expect(throws: InputError.self) { try CalibrationReader.read(SourceFile(name: "c.yaml", text: wrong)) }
    let misspelt = text.replacing("launch_us", with: "lunch_us")
    #expect(throws: InputError.self) {
      try CalibrationReader.read(SourceFile(name: "c.yaml", text: misspelt))
    }
  }
}
