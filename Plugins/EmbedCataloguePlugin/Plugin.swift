import Foundation
import PackagePlugin

/// Embeds the catalogue folders at the top of the package into the target that asks for it.
@main struct EmbedCataloguePlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let folders = [
      ("models", "ModelSpecs"), ("hardware", "HardwareProfiles"), ("calibrations", "Calibrations"),
      ("recipes", "EngineRecipes"), ("servers", "Calibrations/servers"),
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
}
