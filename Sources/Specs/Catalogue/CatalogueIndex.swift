import Basics

/// Files of the catalogue, found by their names however people write them.
struct CatalogueIndex: Sendable {
  /// One's own, which stand in front, and those that came with the executable.
  let files: [Catalogue.Entry]
  /// Places of one's own, of which there may be ten thousand, by name as it stands, by folded name, alias, and alias without
  /// its owner; the first of each counts. The others are few: a command that asks for one looks through them.
  private let exact, names, aliases, bare: [String: Int]
  private let shipped: Range<Int>

  init(own: [Catalogue.Entry], shipped: [Catalogue.Entry]) {
    files = own + shipped
    self.shipped = own.count..<files.count
    func places(_ words: (Catalogue.Entry) -> [String]) -> [String: Int] {
      var places: [String: Int] = [:]
      for (place, file) in own.enumerated() {
        for word in words(file) where places[word] == nil { places[word] = place }
      }
      return places
    }
    exact = places { [$0.name] }
    names = places { [Catalogue.folded($0.name)] }
    aliases = places { $0.aliases.map(Catalogue.folded) }
    bare = places { $0.aliases.map { Catalogue.folded(Catalogue.withoutOwner($0)) } }
  }

  /// The file of exactly that name.
  func named(_ name: String) -> Catalogue.Entry? {
    (exact[name] ?? shipped.first { files[$0].name == name }).map { files[$0] }
  }

  /// The name or an alias is that of a file.
  func knows(_ name: String) -> Bool { place(Catalogue.folded(name)) != nil }

  /// By name, by alias, and by an alias without its owner, in that order.
  func entry(_ name: String) -> Catalogue.Entry? {
    for wanted in Self.spellings(Catalogue.folded(name)) {
      let found =
        place(wanted) ?? bare[wanted]
        ?? shipped.first {
          files[$0].aliases.contains {
            Self.reads($0.utf8.split(separator: UInt8(ascii: "/")).last, as: wanted)
          }
        }
      if let found { return files[found] }
    }
    return nil
  }

  private func place(_ wanted: String) -> Int? {
    names[wanted] ?? shipped.first { Self.reads(files[$0].name.utf8, as: wanted) } ?? aliases[wanted]
      ?? shipped.first { files[$0].aliases.contains { Self.reads($0.utf8, as: wanted) } }
  }

  /// Whether a shipped name, all of whose letters are ASCII, is that when folded: told at the first letter that differs.
  private static func reads(_ name: (some Sequence<UInt8>)?, as folded: String) -> Bool {
    guard let name else { return false }
    var rest = Substring(folded).utf8
    for byte in name where !" -_".utf8.contains(byte) {
      if rest.popFirst() != (byte &- 0x41 < 26 ? byte | 0x20 : byte) { return false }
    }
    return rest.isEmpty
  }

  /// A folded name, and the same without the maker's words in front: `nvidiah100sxm`, `geforcertx4090`.
  private static func spellings(_ name: String) -> [String] {
    var found = [name]
    let makers = DeviceName.makers
    var rest = Substring(name)
    while let maker = makers.first(where: { rest.hasPrefix($0) && rest.count > $0.count }) {
      rest = rest.dropFirst(maker.count)
      found.append(String(rest))
    }
    return found
  }
}
