import Basics
import CostModel

/// A product in fp32. Its operands' rows are as long as the inputs: the longer, the more pages a tile's rows lie in, and
/// the longer their addresses take to be translated (on MI100 and MI210 three times as long as the product at 64 K inputs).
struct SingleProductModel: KernelModel {
  struct Parameters: ParameterVector {
    var product = MatrixProductModel.Parameters()
    var spreadBytes = 3e5

    static let table: [ParameterEntry<Self>] =
      MatrixProductModel.Parameters.table.map { $0.within(\.product) } + [
        .init(
          \.spreadBytes, "spread_bytes",
          "between rows, where translating their addresses takes as long as the product", 1e4...1e7)
      ]
  }

  private let tiles: ProductTiles

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    tiles = ProductTiles(
      p.product.tile, splitSeconds: p.product.splitSeconds, format: group.format, on: device,
      spreadBytes: p.spreadBytes)
  }

  func seconds(_ shape: RunShape) -> Double { tiles.seconds(shape.product) }
}

/// A batch of products in fp32. On vector units cuBLAS mostly takes one tile for all of a device's batches, however small
/// their products are (128 × 64 on P100 and P4, 128 × 128 on A100), pads them to it, and does not split their inputs;
/// elsewhere, and in libraries for matrix units, the fastest of many is chosen. Between the two lies what is fitted.
struct BatchedProductModel: KernelModel {
  struct Parameters: ParameterVector {
    var product = MatrixProductModel.Parameters()
    var choice = 0.3

    static let table: [ParameterEntry<Self>] =
      MatrixProductModel.Parameters.table.map { $0.within(\.product) } + [
        .init(\.choice, "choice", "0: one tile for all batches, 1: the fastest for each", 0.01...1)
      ]
  }

  private static let tile: ProductTiles.Tile = (64, 128)
  private let launchSeconds, choice: Double
  private let one, fastest: ProductTiles

  init(_ p: Parameters, for group: RunGroup, on device: DeviceQuantities) {
    (launchSeconds, choice) = (p.product.tile.launchSeconds, p.choice)
    var tile = p.product.tile
    tile.launchSeconds = 0
    one = ProductTiles(tile, splitSeconds: nil, format: group.format, on: device, tiles: [Self.tile])
    fastest = ProductTiles(tile, splitSeconds: p.product.splitSeconds, format: group.format, on: device)
  }

  func seconds(_ shape: RunShape) -> Double {
    let (one, fastest) = (one.seconds(shape.product), fastest.seconds(shape.product))
    return launchSeconds + one * power(fastest / max(one, 1e-300), choice)
  }
}
