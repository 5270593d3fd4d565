/// A device's name taken apart: words that choose it, in whatever order, and watts that it states.
///
/// `NVIDIA H100 80GB HBM3`, `a100_pcie_40gb_hbm2_250w`, `Tesla V100-SXM2-32GB`: as drivers, tools and people write.
struct DeviceName {
  /// In lower case, without the maker's and those that say nothing; sizes as `80gb`, sockets without a generation.
  private(set) var words: [String] = []
  /// Its power limit.
  private(set) var watts: Double?

  static let makers = [
    "nvidia", "amd", "intel", "google", "aws", "apple", "huawei", "geforce", "instinct", "radeon", "tesla",
    "cloud",
  ]
  private static let silent = Set(
    makers + [
      "gpu", "tensor", "core", "accelerator", "oam", "graphics", "generation", "edition", "blackwell",
    ])

  private static let plain = Set("abcdefghijklmnopqrstuvwxyz0123456789+.".utf8)

  init(_ name: String) {
    var parts = name.lowercased().split { letter in
      guard let ascii = letter.asciiValue else { return !letter.isLetter && !letter.isNumber }
      return !Self.plain.contains(ascii)
    }.map(String.init)
    // `80 GB` is one word.
    for index in parts.indices.dropLast().reversed()
    where Double(parts[index]) != nil && ["gb", "gib", "w"].contains(parts[index + 1]) {
      parts[index] += parts.remove(at: index + 1)
    }
    for part in parts where !Self.silent.contains(part) {
      if part.hasSuffix("w"), let value = Double(part.dropLast()), value > 0 {
        watts = value
      } else if let size = ["gib", "gb", "g"].first(where: { part.hasSuffix($0) }),
        part.dropLast(size.count).allSatisfy(\.isNumber), part.count > size.count
      {
        words.append(part.dropLast(size.count) + "gb")
      } else if ["sxm", "pcie"].contains(where: { part.hasPrefix($0) && part.count == $0.count + 1 }) {
        words.append(String(part.dropLast()))
      } else {
        words.append(part)
      }
    }
  }

  /// What the name's maker numbers: `h` of h100, `rtx` of rtx4090, `gb` of gb10.
  private var family: Substring { words.first.map { $0.prefix(while: \.isLetter) } ?? "" }

  /// “; did you mean …?” with the nearest of its family; letters alone count only for a slip of the pen.
  func suggestion(among names: [String]) -> String {
    let (own, family) = (words.joined(separator: "-"), family)
    var near: [(name: String, isRelated: Bool, distance: Int)] = []
    for name in names {
      let other = DeviceName(name)
      let isRelated = !family.isEmpty && other.family == family
      let distance = Suggestion.distance(own, other.words.joined(separator: "-"))
      if isRelated || distance * 5 <= own.count { near.append((name, isRelated, distance)) }
    }
    // Of equals the newest, which has the higher number.
    near.sort {
      $0.isRelated != $1.isRelated ? $0.isRelated : ($0.distance, $1.name) < ($1.distance, $0.name)
    }
    return Suggestion.phrase(near.prefix(3).map(\.name))
  }
}
