import CostModel

/// `HardwareProfile` → YAML that `HardwareReader` reads back to the same profile; rates that are no round figures
/// to six digits.
public enum HardwareWriter {
  /// The profile as a file that every command reads.
  public static func yaml(_ profile: HardwareProfile) -> String {
    var out = YAMLText()
    out.put("name", text: profile.name)
    if profile.title != profile.name { out.put("title", text: profile.title) }
    if !profile.vendor.isEmpty { out.put("vendor", text: profile.vendor) }
    if let relative = profile.relative { out.put("relative", text: relative) }
    source(profile.source, into: &out)
    out.put("cores", profile.cores)
    out.put("clock", profile.clockHertz, .hertz)
    out.put("registers_per_core", profile.registerBytesPerCore, .bytes)
    out.put("tensor_memory_per_core", profile.tensorMemoryBytesPerCore, .bytes)
    for (key, rate) in [
      ("special_functions_per_clock", profile.specialFunctionsPerClock),
      ("emulated_exponentials_per_clock", profile.emulatedExponentialsPerClock),
    ] { if let rate { out.put(key, rate) } }
    out.blocks("memory", profile.levels) { level, out in
      out.put("name", text: level.name)
      out.put("capacity", level.capacityBytes, .bytes)
      out.put("bandwidth", level.bytesPerSecond, .bytesPerSecond)
      out.put("copy_bandwidth", level.copyBytesPerSecond, .bytesPerSecond)
      if level.perCore { out.put("per_core", true) }
      source(level.source, into: &out)
      if let confidence = level.confidence { out.put("confidence", text: confidence.rawValue) }
    }
    out.block("peaks") { out in
      for peak in profile.peaks { out.put(peak.format.name, peak.flopsPerSecond, .flopsPerSecond) }
      source(profile.peaks.first?.source ?? "", into: &out)
    }
    out.put("vector", profile.vectorFLOPsPerSecond, .flopsPerSecond)
    if !profile.fabric.isEmpty {
      out.blocks("fabric", profile.fabric) { domain, out in
        out.put("name", text: domain.name)
        if let devices = domain.devices { out.put("devices", devices) }
        if domain.topology != .switch { out.put("topology", text: domain.topology.rawValue) }
        out.put("bandwidth", domain.bytesPerSecond, .bytesPerSecond)
        out.put("latency", domain.latencySeconds, .seconds)
        if domain.reducesInNetwork { out.put("reduction", true) }
        if let peers = domain.peerAccess { out.put("peer_access", peers) }
        source(domain.source, into: &out)
      }
    }
    out.put("power", profile.powerWatts, .watts)
    out.put("price", profile.priceUSD, .dollars)
    if let probed = profile.probed {
      out.block("probed") { $0.put("write_allocate", probed.writeAllocate) }
    }
    if !profile.notes.isEmpty { out.texts("notes", profile.notes) }
    return out.text
  }

  private static func source(_ text: String, into out: inout YAMLText) {
    if !text.isEmpty { out.put("source", text: text) }
  }
}
