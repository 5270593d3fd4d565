extension YAMLReader {
  /// What `read` makes of a file, or everything that is wrong with it: behind each fault reading goes on without the value
  /// or key, or with a stand-in for what is missing, as long as what follows is no consequence of that.
  static func reading<Result>(
    _ source: SourceFile, _ block: Block, _ read: (YAMLNode) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    let node = try self.read(source)
    do throws(InputError) { return try read(node) } catch {
      var search = FaultSearch(node, first: error)
      search.goOn { node in
        do throws(InputError) {
          _ = try read(node)
          return nil
        } catch { return error }
      }
      var all = error
      all.others = search.others(in: source.name, block)
      throw all
    }
  }

  /// No line of a file.
  static let nowhere = 0
}

/// All faults of a document, one after the other.
private struct FaultSearch {
  private var node: YAMLNode
  private var faults: [InputError]
  /// Keys that are gone because of their values.
  private var dropped = Set<String>()
  /// Reading came to the end.
  private var isThrough = false

  private static let most = 20
  /// In place of what is missing: numbers that head counts divide, and one of each unit.
  private static let standIns = ["645120", "60", "1 GiB", "1 TB/s", "1 TFLOP/s"]

  init(_ node: YAMLNode, first: InputError) { (self.node, faults) = (node, [first]) }

  /// - Parameter fault: the first of a document.
  mutating func goOn(_ fault: (YAMLNode) -> InputError?) {
    var (last, isGuess) = (faults[0], false)
    for _ in 0..<Self.most {
      let next: InputError?
      switch last.fault {
      case .value, .unknownKey:
        guard let place = last.location,
          case .kept(let rest, let keys) = node.pruned(place, keys: last.fault == .unknownKey)
        else { return }
        node = rest
        dropped.formUnion(keys)
        next = fault(node)
      case .missing(let key):
        guard let (filled, error) = filled(last.location, key, fault) else { return }
        (node, next, isGuess) = (filled, error, true)
      case .other: return
      }
      guard let next else {
        isThrough = true
        return
      }
      last = next
      // A key whose value is gone, or that was misspelt.
      if case .missing(let key) = next.fault,
        dropped.contains(where: { $0 == key || !Suggestion.nearest(to: $0, among: [key]).isEmpty })
      {
        continue
      }
      // What does not go together with a stand-in is not the user's fault.
      guard next.fault != .other || !isGuess, !faults.contains(next) else { return }
      faults.append(next)
    }
  }

  /// With the first stand-in that is taken, and what is wrong behind it.
  private func filled(
    _ place: SourceLocation?, _ key: String, _ fault: (YAMLNode) -> InputError?
  ) -> (YAMLNode, InputError?)? {
    for text in Self.standIns {
      guard let place, let filled = node.filled(place, key, text) else { return nil }
      let error = fault(filled)
      if error?.location?.line != YAMLReader.nowhere { return (filled, error) }
    }
    return nil
  }

  /// Behind the first; where reading broke off, with the keys at the top that no reader knows.
  func others(in file: String, _ block: Block) -> [InputError] {
    guard !isThrough else { return Array(faults.dropFirst()) }
    let loose = block.name == Block.model.name ? PlainSpec.blocks.flatMap(\.keys) : []
    let strays = (node.members ?? []).filter { key, _ in
      let name = key.string ?? ""
      return block.key(name) == nil && !loose.contains(name)
        && !faults.contains { $0.location == key.location(in: file) }
    }
    return faults.dropFirst()
      + strays.map { key, _ in
        let name = key.string ?? ""
        return InputError(
          .data, at: key.location(in: file),
          "unknown key “\(name)”\(Suggestion.phrase(for: name, among: block.keys.flatMap(\.names)))")
      }
  }
}

extension YAMLNode {
  /// A mapping's member gone, or to go with the one that it stands in.
  enum Pruned {
    case untouched, gone
    /// What is left, and the key that is gone behind those that it stood in.
    case kept(YAMLNode, [String])
  }

  /// Without the innermost member whose key, or whose value, begins at a place.
  func pruned(_ place: SourceLocation, keys: Bool) -> Pruned {
    if let members {
      for (index, (key, value)) in members.enumerated() {
        var rest = members
        if keys, key.begins(at: place) {
          rest.remove(at: index)
          return .kept(mapping(rest), [key.string ?? ""])
        }
        switch value.pruned(place, keys: keys) {
        case .untouched: continue
        case .gone:
          rest.remove(at: index)
          return .kept(mapping(rest), [key.string ?? ""])
        case .kept(let inner, let gone):
          rest[index].value = inner
          return .kept(mapping(rest), [key.string ?? ""] + gone)
        }
      }
    }
    for (index, item) in (items ?? []).enumerated() {
      switch item.pruned(place, keys: keys) {
      case .untouched: continue
      case .gone: return .gone
      case .kept(let inner, let gone):
        var rest = items ?? []
        rest[index] = inner
        return .kept(list(rest), gone)
      }
    }
    return !keys && begins(at: place) ? .gone : .untouched
  }

  /// With a stand-in in the mapping that begins at a place and lacks a key; nil where there is none.
  func filled(_ place: SourceLocation, _ key: String, _ text: String) -> YAMLNode? {
    if let members {
      for (index, member) in members.enumerated() {
        guard let inner = member.value.filled(place, key, text) else { continue }
        var rest = members
        rest[index].value = inner
        return mapping(rest)
      }
      guard begins(at: place) else { return nil }
      let known = members.filter { $0.key.string != key }
      return mapping(known + [(scalar(key), .standIn(text))])
    }
    for (index, item) in (items ?? []).enumerated() {
      guard let inner = item.filled(place, key, text) else { continue }
      var rest = items ?? []
      rest[index] = inner
      return list(rest)
    }
    return nil
  }
}
