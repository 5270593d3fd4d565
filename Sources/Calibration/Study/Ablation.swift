/// One of a model's effects: parameters fixed where it does nothing.
struct Effect<Parameters: ParameterVector> {
  let name: String
  let fixed: [(path: WritableKeyPath<Parameters, Double>, value: Double)]

  init(_ name: String, _ fixed: [(path: WritableKeyPath<Parameters, Double>, value: Double)]) {
    self.name = name
    self.fixed = fixed
  }

  /// The vector's parameters, the fixed ones between bounds that hold them.
  var parameters: [Parameter] {
    Parameters.table.map { entry in
      guard let value = fixed.first(where: { $0.path == entry.path })?.value else { return entry.parameter }
      var parameter = entry.parameter
      (parameter.initial, parameter.low, parameter.high) = (value, value * 0.999_9, value * 1.000_1)
      return parameter
    }
  }
}

extension ProductTiles {
  /// Effects that products of all formats have.
  static func effects<Whole>(_ tile: WritableKeyPath<Whole, TileParameters>) -> [Effect<Whole>] {
    [
      Effect("filling a tile", [(tile.appending(path: \.prologueInputs), 1)]),
      Effect("a tile's operands", [(tile.appending(path: \.operandBytesPerClock), 500)]),
    ]
  }

  /// The one that stands last.
  static func lastWave<Whole>(_ tile: WritableKeyPath<Whole, TileParameters>) -> Effect<Whole> {
    Effect("the last wave", [(tile.appending(path: \.waveShare), 0.01)])
  }
}

extension MatrixProductModel {
  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] { effects(within: \.self) }

  /// The same of a model that has its parameters among others.
  static func effects<Outer>(within product: WritableKeyPath<Outer, Parameters>) -> [Effect<Outer>] {
    let tile = product.appending(path: \.tile)
    return ProductTiles.effects(tile) + [
      Effect("splitting the inputs", [(product.appending(path: \.splitSeconds), 3e-5)]),
      ProductTiles.lastWave(tile),
    ]
  }
}

extension SingleProductModel {
  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    MatrixProductModel.effects(within: \.product)
      + [Effect("addresses of distant rows", [(\.spreadBytes, 1e7)])]
  }
}

extension BatchedProductModel {
  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    MatrixProductModel.effects(within: \.product) + [Effect("one tile for all batches", [(\.choice, 1)])]
  }
}

extension QuantizedProductModel {
  static func effects(of kernel: KernelClass) -> [Effect<Parameters>] {
    [
      Effect(
        "serial quantising of the input",
        [
          (\.quantizeSeconds, 1e-7), (\.quantizeEfficiency, 1), (\.quantizeCachedBytesPerClock, 64),
          (\.quantizeRowSeconds, 1e-10),
        ])
    ] + ProductTiles.effects(\.tile) + [ProductTiles.lastWave(\.tile)]
  }
}
