import CostModel
import Deployment

/// Reads an engine's recipe from YAML.
public enum RecipeReader {
  /// The recipe that a YAML text describes.
  ///
  /// - Throws: `InputError`, 65 with line and column, for what is missing, unknown or out of range.
  public static func read(_ source: SourceFile) throws(InputError) -> EngineRecipe {
    var top = try YAMLFields.top(of: source)
    guard let name = try top.label("name") else {
      throw top.missing("name", accepted: "the name that reports show")
    }
    var recipe = EngineRecipe(name: name, framework: try top.label("framework"))
    recipe.version = try top.string("version") ?? ""
    recipe.chunkTokens = try top.number("chunk_tokens", in: 1...1e9) ?? recipe.chunkTokens
    recipe.slots = try top.number("slots", in: 1...1e9) ?? recipe.slots
    recipe.memoryShare = try top.number("memory_share", in: 0.01...1) ?? recipe.memoryShare
    recipe.reserveBytes = try top.quantity("reserve", .bytes) ?? recipe.reserveBytes
    recipe.blockTokens = try top.number("block_tokens", in: 1...1e6) ?? recipe.blockTokens
    recipe.reservedOutput = try top.number("reserved_output", in: 0...1) ?? recipe.reservedOutput
    recipe.sharesPasses = try top.bool("shares_passes") ?? recipe.sharesPasses
    recipe.serverSeconds = try top.number("server_seconds", in: 0...1e3) ?? recipe.serverSeconds
    for var fields in try top.blocks("waits") ?? [] {
      guard let passes = try fields.number("passes", in: 0...1e6) else {
        throw fields.missing("passes", accepted: "how many passes a prompt waits for")
      }
      var wait = EngineRecipe.Wait(passes: passes)
      wait.attentionData = try fields.bool("attention_dp")
      wait.latent = try fields.bool("latent")
      wait.picks = try fields.bool("sparse_attention")
      wait.fewerClients = try fields.number("fewer_clients", in: 1...1e9)
      wait.longestInput = try fields.number("longest_input", in: 1...1e9)
      wait.longestOutput = try fields.number("longest_output", in: 1...1e9)
      wait.fewerRanks = try fields.number("fewer_ranks", in: 1...1e9)
      try fields.finish()
      recipe.waits.append(wait)
    }
    recipe.source = try top.string("source") ?? ""
    try top.finish()
    return recipe
  }
}
