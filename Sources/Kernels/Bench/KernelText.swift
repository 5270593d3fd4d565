import Specs

/// A kernel with its dimensions as people write them: `gemm:m=64,n=4096,k=4096`.
public enum KernelText {
  struct Dimension: Sendable {
    var name: String
    /// Nil where it has to be given.
    var fallback: Int?
    var range: ClosedRange<Int>

    init(_ name: String, _ fallback: Int? = nil, _ range: ClosedRange<Int> = 1...1_048_576) {
      (self.name, self.fallback, self.range) = (name, fallback, range)
    }
  }

  struct Form: Sendable {
    var name: String
    var dimensions: [Dimension]
    /// Elements of operands and scratch, from the dimensions in their order.
    var elements: @Sendable ([Double]) -> Double
    /// What the dimensions have to be to each other; nil where they are.
    var refusal: @Sendable ([Int]) -> String? = { _ in nil }
    var make: @Sendable ([Int]) -> any Kernel
  }

  /// Names of kernels with their dimensions: `gemm:m,n,k`; those in brackets may be left out.
  public static var accepted: [String] {
    forms.map { form in
      form.name + ":"
        + form.dimensions.map { $0.fallback == nil ? $0.name : "[\($0.name)]" }.joined(separator: ",")
    }
  }

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
    let values = try dimensions(form, parts.count > 1 ? String(parts[1]) : "", text)
    if let words = form.refusal(values) { throw refusal(text, words) }
    let bytes = 4 * form.elements(values.map(Double.init))
    guard bytes <= memoryBytes / 2 else {
      throw refusal(
        text,
        "needs \(Int(min(bytes, 9e18)) >> 20) MiB; at most half of this machine's \(Int(memoryBytes) >> 20)")
    }
    return form.make(values)
  }

  private static func dimensions(_ form: Form, _ list: String, _ text: String) throws -> [Int] {
    var given: [String: Int] = [:]
    for entry in list.split(separator: ",", omittingEmptySubsequences: false) where !list.isEmpty {
      let pair = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let dimension = form.dimensions.first(where: { $0.name == pair[0] }) else {
        let names = form.dimensions.map(\.name)
        throw refusal(
          text,
          "\(form.name) has no dimension “\(pair[0])”; accepted: \(names.joined(separator: ", "))"
            + Suggestion.phrase(for: pair[0], among: names))
      }
      guard pair.count == 2, let value = Int(pair[1]), dimension.range.contains(value) else {
        throw refusal(
          text, "\(entry): accepted: \(dimension.range.lowerBound) to \(dimension.range.upperBound)")
      }
      guard given.updateValue(value, forKey: pair[0]) == nil else {
        throw refusal(text, "\(pair[0]) is given twice")
      }
    }
    return try form.dimensions.map { dimension in
      guard let value = given[dimension.name] ?? dimension.fallback else {
        throw refusal(text, "\(dimension.name) is missing; accepted: \(accepted(form))")
      }
      return value
    }
  }

  private static func accepted(_ form: Form) -> String {
    form.name + ":"
      + form.dimensions.map { $0.name + "=" + ($0.fallback.map(String.init) ?? "…") }.joined(separator: ",")
  }

  private static func refusal(_ text: String, _ words: String) -> InputError {
    InputError(.usage, "--kernel \(text): \(words)")
  }
}
