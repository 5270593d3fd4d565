import Calibration
import CostModel
import Foundation
import Import
import Kernels
import Reporting
import Specs

/// Readers of runs, calibrations, plans, loads and kernels, and whole reports in every format.
extension FuzzTarget {
  static func reports(root: String) throws -> [FuzzTarget] {
    [
      try runs(root), try calibrations(), plans, try router(), kernels, try analyses(), try devices(),
    ]
  }

  private static func text(_ bytes: [UInt8], _ name: String) -> SourceFile {
    SourceFile(name: name, text: String(decoding: bytes, as: UTF8.self))
  }

  /// Whatever names hold, formats keep their shape and nobody's terminal is steered.
  ///
  /// - Parameter turn: one format an input, by the input's length: rendering is slow.
  static func render(_ document: Document, turn: Int) throws {
    let all = ReportFormat.allCases
    for format in [all[turn % all.count]] where !format.isPicture || !document.charts().isEmpty {
      let text = format.text(of: document)
      let stray = text.unicodeScalars.first {
        $0 != "\n" && $0 != "\t" && !(format == .csv && $0 == "\r")
          && $0.properties.generalCategory == .control
          || (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
      }
      if let stray { throw Broken(what: "\(format) lets \(stray.escaped(asASCII: true)) through") }
      switch format {
      case .json:
        guard (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil else {
          throw Broken(what: "no JSON:\n\(text)")
        }
      case .csv:
        let fields = Self.fields(text)
        guard Set(fields.map(\.count)).count <= 1 else {
          throw Broken(what: "rows of different lengths:\n\(text)")
        }
        for field in fields.joined()
        where field.utf8.first == UInt8(ascii: "=") || field.utf8.first == UInt8(ascii: "@") {
          throw Broken(what: "a formula: \(field)")
        }
      default: break
      }
    }
  }

  /// RFC 4180, byte by byte.
  private static func fields(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    func take() { row.append(String(decoding: field, as: UTF8.self)); field = [] }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted: take()
      case UInt8(ascii: "\n") where !isQuoted:
        take()
        rows.append(row)
        row = []
      default: field.append(byte)
      }
    }
    return rows
  }

  private static func runs(_ root: String) throws -> FuzzTarget {
    let profile = try Catalogue.hardware("h100-sxm")
    guard let predictor = Predictor(try Calibrations.find("h100-sxm"), on: profile) else {
      throw Broken(what: "no predictor")
    }
    let csv = try Data(contentsOf: URL(fileURLWithPath: root + "/Tests/CommandTests/Goldens/runs.csv"))
    let shapes = """
      gpu,framework,version,kernel,dtype,m,n,k,batch,heads,kv_heads,head_dim,isl,experts,topk,time_us
      h,vllm,1,gemm,fp8,64,4096,4096,,,,,,,,12.5
      h,vllm,1,context_attention,float16,,,,4,32,8,128,1024,,,99
      h,vllm,1,generation_attention,float16,,,,4,32,8,128,1024,,,9
      h,vllm,1,moe,float16,64,4096,14336,,,,,,8,2,"1e2"

      """
    let ncu = """
      "ID","Kernel Name","Metric Name","Metric Unit","Metric Value"
      "0","ampere_h16816gemm_128x64_ldg8_stages_64x3_tn","gpu__time_duration.sum","nsecond","12,345"

      """
    let bench =
      #"[{"model_type": "llama 8B Q4_K - Medium", "model_n_params": 8030261248, "n_prompt": 512, "n_gen": 0, "n_batch": 2048, "type_k": "f16", "avg_ns": 113000000, "avg_ts": 4530.1, "n_depth": 0}]"#
    return FuzzTarget(
      name: "runs", seeds: [Array(csv), Array(shapes.utf8), Array(ncu.utf8), Array(bench.utf8)],
      dictionary: words("\" , ,, \r\n kernel gemm moe experts topk 1e308 nan inf time_us time_ms # { [ ] }"),
      run: { bytes in
        try guarded {
          let file = try RunsReader.read(text(bytes, "runs.csv"))
          for run in file.runs where !run.seconds.isFinite || run.seconds <= 0 {
            throw Broken(what: "\(run)")
          }
          guard file.runs.count < 200 else { return }
          let groups = ValidatedGroup.all(file.runs, by: predictor)
          try render(
            ValidationReport.document(
              groups, hardware: profile, calibration: predictor.calibration, passes: [],
              rejected: file.rejected.map { "\($0)" }
            ), turn: bytes.count)
        }
      })
  }

  private static func calibrations() throws -> FuzzTarget {
    FuzzTarget(
      name: "calibration-yaml",
      seeds: try Catalogue.calibrationNames.flatMap { name -> [[UInt8]] in
        // Four groups at a time: small, and every kernel is there.
        let parts = try Catalogue.calibrationSource(name).text.components(separatedBy: "\n  - kernel:")
        return stride(from: 1, to: parts.count, by: 4).map { start in
          let groups = parts[start..<min(parts.count, start + 4)].map { "\n  - kernel:" + $0 }
          return Array((parts[0] + groups.joined()).utf8)
        }
      },
      dictionary: words("groups: kernel: parameters: interval: [ ] { } & * ! null 1e400 -1 \""),
      run: { bytes in
        try guarded {
          let found = try CalibrationFile.read(text(bytes, "c.yaml"))
          let written = CalibrationFile.text(found)
          // Numbers are rounded once; after that they stay.
          let again = CalibrationFile.text(
            try CalibrationFile.read(SourceFile(name: "again.yaml", text: written)))
          guard again == written else { throw Broken(what: "round trip differs:\n\(written)\n\(again)") }
        }
      })
  }

  private static var plans: FuzzTarget {
    let plan = """
      title: A & B
      models: [gpt-2, mixtral-8x7b]
      hardware: [l4, h100-sxm]
      workloads:
        - {name: chat, phase: decode, batch-size: 8, context-len: 500, router: "zipf:1"}
      formats: [markdown, csv]
      charts: true
      reports: [{name: anatomy, command: show gpt-2, formats: [text, md]}]
      others: [a.md]

      """
    return FuzzTarget(
      name: "plan-yaml", seeds: [Array(plan.utf8)],
      dictionary: words(
        "../ / .. README --output --export --help /tmp/x charts: formats: [] name: ` | <b> \u{301} \u{202E} & * : - ' \""
      ),
      run: { bytes in
        try guarded {
          let plan = try ReportPlan.read(text(bytes, "plan.yaml"))
          for entry in plan.entries {
            guard !entry.name.contains("/"), !entry.formats.isEmpty, entry.name.lowercased() != "readme",
              !entry.command.contains(where: { ["--output", "--export"].contains($0.prefix { $0 != "=" }) })
            else { throw Broken(what: "\(entry)") }
          }
          guard
            plan.index.unicodeScalars.allSatisfy({ $0 == "\n" || $0.properties.generalCategory != .control })
          else { throw Broken(what: plan.index) }
        }
      })
  }

  private static func router() throws -> FuzzTarget {
    let path = NSTemporaryDirectory() + "rooftree-fuzz-\(getpid()).csv"
    let model = try Catalogue.model("mixtral-8x7b")
    let profile = try Catalogue.hardware("h100-sxm")
    return FuzzTarget(
      name: "router-counts",
      seeds: [Array("expert,tokens\n0,12\n1,4\n# x\n2,1e3\n".utf8), Array("1\n2\n3".utf8)],
      dictionary: words(", # \r\n nan inf 1e308 -1"),
      run: { bytes in
        try guarded {
          // Data's own way waits for the disk.
          guard let file = fopen(path, "w") else { throw Broken(what: "no file \(path)") }
          fwrite(bytes, 1, bytes.count, file)
          fclose(file)
          defer { unlink(path) }
          let load = try RouterRequest("measured:" + path).load()
          let evaluator = try Evaluator(
            model: model, profile: profile,
            precision: PrecisionPlan(uniform: .bf16),
            router: load)
          guard evaluator.totals(.decode(batch: 8, contextLength: 9)).seconds.isFinite else {
            throw Broken(what: "\(load)")
          }
        }
      })
  }

  private static var kernels: FuzzTarget {
    FuzzTarget(
      name: "kernel-text",
      seeds: KernelText.accepted.map { form in
        // `decode:[batch],context` with a number for each.
        Array(form.filter { !"[]".contains($0) }.replacing(",", with: "=8,").utf8) + Array("=8".utf8)
      },
      dictionary: words(
        ": = , m= n= k= experts= topk= 0 -1 9223372036854775807 gemv moe-experts attention-flash"),
      run: { bytes in
        try guarded {
          let kernel = try KernelText.kernel(String(decoding: bytes, as: UTF8.self), memoryBytes: 1e9)
          guard kernel.matmulFLOPs.isFinite else { throw Broken(what: "\(kernel)") }
        }
      })
  }

  /// What `analyze`, `show` and `compare` print of a model that nobody meant.
  private static func analyses() throws -> FuzzTarget {
    let profile = try Catalogue.hardware("l4")
    let names = ["gpt-2", "mixtral-8x7b", "mamba-2.8b", "gemma-2-9b"]
    return FuzzTarget(
      name: "reports", seeds: names.compactMap { Catalogue.modelText($0).map { Array($0.utf8) } },
      dictionary: words(
        "name: title: \u{301} \u{9B} \u{202E} <script> | , = \" ' ` notes: source: moe latent none"),
      run: { bytes in
        try guarded {
          let model = try ModelReader.read(text(bytes, "fuzz.yaml"))
          guard model.kinds.count < 8 else { return }
          var request = ScenarioRequest(model: "fuzz", device: "l4")
          let prefill = Prediction(try request.resolve(model, on: profile))
          request.phase = .decode
          let decode = Prediction(try request.resolve(model, on: profile))
          try render(AnalysisReport.document(decode, .init(explain: true)), turn: bytes.count)
          try render(ModelReport.document(model, plan: decode.scenario.precision), turn: bytes.count)
          try render(
            ComparisonReport.document([PredictedPhases(prefill: prefill, decode: decode)]), turn: bytes.count)
        }
      })
  }

  private static func devices() throws -> FuzzTarget {
    let model = try Catalogue.model("gpt-2")
    return FuzzTarget(
      name: "device-reports",
      seeds: Catalogue.hardwareNames.compactMap { Catalogue.hardwareText($0).map { Array($0.utf8) } },
      dictionary: words(
        "name: memory: bandwidth: \u{301} \u{9B} \u{202E} <b> | , = 1e-300 1e300 GB/s B/s per_core: true"),
      run: { bytes in
        try guarded {
          let profile = try HardwareReader.read(text(bytes, "fuzz.yaml"))
          // What a file left out is listed once, and numbers are rounded once; after that they stay.
          let written = HardwareWriter.yaml(profile)
          let again = HardwareWriter.yaml(
            try HardwareReader.read(SourceFile(name: "again.yaml", text: written)))
          guard again == written else {
            throw Broken(what: "round trip differs:\n\(written)\n\(again)")
          }
          let request = ScenarioRequest(model: "gpt-2", device: "fuzz", phase: .decode)
          try render(
            AnalysisReport.document(Prediction(try request.resolve(model, on: profile))), turn: bytes.count)
        }
      })
  }
}
