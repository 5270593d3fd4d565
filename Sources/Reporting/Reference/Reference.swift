import Calibration
import Specs

/// The files that people write, as their readers take them: pages and schemas are made from the readers' own lists of
/// keys, and from what the readers ask for while they read the examples.
public enum Reference {
  /// A kind of file.
  package struct Input: Sendable {
    /// Stem of its page, its schema, and the beginning of its examples' names.
    package var name: String
    package var title: String
    package var root: Block
    /// Stands above the keys.
    package var use: String
    /// Reads a file, or says what is wrong with it.
    package var read: @Sendable (SourceFile) throws -> Void
    /// Stands behind the keys.
    package var appendix: [String] = []
    /// The example of what is only ever made by rooftree.
    package var shipped: SourceFile?
  }

  /// YAML; measured runs are CSV and stand apart.
  package static let inputs: [Input] = [
    Input(
      name: "model", title: "Model specs", root: .model,
      use:
        "Wherever a command takes a model, it takes such a file: `rooftree analyze ./mine.yaml --on h100-sxm`. `rooftree import` makes one of a `config.json` or GGUF. Any key can be set on the command line too: `--set attention.num_key_value_heads=2`.",
      read: { _ = try ModelReader.read($0) }),
    Input(
      name: "hardware", title: "Hardware profiles", root: .hardware,
      use:
        "Wherever `--on` takes a device, it takes such a file: `rooftree analyze llama-3-8b --on ./mine.yaml`. `rooftree probe --output mine.yaml` makes one of the machine it runs on.",
      read: { _ = try HardwareReader.read($0) }),
    Input(
      name: "plan", title: "Report plans", root: .plan, use: "`rooftree report plan.yaml --output FOLDER`.",
      read: { _ = try ReportPlan.read($0) }),
    Input(
      name: "recipe", title: "Engine recipes", root: .recipe,
      use: "`rooftree analyze MODEL --on DEVICE --phase serve --engine-config recipe.yaml …`.",
      read: { _ = try RecipeReader.read($0) }),
    Input(
      name: "calibration", title: "Calibrations", root: .calibration,
      use: "`rooftree calibrate` writes them; `--calibration FILE` takes them in place of the shipped ones.",
      read: { _ = try CalibrationFile.parsed($0) }, appendix: kernelParameters),
    Input(
      name: "serving", title: "Fits of servers", root: .servingFit,
      use: "`rooftree calibrate` writes them from measured servers.", read: { _ = try ServingFile.read($0) },
      appendix: ["## Its parameters", ""] + list(ServingFile.parameters), shipped: Catalogue.serverFit),
    Input(
      name: "links", title: "Laws of messages", root: .links,
      use: "`rooftree calibrate` writes them from measured messages; `--calibration FILE` takes them.",
      read: { _ = try LinksFile.read($0) }, shipped: LinksFile.shipped),
  ]

  /// Pages and schemas, by their path below `Documentation/`.
  ///
  /// - Parameter examples: the texts of `Documentation/examples`, by file name.
  /// - Throws: `InputError` for an example that its reader does not take.
  public static func files(examples: [String: String]) throws -> [(path: String, text: String)] {
    var files: [(path: String, text: String)] = []
    for input in inputs {
      let page = try ReferencePage(
        input, examples: examples.of(input.name) + (input.shipped.map { [$0] } ?? []))
      files.append(("reference/\(input.name).md", page.markdown))
      files.append(("schemas/\(input.name).json", page.schema.serialised))
    }
    files.append(("reference/measured-runs.md", runs(examples["runs.csv"] ?? "")))
    files.append(("reference/measured-deployments.md", deployments(examples)))
    return files
  }

  private static let kernelParameters: [String] =
    ["## Parameters by class", ""]
    + KernelClass.allCases.flatMap { kernel in
      ["### `\(kernel.rawValue)`", ""] + list(kernel.allParameters) + [""]
    }

  private static func list(_ parameters: [Parameter]) -> [String] {
    parameters.map { "- `\($0.name)`: \($0.meaning); from \(short($0.low)) to \(short($0.high))." }
  }

  private static func short(_ value: Double) -> String { JSONValue.text(of: value) }

  /// The columns of measured runs.
  private static func runs(_ example: String) -> String {
    let block = Block.runs
    var lines = [
      ReferencePage.mark, "# Measured runs", "", block.meaning, "",
      "`rooftree calibrate --measurements runs.csv --on h100-sxm --output mine.yaml`, `rooftree validate --measurements runs.csv --on h100-sxm`.",
      "",
    ]
    lines += columns(of: block)
    lines += [
      "",
      "What counters saw may stand beside the time, in bytes: "
        + Block.trafficColumns.map { "`\($0)`" }.joined(separator: ", ") + ".", "",
      "Each class of kernel needs, each a positive number:", "",
    ]
    lines += KernelClass.allCases.map { kernel in
      "- `\(kernel.rawValue)`: \(kernel.neededColumns.map { "`\($0)`" }.joined(separator: ", "))"
    }
    lines += ["", "## Example", "", "```csv", example.trimmedEnd, "```"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// Tables of measured deployments; each block's example is its last word's, such as `servers.csv`.
  package static let tables: [Block] = [
    .measuredServers, .measuredThroughputs, .measuredCollectives, .measuredMemory, .measuredPasses,
  ]

  package static func example(of table: Block) -> String {
    "\(table.name.split(separator: " ").last ?? "").csv"
  }

  private static func deployments(_ examples: [String: String]) -> String {
    var lines = [
      ReferencePage.mark, "# Measured deployments", "",
      "CSV with a heading, a row a measurement; an empty cell says nothing, other columns are passed over. `rooftree validate --measurements FILE` holds them against what it predicts, `rooftree calibrate` learns from servers, throughputs and collectives. Tables are told apart by the columns that they need; a row that says too little has no prediction, and its reason.",
    ]
    for block in tables {
      let name = example(of: block)
      lines += ["", "## `\(block.name)`", "", block.meaning, ""] + columns(of: block)
      lines += ["", "`\(name)`:", "", "```csv", (examples[name] ?? "").trimmedEnd, "```"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func columns(of block: Block) -> [String] {
    ["| column | meaning | where it is empty |", "|---|---|---|"]
      + block.keys.map { key in
        let names = key.names.map { "`\($0)`" }.joined(separator: ", ")
        return "| \(names) | \(key.meaning) | \(key.usual ?? "**needed**") |"
      }
  }
}

extension [String: String] {
  /// Those whose name begins with a kind of file's, in order.
  fileprivate func of(_ kind: String) -> [SourceFile] {
    keys.filter { $0.hasPrefix(kind) && $0.hasSuffix(".yaml") }.sorted()
      .map { SourceFile(name: $0, text: self[$0] ?? "") }
  }
}

extension String {
  var trimmedEnd: String {
    var text = self
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
