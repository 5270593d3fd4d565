import CostModel

/// Which devices to list: a vendor, words that all have to hold, and an order.
public struct HardwareQuery: Hashable, Sendable {
  /// What to sort by: capacity and bytes/s of the far memory, dense bf16 FLOP/s, FLOPs per byte at the ridge, watts.
  public enum Order: String, CaseIterable, Sendable {
    case name, memory, bandwidth, compute, ridge, power
  }

  /// In lower case; nil for all.
  public var vendor: String?
  /// Precisions with a peak of their own, or parts of names.
  public var words: [String]
  /// Ascending; equals by name.
  public var order: Order
  /// Largest first.
  public var descending: Bool

  /// - Throws: `InputError` for a vendor that makes none of `profiles`, or a word that is neither a precision nor
  ///   part of any name.
  public init(
    vendor: String? = nil, words: [String] = [], order: Order = .name, descending: Bool = false,
    among profiles: [HardwareProfile]
  ) throws(InputError) {
    let vendors = Set(profiles.map(\.vendor)).subtracting([""]).sorted()
    if let vendor, !vendors.contains(vendor.lowercased()) {
      throw InputError(
        .usage,
        "no device of vendor “\(vendor)”\(Suggestion.phrase(for: vendor, among: vendors))"
          + " (vendors: \(vendors.joined(separator: ", ")))")
    }
    for word in words where ComputeFormat(name: word) == nil {
      guard profiles.contains(where: { Self.named($0, word) }) else {
        let formats = ComputeFormat.allCases.map(\.name)
        throw InputError(
          .usage,
          "“\(word)” is no precision and in no device's name\(Suggestion.phrase(for: word, among: formats))"
            + " (precisions: \(formats.joined(separator: ", ")))")
      }
    }
    self.vendor = vendor?.lowercased()
    self.words = words
    self.order = order
    self.descending = descending
  }

  /// Those of `profiles` that vendor and words leave, in order.
  public func apply(_ profiles: [HardwareProfile]) -> [HardwareProfile] {
    let kept = profiles.filter { profile in
      (vendor == nil || profile.vendor == vendor)
        && words.allSatisfy { word in
          ComputeFormat(name: word).map { profile.peak($0) != nil } ?? Self.named(profile, word)
        }
    }
    let sorted = kept.sorted { (key($0), $0.name) < (key($1), $1.name) }
    return descending ? sorted.reversed() : sorted
  }

  private func key(_ profile: HardwareProfile) -> Double {
    switch order {
    case .name: 0
    case .memory: profile.levels.first?.capacityBytes ?? 0
    case .bandwidth: profile.levels.first?.bytesPerSecond ?? 0
    case .compute: profile.unit(for: .bf16)?.flopsPerSecond ?? 0
    case .ridge: profile.ridgePoint(.bf16) ?? 0
    case .power: profile.powerWatts ?? 0
    }
  }

  private static func named(_ profile: HardwareProfile, _ word: String) -> Bool {
    (profile.name + " " + profile.title).lowercased().contains(word.lowercased())
  }
}
