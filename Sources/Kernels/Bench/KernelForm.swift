import Basics
import CostModel

/// A dimension of a kernel, said once: how it is given on the command line, shown, and put into the table of runs.
public struct Dimension<K>: Sendable {
  /// On the command line.
  let name: String
  let value: any WritableKeyPath<K, Int> & Sendable
  /// Nil where it has to be given.
  let fallback: Int?
  let range: ClosedRange<Int>
  /// What stands before it in a kernel's `shape`: its name unless given; `/` for the second of two; nil: not shown.
  let label: String?
  /// In the table of runs, where no call says so.
  let columns: [MeasuredShape.Column]

  init(
    _ name: String, _ value: any WritableKeyPath<K, Int> & Sendable, _ fallback: Int? = nil,
    _ range: ClosedRange<Int> = 1...1_048_576, label: String? = "", columns: MeasuredShape.Column...
  ) {
    (self.name, self.value, self.fallback, self.range) = (name, value, fallback, range)
    (self.label, self.columns) = (label == "" ? name + "=" : label, columns)
  }
}

/// One name of a kernel, with the dimensions that it has under it.
public struct KernelForm<K: Kernel>: Sendable {
  /// On the command line and in reports.
  let name: String
  /// In the table of measured runs, with the columns that are the same for every shape.
  let measured: MeasuredShape
  /// A kernel of this name, whose dimensions are still to be set.
  let blank: K
  /// In the order in which a shape shows them.
  let dimensions: [Dimension<K>]

  init(
    _ blank: K, measured: String, same: [MeasuredShape.Column: Int] = [:], _ dimensions: [Dimension<K>]
  ) {
    (name, self.blank, self.dimensions) = (blank.name, blank, dimensions)
    self.measured = MeasuredShape(measured, same)
  }

  /// What is zero, such as a window that is none, is left out.
  func text(of kernel: K) -> String {
    dimensions.reduce(into: "") { text, dimension in
      let value = kernel[keyPath: dimension.value]
      guard let label = dimension.label, value != 0 else { return }
      text += (text.isEmpty || label == "/" ? "" : " ") + label + "\(value)"
    }
  }

  func measured(_ kernel: K) -> MeasuredShape {
    if let call = kernel.call { return MeasuredShape(measured.kernel, call) }
    return dimensions.reduce(into: measured) { shape, dimension in
      for column in dimension.columns { shape[column] = kernel[keyPath: dimension.value] }
    }
  }
}

/// A kernel that people can name. Its own file says everything of its names and dimensions; `KernelList` has its line.
public protocol ListedKernel: Kernel {
  /// A form for every `name` that a kernel of this type may have.
  static var forms: [KernelForm<Self>] { get }
  /// Single-precision elements of operands and scratch, about: what is too much for a machine is refused by it.
  var elements: Double { get }
  /// What the dimensions have to be to each other; nil where they are.
  var refusal: String? { get }
  /// Small enough to simulate address by address: what `crosscheck` starts from.
  static var witnesses: [Self] { get }
  /// Shapes that nobody chose, each form of drawing them in its turn.
  static var draws: [ShapeDraw] { get }
  /// Its part in a model's layer, at real widths.
  static func parts(of layer: BenchedLayer) -> [Self]
  /// What its shares of the probed rates are fitted to: widths that no model of the catalogue's first rank has.
  static var calibrating: [Self] { get }
}

/// A random kernel; the same for the same numbers.
public typealias ShapeDraw = @Sendable (inout SplitMix64) -> any Kernel

extension ListedKernel {
  public var refusal: String? { nil }
  public static func parts(of layer: BenchedLayer) -> [Self] { [] }
  public static var calibrating: [Self] { [] }

  public var shape: String { listedShape }
  public var measured: MeasuredShape { form?.measured(self) ?? MeasuredShape(name, [:]) }

  private var form: KernelForm<Self>? { Self.forms.first { $0.name == name } }
  var listedShape: String { form?.text(of: self) ?? "" }
}

extension SplitMix64 {
  /// From 1 to `most`, small numbers as often as large ones.
  mutating func size(_ most: Int) -> Int {
    let limit = 1 + below(most)
    return pick([limit, 1 + below(limit)])
  }
}
