import CostModel
import Deployment
import Specs

/// Measured collectives, one operation at one size a row, held against the laws of their links.
public enum MeasuredCollectives {
  /// Columns of a table of kernels' runs that calibrate reads too.
  private static let kernelColumns = ["kernel", "gpu", "framework", "world_size", "message_bytes", "time_us"]

  /// Seconds that PyTorch adds to a collective of its own.
  static let torchSeconds = 2.1e-5
  /// A row that takes so many times as long as the next larger message of its series was not warm.
  static let coldFactor = 1.3

  /// All of them are tables of collectives, one at least of deployments.
  public static func areCollectives(_ sources: [SourceFile]) -> Bool {
    sources.contains { DeploymentTable($0, as: .measuredCollectives) != nil }
      && sources.allSatisfy { table($0) != nil }
  }

  private static func table(_ source: SourceFile) -> (rows: DeploymentTable, isOfKernels: Bool)? {
    if let table = DeploymentTable(source, as: .measuredCollectives) { return (table, false) }
    return DeploymentTable(source, as: .runs, needing: kernelColumns).map { ($0, true) }
  }

  /// - Parameter links: what is known of links.
  /// - Returns: nil where the file's heading is another.
  public static func read(_ source: SourceFile, by links: FittedLinks) -> [DeploymentRow]? {
    guard DeploymentTable(source, as: .measuredCollectives) != nil else { return nil }
    return messages(source, by: links).map { row, entry in
      var row = row
      switch entry {
      case .success(let message):
        let seconds = message.seconds
        row.expected = (seconds, seconds * message.interval.low, seconds * message.interval.high)
        row.basis = message.basis.rawValue
        row.note = message.note
      case .failure(let reason): row.note = reason.text
      }
      return row
    }
  }

  /// What rows teach, those of one device where it is named; rows that say too little are left out.
  public static func fit(
    _ sources: [SourceFile], of device: HardwareProfile?, from prior: FittedLinks, sharing: Bool
  ) -> FittedLinks {
    let messages = sources.flatMap { Self.messages($0, by: prior) }.compactMap { try? $0.message.get() }
    return LinkFitting(prior: prior).fit(
      messages.filter { device == nil || $0.device == device?.name }, sharing: sharing)
  }

  private static func messages(
    _ source: SourceFile, by links: FittedLinks
  ) -> [(row: DeploymentRow, message: Result<MeasuredMessage, Unpredicted>)] {
    guard let (found, isOfKernels) = table(source) else { return [] }
    var table = found
    var rows: [DeploymentTable.Row] = []
    while let row = table.next() {
      // Frameworks' own kernels follow other laws.
      if isOfKernels, row.text("framework") != "nccl" || Collective(rawValue: row.text("kernel")) == nil {
        continue
      }
      rows.append(row)
    }
    let cold = coldRows(rows)
    var profiles: [String: HardwareProfile?] = [:]
    return rows.map { row in
      let device = row.text("hardware", or: "gpu")
      let profile = profiles[device] ?? (try? Catalogue.hardware(device))
      profiles[device] = .some(profile)
      let result = DeploymentRow(
        id: row.id, metric: "seconds",
        measured: (row.number("time_us") ?? 0) * 1e-6, hardware: profile?.name ?? device,
        framework: row.text("library", or: "framework"), model: row.text("op", or: "kernel"))
      return (
        result,
        Result { () throws(Unpredicted) in
          guard row.number("time_us") != nil else { throw Unpredicted("no time was measured") }
          if cold.contains(row.number) {
            throw Unpredicted("takes longer than the next larger message of its series: not warm")
          }
          return try MeasuredCollective(row, profile).message(by: links)
        }
      )
    }
  }

  /// First messages of a series that were measured before links and buffers were ready.
  private static func coldRows(_ rows: [DeploymentTable.Row]) -> Set<Int> {
    let names = [
      "source", "op", "hardware", "gpus", "nodes", "library", "version", "algorithm", "dtype", "where",
    ]
    let series = Dictionary(
      grouping: rows.filter { $0.number("bytes") != nil && $0.number("time_us") != nil }
    ) {
      row in names.map(row.text)
    }
    var cold: Set<Int> = []
    for rows in series.values where rows.count >= 4 {
      let sorted = rows.sorted { ($0.number("bytes") ?? 0) < ($1.number("bytes") ?? 0) }
      for (row, next) in zip(sorted, sorted.dropFirst()) {
        guard let own = row.number("time_us"), let other = next.number("time_us"), own > coldFactor * other
        else { break }
        cold.insert(row.number)
      }
    }
    return cold
  }
}

/// Why a row has no prediction.
struct Unpredicted: Error {
  var text: String

  init(_ text: String) { self.text = text }
}

/// One row's operation with the links that it says it ran over.
struct MeasuredCollective {
  private let row: DeploymentTable.Row
  private let device: String
  private let group: RankGroup
  private var fabric: [FabricDomain]
  private var note = ""

  init(_ row: DeploymentTable.Row, _ profile: HardwareProfile?) throws(Unpredicted) {
    if row.text("confidence").hasPrefix("HARDWARE UNSTATED") {
      throw Unpredicted("the source does not state its hardware")
    }
    guard let profile else {
      throw Unpredicted("no device called “\(row.text("hardware", or: "gpu"))” is known")
    }
    guard let ranks = row.number("gpus", or: "world_size") else { throw Unpredicted("“gpus” is no number") }
    let nodes = row.number("nodes") ?? 1
    self.row = row
    device = profile.name
    group = RankGroup(ranks: ranks, near: row.number("gpus_per_node") ?? (ranks / nodes).rounded(.up))
    fabric = profile.fabric
    if fabric.isEmpty { throw Unpredicted("the profile of \(profile.name) has no fabric") }
    try takeNearLink(row.text("intra_link").lowercased())
    if nodes > 1 { try takeNetwork(row.text("inter_link").lowercased()) }
  }

  /// What the row says of the links within a node.
  private mutating func takeNearLink(_ text: String) throws(Unpredicted) {
    let pcie = fabric.first { $0.name == "pcie" }
    if text.contains("pair") {
      // Who has bridges has boards that reach each other.
      let bridge = FabricDomain(
        name: "nvlink", devices: 2, bytesPerSecond: fabric[0].bytesPerSecond, topology: .pairs)
      fabric = [bridge]
      if var pcie {
        (pcie.topology, pcie.peerAccess) = (.host, true)
        fabric.append(pcie)
      }
    } else if text.contains("pcie") {
      guard var pcie else { throw Unpredicted("the profile has no PCIe among its fabric") }
      let denied = ["no peer", "without peer", "no p2p", "without p2p"].contains { text.contains($0) }
      if text.contains("peer") || text.contains("p2p") { pcie.peerAccess = !denied }
      fabric = [pcie] + fabric.drop { $0.name != "nic" }
    }
    guard let near = group.domains(of: fabric)?.near else { return }
    if near.topology == .host, near.peerAccess == nil, group.near > 1 {
      throw Unpredicted("PCIe, and nobody says whether the devices have peer access: a factor of ten")
    }
  }

  /// What the row says of the network: a rate for each node or device, or nothing.
  private mutating func takeNetwork(_ text: String) throws(Unpredicted) {
    let known = fabric.last { $0.devices == nil }
    if let rate = Self.networkRate(text, devices: group.near) {
      fabric = fabric.filter { $0.devices != nil } + [FabricDomain(name: "nic", bytesPerSecond: rate)]
    } else if text.isEmpty || text == "not stated" || known == nil {
      throw Unpredicted("the network between the nodes is not stated")
    } else {
      note = "network as the profile has it"
    }
  }

  /// Bytes per second of one device: “400 Gb/s per GPU”, or “8x400 Gb/s” of a node.
  private static func networkRate(_ text: String, devices: Double) -> Double? {
    guard let end = text.firstRange(of: " gb/s") else { return nil }
    let word = text[..<end.lowerBound].split(separator: " ").last ?? ""
    let factors = word.split(separator: "x").compactMap { Double($0) }
    guard let last = factors.last, factors.count <= 2, last > 0 else { return nil }
    return last * 1e9 / 8 * (factors.count == 2 ? factors[0] / max(1, devices) : 1)
  }

  func message(by links: FittedLinks) throws(Unpredicted) -> MeasuredMessage {
    guard let (near, _) = group.domains(of: fabric) else {
      throw Unpredicted("no domain of the profile's fabric joins \(Int(group.ranks)) devices")
    }
    let operation = row.text("op", or: "kernel")
    if operation.hasPrefix("moe_") { return try experts(String(operation.dropFirst(4)), near, by: links) }
    let spelled = operation == "all_reduce" ? "allreduce" : operation == "all_to_all" ? "alltoall" : operation
    guard let collective = Collective(rawValue: spelled) else {
      throw Unpredicted("no collective is called “\(operation)”")
    }
    guard let bytes = row.number("bytes", or: "message_bytes") else {
      throw Unpredicted("“bytes” is no number")
    }
    guard let times = CollectiveTimes(group, over: fabric, by: links) else {
      throw Unpredicted("no domain of the profile's fabric joins \(Int(group.ranks)) devices")
    }
    let algorithm = row.text("algorithm")
    let adder: CollectiveTimes.Adder =
      algorithm.hasPrefix("ring") ? .ranks : algorithm.hasPrefix("nvls") ? .theSwitch : .automatic
    let isTorch = (row.text("notes") + row.text("library")).lowercased().contains("torch")
    return MeasuredMessage(
      device: device, near: own(near), measured: (row.number("time_us") ?? 0) * 1e-6,
      extra: isTorch ? MeasuredCollectives.torchSeconds : 0, note: note,
      kind: .collective(times, collective, bytes: bytes, adder), links)
  }

  /// What tells generations apart: of ranks alone in their nodes the link that they leave unused.
  private func own(_ near: FabricDomain) -> FabricDomain { group.near > 1 ? near : fabric.first ?? near }

  /// `dispatch_low_latency`, `combine_normal`, `prepare`, ….
  private func experts(
    _ kernel: String, _ near: FabricDomain, by links: FittedLinks
  ) throws(Unpredicted) -> MeasuredMessage {
    guard let tokens = row.number("tokens"), let hidden = row.number("hidden"),
      let chosen = row.number("topk"), let experts = row.number("experts"), chosen <= experts
    else { throw Unpredicted("“tokens”, “hidden”, “topk” and “experts” are needed") }
    guard let times = ExpertTimes(group, over: fabric, by: links) else {
      throw Unpredicted("no domain of the profile's fabric joins \(Int(group.ranks)) devices")
    }
    let way: ExpertTimes.Way = kernel.contains("combine") ? .combine : .dispatch
    let isDeepEP = row.text("library").lowercased().contains("deepep")
    let form: ExpertTimes.Kernel =
      kernel.hasSuffix("low_latency")
      ? .lowLatency
      : kernel.hasSuffix("normal") || (isDeepEP && row.number("sms") != nil)
        ? .normal(cores: row.number("sms") ?? ExpertTimes.usualCores) : .oneSided
    let isNarrow = kernel.contains("low_precision")
    return MeasuredMessage(
      device: device, near: own(near), measured: (row.number("time_us") ?? 0) * 1e-6, extra: 0, note: note,
      kind: kernel.hasPrefix("prepare")
        ? .prepare(times, experts: experts)
        : .experts(
          times, way, form, tokens: tokens, rowBytes: hidden * bytesPerElement(way, isNarrow: isNarrow),
          experts: experts, chosen: chosen), links)
  }

  /// FP8 with a scale for 128 to the experts, 16 bits back, where the row does not say otherwise.
  private func bytesPerElement(_ way: ExpertTimes.Way, isNarrow: Bool) -> Double {
    let fp8 = 1 + 4.0 / 128
    let text = row.text("dtype").lowercased()
    let parts = text.split(separator: ",").map(String.init)
    let word =
      parts.first { $0.contains(way == .combine ? "combine" : "dispatch") } ?? (parts.count == 1 ? text : "")
    if isNarrow { return fp8 }
    if word.contains("fp8") || word.contains("e4m3") { return way == .combine && parts.count == 1 ? 2 : fp8 }
    if word.contains("fp4") { return way == .combine ? 2 : 0.5 + 1.0 / 16 }
    if word.contains("16") || word.contains("half") { return 2 }
    return way == .combine ? 2 : fp8
  }
}
