// swift-tools-version: 6.1
import PackageDescription

// One straight line: every target may import only what stands above it.
let package = Package(
  name: "rooftree",
  platforms: [.macOS(.v13)],
  products: [
    .library(name: "CostModel", targets: ["CostModel"]),
    .library(name: "Specs", targets: ["Specs"]),
  ],
  dependencies: [
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2")
  ],
  targets: [
    .target(name: "CostModel", exclude: ["README.md"]),
    .executableTarget(name: "EmbedCatalogue", exclude: ["README.md"]),
    .plugin(
      name: "EmbedCataloguePlugin", capability: .buildTool(), dependencies: ["EmbedCatalogue"]),
    .target(
      name: "Specs", dependencies: ["CostModel", .product(name: "Yams", package: "Yams")],
      exclude: ["README.md"], plugins: ["EmbedCataloguePlugin"]),
    .testTarget(name: "CostModelTests", dependencies: ["CostModel"]),
    .testTarget(name: "SpecsTests", dependencies: ["CostModel", "Specs"]),
  ],
  swiftLanguageModes: [.v6]
)
