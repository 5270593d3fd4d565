// swift-tools-version: 6.1
import PackageDescription

// One straight line: every target may import only what stands above it.
let package = Package(
  name: "rooftree",
  platforms: [.macOS(.v13)],
  products: [
    .library(name: "CostModel", targets: ["CostModel"])
  ],
  targets: [
    .target(name: "CostModel", exclude: ["README.md"]),
    .testTarget(name: "CostModelTests", dependencies: ["CostModel"]),
  ],
  swiftLanguageModes: [.v6]
)
