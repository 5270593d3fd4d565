import CostModel

/// One field of a spec set to something else: `attention.num_key_value_heads=2`.
public struct SpecChange: Hashable, Sendable {
  /// Keys from the top.
  let path: [String]
  /// YAML.
  let value: String

  /// - Throws: `InputError`, 64, for what is no key and value.
  public init(_ text: String) throws(InputError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty, !path.contains(""), path.count <= 8 else {
      throw InputError(
        .usage, "--set \(text): accepted: KEY=VALUE, such as num_hidden_layers=12 or attention.head_dim=64")
    }
    value = parts[1]
  }

  /// For titles: `num_key_value_heads=2`.
  var short: String { "\(path.last ?? "")=\(value)" }
}

extension ModelSpec {
  /// The model with other values in some fields of its spec; what stays unsaid there is not made up anew.
  ///
  /// - Throws: `InputError`, 64 for keys that specs don't have and values that they don't take.
  public func changed(by changes: [SpecChange]) throws(InputError) -> ModelSpec {
    guard !changes.isEmpty else { return self }
    let source = SourceFile(name: name, text: ModelWriter.yaml(self))
    do throws(InputError) {
      var node = try YAMLReader.read(source)
      for change in changes {
        let value = try YAMLReader.read(SourceFile(name: "--set", text: change.value))
        let path = change.path.count == 1 ? node.place(of: change.path[0]) : change.path
        node = node.setting(path[...], to: value)
      }
      var model = try ModelReader.read(node, of: source)
      let words = changes.map(\.short).joined(separator: ", ")
      model.name = "\(name) with \(words)"
      model.title = "\(title) with \(words)"
      return model
    } catch {
      throw InputError(.usage, "--set: \(error.message)")
    }
  }
}

extension YAMLNode {
  /// Where a key stands that was named without its block: at the top, or in the one block that has it.
  fileprivate func place(of key: String) -> [String] {
    guard let members, !members.contains(where: { $0.key.string == key }) else { return [key] }
    let blocks = members.filter { $0.value.members?.contains { $0.key.string == key } == true }
    return blocks.count == 1 ? [blocks[0].key.string ?? "", key] : [key]
  }

  /// The mapping with another value at a path; blocks on the way are made where there are none.
  func setting(_ path: ArraySlice<String>, to value: YAMLNode) -> YAMLNode {
    guard let key = path.first else { return value }
    var all = members ?? []
    if let index = all.firstIndex(where: { $0.key.string == key }) {
      all[index].value = all[index].value.setting(path.dropFirst(), to: value)
    } else {
      all.append((value.scalar(key), value.mapping([]).setting(path.dropFirst(), to: value)))
    }
    return mapping(all)
  }

  /// This mapping with what `own` says besides or instead, block by block.
  func overlaid(by own: YAMLNode) -> YAMLNode {
    guard var all = members, let others = own.members else { return own }
    for (key, value) in others {
      if let index = all.firstIndex(where: { $0.key.string == key.string }) {
        all[index].value = all[index].value.overlaid(by: value)
      } else {
        all.append((key, value))
      }
    }
    return own.mapping(all)
  }
}
