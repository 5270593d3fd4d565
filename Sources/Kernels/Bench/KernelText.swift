import Specs

/// A kernel with its dimensions as people write them: `gemm:m=64,n=4096,k=4096`.
public enum KernelText {
  static let forms = KernelList.all.flatMap { $0.named }

  /// Names of kernels with their dimensions: `gemm:m,n,k`; those in brackets may be left out.
  public static var accepted: [String] { forms.map(\.accepted) }

  /// - Throws: `InputError` of wrong usage: an unknown kernel or dimension, one missing, twice or outside its bounds,
  ///   or operands beyond `memoryBytes`.
  public static func kernel(_ text: String, memoryBytes: Double) throws -> any Kernel {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    guard let form = forms.first(where: { $0.name == name }) else {
      throw refusal(
        text,
        "no kernel “\(name)”; accepted: \(accepted.joined(separator: " "))"
          + Suggestion.phrase(for: name, among: forms.map(\.name)))
    }
    let kernel = try form.kernel(parts.count > 1 ? String(parts[1]) : "", text)
    if let words = kernel.refusal { throw refusal(text, words) }
    let bytes = 4 * kernel.elements
    guard bytes <= memoryBytes / 2 else {
      throw refusal(
        text,
        "needs \(Int(min(bytes, 9e18)) >> 20) MiB; at most half of this machine's \(Int(memoryBytes) >> 20)")
    }
    return kernel
  }

  static func refusal(_ text: String, _ words: String) -> InputError {
    InputError(.usage, "--kernel \(text): \(words)")
  }
}

/// A form whatever its kernel's type.
protocol NamedForm: Sendable {
  var name: String { get }
  /// `decode:[batch],context,…`
  var accepted: String { get }
  /// - Parameters:
  ///   - list: dimensions, `m=64,n=4096`.
  ///   - text: all of what was written, for errors.
  func kernel(_ list: String, _ text: String) throws -> any ListedKernel
}

extension ListedKernel {
  static var named: [any NamedForm] { forms }
}

extension KernelForm: NamedForm where K: ListedKernel {
  var accepted: String {
    name + ":"
      + dimensions.map { $0.fallback == nil ? $0.name : "[\($0.name)]" }.joined(separator: ",")
  }

  func kernel(_ list: String, _ text: String) throws -> any ListedKernel {
    let given = try values(list, text)
    var kernel = blank
    for dimension in dimensions {
      guard let value = given[dimension.name] ?? dimension.fallback else {
        let all = dimensions.map { $0.name + "=" + ($0.fallback.map(String.init) ?? "…") }
        throw KernelText.refusal(
          text, "\(dimension.name) is missing; accepted: \(name):\(all.joined(separator: ","))")
      }
      kernel[keyPath: dimension.value] = value
    }
    return kernel
  }

  private func values(_ list: String, _ text: String) throws -> [String: Int] {
    var given: [String: Int] = [:]
    for entry in list.split(separator: ",", omittingEmptySubsequences: false) where !list.isEmpty {
      let pair = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let dimension = dimensions.first(where: { $0.name == pair[0] }) else {
        let names = dimensions.map(\.name)
        throw KernelText.refusal(
          text,
          "\(name) has no dimension “\(pair[0])”; accepted: \(names.joined(separator: ", "))"
            + Suggestion.phrase(for: pair[0], among: names))
      }
      guard pair.count == 2, let value = Int(pair[1]), dimension.range.contains(value) else {
        throw KernelText.refusal(
          text, "\(entry): accepted: \(dimension.range.lowerBound) to \(dimension.range.upperBound)")
      }
      guard given.updateValue(value, forKey: pair[0]) == nil else {
        throw KernelText.refusal(text, "\(pair[0]) is given twice")
      }
    }
    return given
  }
}
