// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "rooftree", path: "..")],
  targets: [
    .target(name: "AllocationCounter"),
    .executableTarget(
      name: "KernelBenchmarks",
      dependencies: [
        .product(name: "Kernels", package: "rooftree"), .product(name: "MicroKernels", package: "rooftree"),
      ]),
    .executableTarget(
      name: "RooftreeBenchmarks",
      dependencies: [
        "AllocationCounter", .product(name: "CostModel", package: "rooftree"),
        .product(name: "Deployment", package: "rooftree"),
        .product(name: "Specs", package: "rooftree"), .product(name: "Calibration", package: "rooftree"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
