import CostModel
import Deployment

/// Reads an engine's recipe from YAML.
public enum RecipeReader {
  /// The recipe that a YAML text describes.
  ///
  /// - Throws: `InputError`, 65 with line and column, for what is missing, unknown or out of range.
  public static func read(_ source: SourceFile) throws(InputError) -> EngineRecipe {
    try YAMLFields.reading(source, .recipe, recipe)
  }

  private static func recipe(_ top: inout YAMLFields) throws(InputError) -> EngineRecipe {
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
    recipe.fusesQuantizing = try top.bool("fuses_quantizing") ?? recipe.fusesQuantizing
    recipe.serverSeconds = try top.number("server_seconds", in: 0...1e3) ?? recipe.serverSeconds
    for var fields in try top.blocks("waits", .wait) ?? [] {
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
    return recipe
  }
}

extension Block {
  /// The whole recipe.
  package static let recipe = Block(
    "recipe", "How one version of an engine runs a server: what it batches, keeps back and waits for.",
    [
      Key("name", "On the command line and in reports.", else: nil),
      Key("framework", "The engine whose fitted shares hold.", else: "a server without costs of its own"),
      Key("version", "Versions that it was read from.", else: "not stated"),
      Key("chunk_tokens", "Most tokens of one pass (`max_num_batched_tokens`).", else: "no limit"),
      Key("slots", "Most sequences at once (`max_num_seqs`).", else: "no limit"),
      Key("memory_share", "Share of the device's memory that it takes.", else: "1"),
      Key("reserve", "Kept beside weights, cache and activations.", else: "0"),
      Key("block_tokens", "Tokens of one page of the cache.", else: "1"),
      Key("reserved_output", "Share of an answer's cache set aside when a request is let in.", else: "1"),
      Key("shares_passes", "Prompts ride with decoding sequences.", else: "true"),
      Key(
        "fuses_quantizing", "Inputs are quantised within the kernels before, not beside them.", else: "false"),
      Key("server_seconds", "Seconds of a request outside its passes.", else: "0"),
      Key("waits", "Passes that a prompt waits for; the first that fits holds.", else: "none"),
      Key("source", "Where the values come from.", else: "not stated"),
    ])

  static let wait = Block(
    "waits", "Passes that a prompt waits for, where all that is said holds.",
    [
      Key("passes", "How many.", else: nil),
      Key("attention_dp", "Attention has batches of its own.", else: "either"),
      Key("latent", "The cache is one of latents.", else: "either"),
      Key("sparse_attention", "Attention picks its keys.", else: "either"),
      Key("fewer_clients", "Below so many clients.", else: "any number"),
      Key("longest_input", "Prompts up to so many tokens.", else: "any length"),
      Key("longest_output", "Answers up to so many tokens.", else: "any length"),
      Key("fewer_ranks", "Below so many tensor ranks.", else: "any number"),
    ])
}
