import Foundation
import PackagePlugin

/// Embeds the catalogue folders at the top of the package into the target that asks for it.
@main struct EmbedCataloguePlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    if target.name == "rooftree" { return [try version(context)] }
    let folders = [
      ("models", "ModelSpecs"), ("hardware", "HardwareProfiles"), ("calibrations", "Calibrations"),
      ("recipes", "EngineRecipes"), ("servers", "Calibrations/servers"),
      ("links", "Calibrations/links"),
    ]
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    var inputs: [URL] = []
    var arguments = [output.path(percentEncoded: false)]
    for (name, folder) in folders {
      let url = context.package.directoryURL.appending(path: folder)
      let path = url.path(percentEncoded: false)
      arguments.append("\(name)=\(path)")
      inputs += try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
        .filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }
    }
    return [
      .buildCommand(
        displayName: "Embedding the catalogue", executable: try context.tool(named: "EmbedCatalogue").url,
        arguments: arguments, inputFiles: inputs, outputFiles: [output])
    ]
  }

  /// The commit that is built, where this is a checkout.
  private func version(_ context: PluginContext) throws -> Command {
    let output = context.pluginWorkDirectoryURL.appending(path: "Version.swift")
    var git = context.package.directoryURL.appending(path: ".git")
    // A work tree's is a file that names the folder.
    if let text = try? String(contentsOf: git, encoding: .utf8), text.hasPrefix("gitdir: ") {
      git = URL(
        filePath: text.dropFirst("gitdir: ".count).trimmingCharacters(in: .whitespacesAndNewlines),
        relativeTo: context.package.directoryURL)
    }
    let files = [git.appending(path: "HEAD"), git.appending(path: "logs/HEAD")]
    return .buildCommand(
      displayName: "Embedding the commit", executable: try context.tool(named: "EmbedCatalogue").url,
      arguments: [output.path(percentEncoded: false), "commit=" + files[1].path(percentEncoded: false)],
      inputFiles: files.filter { FileManager.default.fileExists(atPath: $0.path(percentEncoded: false)) },
      outputFiles: [output])
  }
}
