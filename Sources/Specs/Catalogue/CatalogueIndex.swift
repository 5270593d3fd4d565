/// Files of the catalogue, found by their names however people write them.
struct CatalogueIndex: Sendable {
  let files: [Catalogue.Entry]
  /// Places by name as it stands, by folded name, alias, and alias without its owner; the first of each counts.
  private let exact, names, aliases, bare: [String: Int]

  init(_ files: [Catalogue.Entry]) {
    self.files = files
    func places(_ words: (Catalogue.Entry) -> [String]) -> [String: Int] {
      var places: [String: Int] = [:]
      for (place, file) in files.enumerated() {
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
  func named(_ name: String) -> Catalogue.Entry? { exact[name].map { files[$0] } }

  /// The name or an alias is that of a file.
  func knows(_ name: String) -> Bool {
    let wanted = Catalogue.folded(name)
    return (names[wanted] ?? aliases[wanted]) != nil
  }

  /// By name, by alias, and by an alias without its owner, in that order.
  func entry(_ name: String) -> Catalogue.Entry? {
    for wanted in Self.spellings(Catalogue.folded(name)) {
      if let place = names[wanted] ?? aliases[wanted] ?? bare[wanted] { return files[place] }
    }
    return nil
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
