// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses rooftree builds it.
let package = Package(
  name: "Fuzzing",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "rooftree", path: "..")],
  targets: [
    .executableTarget(
      name: "rooftree-fuzz",
      dependencies: [
        .product(name: "Specs", package: "rooftree"), .product(name: "Import", package: "rooftree"),
        .product(name: "CostModel", package: "rooftree"), .product(name: "Calibration", package: "rooftree"),
        .product(name: "Deployment", package: "rooftree"),
        .product(name: "Kernels", package: "rooftree"), .product(name: "Reporting", package: "rooftree"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
