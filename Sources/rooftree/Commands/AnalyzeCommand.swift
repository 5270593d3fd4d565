import ArgumentParser
import Calibration
import CostModel
import Reporting
import Specs

struct AnalyzeCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze", abstract: "What a model costs on a device, operator by operator.",
    discussion: """
      Examples:
        rooftree analyze llama-3-8b --on h100-sxm --phase decode --batch-size 8 --context-len 4096
        rooftree analyze llama-3-8b --on h100-sxm --isl 1000 --osl 250 --framework vllm
        rooftree analyze llama-3-70b --on h200-sxm --phase decode --dtype bf16,fp8,int4
        rooftree analyze llama-3-8b --on h100-sxm --phase serve --isl 1000 --osl 250 --concurrency 32
      """)

  @Argument(help: "A catalogue name or a spec file.", completion: Completion.models) var model: String
  @Option(
    name: [.customLong("on"), .customLong("hardware")],
    help: "A catalogue name or a profile file; several with commas, a column each.",
    completion: Completion.devices)
  var on: String
  @Option(help: "prefill, decode or serve; without it --output-len asks for the whole request, else prefill.")
  var phase: AskedPhase?
  @OptionGroup(title: "Models") var reading: ModelOptions
  @OptionGroup(title: "Workload") var workload: WorkloadOptions
  @OptionGroup(title: "Devices") var parallelism: ParallelismOptions
  @OptionGroup(title: "Operating point") var point: PointOptions
  @OptionGroup(title: "Precision") var precision: PrecisionOptions
  @OptionGroup(title: "Times") var calibration: CalibrationOptions
  @OptionGroup(title: "Server") var serving: ServingOptions
  @OptionGroup(title: "Host") var offload: OffloadOptions
  @Flag(help: "Print each figure's formula with its values.") var explain = false
  @Flag(help: "List operators of less than half a percent of the time too.") var all = false
  @Flag(help: "Say what is the same in every report too.") var verbose = false
  @Flag(help: "Draw a small roofline above the table (text only; ASCII where the locale is not UTF-8).")
  var chart = false
  @Option(
    help: """
      Exit 1 where the result does not meet these, such as 'fits, tpot < 30ms, weights < 40GiB'; with several values \
      of an option each of them has to.
      """)
  var require: String?
  @OptionGroup(title: "Output") var output: OutputOptions

  func report(to outputs: [Output]) throws {
    if chart, outputs.contains(where: { $0.format != .text || $0.path != nil }) {
      throw InputError(.usage, "--chart draws on the terminal; use --format svg or html for a file")
    }
    let devices = on.split(separator: ",").map(String.init)
    guard !devices.isEmpty else { throw InputError(.usage, "--on names no device") }
    var resolver = try reading.resolver(for: [model])
    if let option = serving.given, phase != .serve {
      throw InputError(.usage, "\(option) asks for a server; accepted: --phase serve")
    }
    let details = [("--explain", explain), ("--all", all), ("--verbose", verbose)]
    try outputs.refuseUnseen(details)
    let requirements = try require.map(Requirement.list) ?? []
    if phase == .serve {
      let document = try server(&resolver)
      let failures = try Requirement.failures(requirements, of: [("", document.json)])
      try outputs.write(document)
      return try Requirement.enforce(failures)
    }
    let requests = try ScenarioRequest.all(
      model: model, devices: devices, phase: phase == .decode ? .decode : .prefill, workload, parallelism,
      point, precision,
      calibration)
    if let asked = offload.asked {
      try refuse(
        details + [
          ("--chart", chart), ("--require", require != nil),
          ("--max", offload.max.map { $0 != .gpuLayers || offload.gpuLayers != nil } ?? false),
        ], in: asked)
      guard requests.count == 1, !isWhole else {
        throw InputError(.usage, "\(asked): accepted: one pass, with one value of each option")
      }
      let prediction = try resolver.prediction(of: requests[0])
      let (model, pass) = try offload.pass(of: prediction)
      return try outputs.write(OffloadReport.document(prediction, model, pass))
    }
    try refuse([("--host", offload.host != nil)], in: "a model that lies on its device")
    let cells = try requests.map { try cell(try largest($0, &resolver), &resolver) }
    // What cannot be judged is refused before anything is written.
    let failures = try Requirement.failures(
      requirements,
      of: zip(cells, requests).map { cell, request in (name(request, among: requests), { cell.json }) })
    try write(cells, requests, to: outputs)
    try Requirement.enforce(failures)
  }

  /// One server under one load.
  private func server(_ resolver: inout Resolver) throws -> Document {
    try refuse(
      [
        ("--all", all), ("--verbose", verbose), ("--chart", chart), ("--max", offload.max != nil),
        (offload.asked ?? "--host", offload.asked != nil || offload.host != nil),
      ], in: "--phase serve")
    let servers = try serving.servers(
      [model], on: on, workload, parallelism, point, precision, calibration, &resolver)
    guard servers.count == 1 else {
      throw InputError(.usage, "--phase serve shows one server; accepted: one device, or `rooftree compare`")
    }
    return ServingReport.document(servers[0], explain: explain)
  }

  private func write(
    _ cells: [AnalysesReport.Cell], _ requests: [ScenarioRequest], to outputs: [Output]
  ) throws {
    let detail = AnalysisReport.Detail(explain: explain, all: all, verbose: verbose)
    switch cells[0] {
    case _ where cells.count > 1:
      if let flag = [(explain, "--explain"), (all, "--all"), (verbose, "--verbose"), (chart, "--chart")]
        .first(where: \.0)
      {
        throw InputError(.usage, "\(flag.1) shows one result; accepted: one value of each option")
      }
      try outputs.write(AnalysesReport.document(cells, names: requests.map { name($0, among: requests) }))
    case .request(let request):
      if chart { throw InputError(.usage, "--chart shows one pass; accepted: --phase prefill or decode") }
      try outputs.write(RequestReport.document(request, detail))
    case .pass(let prediction):
      if chart {
        try Terminal.print(
          TextChart.roofline(prediction, width: Terminal.columns, ascii: !Terminal.showsUnicode) + "\n")
      }
      var document = AnalysisReport.document(prediction, detail)
      if let max = offload.max, !prediction.memory.fits {
        document.answer.append("--max \(max.rawValue): not even the smallest is held")
      } else if offload.max == .batch, let found = prediction.saturatingBatch() {
        document.answer.append(
          "90 % of these tokens a second from batch \(Units.whole(found.batch)) on")
      }
      try outputs.write(document)
    }
  }

  private var isWhole: Bool { phase == nil && workload.outputLen != nil }

  private func cell(
    _ request: ScenarioRequest, _ resolver: inout Resolver
  ) throws -> AnalysesReport.Cell {
    isWhole
      ? .request(try resolver.wholeRequest(request)) : .pass(try resolver.prediction(of: request))
  }

  /// The request at its largest; as it is where nothing fits.
  private func largest(_ request: ScenarioRequest, _ resolver: inout Resolver) throws -> ScenarioRequest {
    guard let max = offload.max else { return request }
    var request = request
    switch max {
    case .batch:
      guard workload.batchSize == nil else {
        throw InputError(.usage, "--max batch and -b exclude each other")
      }
      let cell = try cell(request, &resolver)
      var most = AnalysesReport.largestBatch(cell)
      if most >= 1e9 { most = 0 }
      request.batch = Swift.max(1, Int(most))
    case .gpuLayers: break
    case .context:
      let isDecode = phase == .decode
      guard !isWhole, isDecode ? workload.contextLen == nil : workload.inputLen == nil else {
        throw InputError(
          .usage, "--max context and a length of one's own exclude each other; accepted: --phase alone")
      }
      let scenario = try resolver.prediction(of: request).scenario
      // A step adds a token to what is cached.
      let most = AnalysisReport.longestContext(scenario) - (isDecode ? 1 : 0)
      guard most >= 1, most < 1e9 else { return request }
      if isDecode { request.contextLength = Int(most) } else { request.inputLength = Int(most) }
    }
    return request
  }

  /// What tells a request from the others.
  private func name(_ request: ScenarioRequest, among all: [ScenarioRequest]) -> String {
    var parts: [String] = []
    func add<Value: Hashable>(_ path: KeyPath<ScenarioRequest, Value>, _ text: String?) {
      if let text, Set(all.map { $0[keyPath: path] }).count > 1 { parts.append(text) }
    }
    func whole(_ value: Int?) -> String? { value.map { Units.whole(Double($0)) } }
    add(\.device, request.device)
    add(\.precision.dtype, request.precision.dtype?.name)
    add(\.precision.weights, request.precision.weights.map { "weights \($0.name)" })
    add(\.precision.activations, request.precision.activations.map { "act \($0.name)" })
    add(\.precision.cache, request.precision.cache.map { "cache \($0.name)" })
    add(\.batch, "b \(Units.whole(Double(request.batch)))")
    add(\.inputLength, whole(request.inputLength).map { "isl \($0)" })
    add(\.outputLength, whole(request.outputLength).map { "osl \($0)" })
    add(\.contextLength, whole(request.contextLength).map { "ctx \($0)" })
    return parts.isEmpty ? request.device : parts.joined(separator: " ")
  }
}
