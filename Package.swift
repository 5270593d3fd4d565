// swift-tools-version: 6.2
import PackageDescription

// One straight line: every target may import only what stands above it.
let package = Package(
  name: "rooftree",
  // Arrays of fixed length need the runtime of macOS 26.
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "rooftree", targets: ["rooftree"]),
    // Types, formulas and bounds of models on devices; depends on nothing.
    .library(name: "CostModel", targets: ["CostModel"]),
    // Several devices, offloading, servers under load.
    .library(name: "Deployment", targets: ["Deployment"]),
    // Specs, profiles and recipes from YAML, and the catalogue: `ScenarioRequest`.
    .library(name: "Specs", targets: ["Specs"]),
    // config.json, GGUF and safetensors to model specs: `ModelFiles`.
    .library(name: "Import", targets: ["Import"]),
    // Expected times with intervals: `Resolver` turns a request into a `Prediction`. Where clients begin.
    .library(name: "Calibration", targets: ["Calibration"]),
    // Results as text, Markdown, CSV, JSON, SVG and HTML: `Document`.
    .library(name: "Reporting", targets: ["Reporting"]),
    // Instrumented kernels, a cache simulator, probing: `Probe`, `Crosscheck`.
    .library(name: "Kernels", targets: ["Kernels"]),
    // The C loops that they run.
    .library(name: "MicroKernels", targets: ["MicroKernels"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    .target(name: "Basics", exclude: ["README.md"]),
    .target(name: "CostModel", dependencies: ["Basics"], exclude: ["README.md", "CostModel.docc"]),
    .target(name: "Deployment", dependencies: ["Basics", "CostModel"], exclude: ["README.md"]),
    .executableTarget(name: "EmbedCatalogue", exclude: ["README.md"]),
    .plugin(
      name: "EmbedCataloguePlugin", capability: .buildTool(), dependencies: ["EmbedCatalogue"]),
    .target(
      name: "Specs",
      dependencies: ["Basics", "CostModel", "Deployment", .product(name: "Yams", package: "Yams")],
      exclude: ["README.md"], plugins: ["EmbedCataloguePlugin"]),
    .target(name: "Import", dependencies: ["Basics", "CostModel", "Specs"], exclude: ["README.md"]),
    .target(
      name: "Calibration", dependencies: ["Basics", "CostModel", "Deployment", "Specs", "Import"],
      exclude: ["README.md"]),
    .target(name: "MicroKernels", exclude: ["README.md"]),
    .target(
      name: "Kernels", dependencies: ["Basics", "CostModel", "Specs", "MicroKernels"], exclude: ["README.md"]),
    .testTarget(name: "KernelsTests", dependencies: ["Basics", "CostModel", "Specs", "Kernels"]),
    .target(
      name: "Reporting",
      dependencies: [
        "Basics", "CostModel", "Deployment", "Specs", "Import", "Kernels", "Calibration",
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      exclude: ["README.md"]),
    .executableTarget(
      name: "rooftree",
      dependencies: [
        "Basics", "CostModel", "Deployment", "Specs", "Import", "Kernels", "Calibration", "Reporting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["README.md"],
      // Loading the runtime's libraries would take as long as the command itself.
      swiftSettings: [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))],
      linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))],
      plugins: ["EmbedCataloguePlugin"]),
    .target(name: "RandomModels", dependencies: ["Basics", "CostModel"], path: "Tests/RandomModels"),
    .testTarget(name: "CostModelTests", dependencies: ["Basics", "CostModel", "RandomModels"]),
    .testTarget(
      name: "DeploymentTests", dependencies: ["Basics", "CostModel", "Deployment", "RandomModels", "Specs"]),
    .testTarget(name: "SpecsTests", dependencies: ["CostModel", "Specs"]),
    .testTarget(
      name: "ImportTests", dependencies: ["CostModel", "Specs", "Import"],
      exclude: ["Configs", "instantiate.py"]),
    .testTarget(
      name: "CalibrationTests", dependencies: ["Basics", "CostModel", "RandomModels", "Specs", "Calibration"]),
    .testTarget(
      name: "ReportingTests", dependencies: ["CostModel", "Specs", "Kernels", "Calibration", "Reporting"],
      exclude: ["Goldens"]),
    .testTarget(
      name: "CommandTests", dependencies: ["rooftree", "Reporting", "Specs"], exclude: ["Goldens"]),
  ],
  swiftLanguageModes: [.v6]
)
