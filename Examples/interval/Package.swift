// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "interval",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "rooftree", path: "../..")],
  targets: [
    .executableTarget(
      name: "interval",
      dependencies: [
        .product(name: "Calibration", package: "rooftree"), .product(name: "Specs", package: "rooftree"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
