import Foundation
import Testing

/// `import`, and foreign files in place of a model's name, as a user meets them.
@Suite struct ImportCommandTests {
  static let configs = "Tests/ImportTests/Configs"

  @Test func writtenSpecIsTheSameModel() throws {
    let scratch = try Scratch()
    let spec = scratch.url.appending(path: "spec.yaml").path
    let imported = try Tool.run("import \(Self.configs)/llama-3-8b.json --output \(spec)")
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(imported.output.isEmpty)
    let text = try String(contentsOfFile: spec, encoding: .utf8)
    #expect(
      text.contains("# From the file:") && text.contains("# Not in the file, defaults of family llama:"))
    let direct = try Tool.run("show \(Self.configs)/llama-3-8b.json --format csv")
    let through = try Tool.run("show \(spec) --format csv")
    #expect(direct.status == 0 && direct.output == through.output)
    #expect(direct.output.contains("8030261248"))
  }

  @Test func foldersAndTheirQuantisation() throws {
    let scratch = try Scratch()
    let config = try String(contentsOfFile: "\(Self.configs)/llama-3-8b.json", encoding: .utf8)
    _ = try scratch.file("config.json", config)
    _ = try scratch.file("hf_quant_config.json", #"{"quantization": {"quant_algo": "FP8"}}"#)
    let outcome = try Tool.run("import \(scratch.url.path)")
    #expect(outcome.status == 0 && outcome.output.contains("dtype: fp8"), "\(outcome.errors)")
  }

  @Test func statuses() throws {
    let scratch = try Scratch()
    let unknown = try scratch.file("config.json", #"{"model_type": "nobody", "hidden_size": 4}"#)
    let outcome = try Tool.run("import \(unknown)")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("config.json:1:16") && outcome.output.isEmpty)
    #expect(try Tool.run("import \(scratch.url.path)/none.json").status == 66)
    #expect(try Tool.run("show \(scratch.url.path)/none.gguf").status == 66)
    let notGGUF = try scratch.file("x.gguf", "GGML")
    #expect(try Tool.run("show \(notGGUF)").status == 65)
    let alone = try scratch.file("lonely.safetensors", "")
    try FileManager.default.removeItem(atPath: unknown)
    #expect(try Tool.run("import \(alone)").status == 66)
    #expect(try Tool.run("models --filter mow").status == 64)
    #expect(try Tool.run("hardware --vendor nvidai").status == 64)
  }

  /// Weights that disagree with the config: the spec is written, the difference named, status 1.
  @Test func differenceEndsInStatusOne() throws {
    let scratch = try Scratch()
    _ = try scratch.file(
      "config.json",
      #"{"model_type": "gpt2", "n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 4, "vocab_size": 10}"#)
    let header = #"{"wte.weight": {"dtype": "F32", "shape": [10, 8], "data_offsets": [0, 320]}}"#
    var bytes = Data((0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) })
    bytes += Data(header.utf8) + Data(repeating: 0, count: 320)
    try bytes.write(to: scratch.url.appending(path: "model.safetensors"))
    let outcome = try Tool.run("import \(scratch.url.path) --format json")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("embedding 112 computed, 80 in the file"))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(object["schema"] as? String == "rooftree/import/1")
    #expect((object["check"] as? [String: Any])?["agrees"] as? Bool == false)
  }

  @Test func exportWritesWhatIsListed() throws {
    let scratch = try Scratch()
    let folder = scratch.url.appending(path: "specs").path
    #expect(try Tool.run("models --filter mla --filter sparse --export \(folder)").status == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
        "deepseek-v3.2.yaml", "glm-5.2.yaml", "glm-5.yaml", "rooftree-files.json",
      ])
    #expect(try Tool.run("show \(folder)/glm-5.yaml --format json").status == 0)
  }
}
