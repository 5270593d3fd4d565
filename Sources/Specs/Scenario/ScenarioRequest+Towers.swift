import CostModel

extension ScenarioRequest {
  /// What images, sound and an encoder's text add to a pass over `model`.
  func readTowers(
    of model: ModelSpec, _ work: inout Workload, _ assumptions: inout [Assumption]
  ) throws(InputError) {
    func reads(_ name: String) -> Tower? { model.towers.first { $0.name == name } }
    func refuse(_ option: String, _ what: String) -> InputError {
      InputError(
        .usage,
        "\(option): \(model.name) reads no \(what)"
          + (model.notes.contains { $0.contains("left out") }
            ? ", as its spec stands: its encoder is left out" : ""))
    }
    if let images {
      guard let tower = reads("vision") else { throw refuse("--images", "images") }
      guard (0...1_000_000).contains(images) else {
        throw InputError(.usage, "--images is \(images); accepted: 0 to 1,000,000")
      }
      work.imageSize = try pixels(&assumptions)
      work.images = Double(images)
      if !tower.isLookedAt {
        assumptions.append(.promptTokens("image", tower.outputTokens(work) / max(1, work.images)))
      }
    } else if imageSize != nil {
      throw InputError(.usage, "--image-size says the size of images; how many there are says --images")
    }
    if let tower = reads("audio") {
      guard audioSeconds == nil || (0...1e6).contains(audioSeconds ?? 0) else {
        throw InputError(.usage, "--audio-seconds is \(audioSeconds ?? 0); accepted: 0 to 1,000,000")
      }
      if tower.isLookedAt, audioSeconds == nil { assumptions.append(.audioSeconds(30)) }
      work.audioSeconds = audioSeconds ?? (tower.isLookedAt ? 30 : 0)
      if !tower.isLookedAt, work.audioSeconds > 0 {
        assumptions.append(.promptTokens("sound", tower.outputTokens(work)))
      }
    } else if audioSeconds != nil {
      throw refuse("--audio-seconds", "sound")
    }
    if reads("encoder") != nil {
      // The prompt is the encoder's; the decoder starts from few tokens.
      let longest = Double(min(Self.usualLength, model.maxPositions ?? 512))
      work.source = inputLength.map(Double.init) ?? longest
      if phase == .prefill {
        work.queries = Double(decoderLength ?? 1)
        if decoderLength == nil { assumptions.append(.decoderLength(1)) }
      } else {
        if inputLength == nil { assumptions.append(.inputLength(Int(longest))) }
        if contextLength == nil { work.prefix = Double(decoderLength ?? 1) }
      }
    } else if decoderLength != nil {
      throw InputError(.usage, "--decoder-len: \(model.name) has no encoder of text before its decoder")
    }
    if model.towers.contains(where: { $0.isLookedAt && $0.input != .text }) {
      work.source = model.sourceTokens(work)
      if phase == .prefill, inputLength == nil, reads("audio") != nil {
        // Start, language, task, no timestamps.
        work.queries = 4
        assumptions.removeAll { if case .inputLength = $0 { true } else { false } }
        assumptions.append(.inputLength(4))
      }
    }
    if phase == .prefill { work.queries += model.promptTokens(work) }
  }

  /// `1024x768`: columns and rows, as sizes of pictures are said.
  private func pixels(_ assumptions: inout [Assumption]) throws(InputError) -> SIMD2<Double> {
    guard let imageSize else {
      assumptions.append(.imageSize(1024))
      return SIMD2(repeating: 1024)
    }
    let parts = imageSize.lowercased().split(separator: "x").compactMap { Int($0) }
    guard let width = parts.first, let height = parts.last, parts.count <= 2,
      parts.allSatisfy({ (1...100_000).contains($0) })
    else {
      throw InputError(
        .usage, "--image-size is “\(imageSize)”; accepted: WIDTHxHEIGHT in pixels, such as 1024x768")
    }
    return SIMD2(Double(height), Double(width))
  }
}
