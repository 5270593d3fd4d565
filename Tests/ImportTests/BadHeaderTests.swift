import CostModel
import Testing

@testable import Import
@testable import Specs

/// Hostile and broken headers: a clear error, no crash, nothing allocated by what the file claims.
@Suite struct BadHeaderTests {
  private func gguf(_ bytes: [UInt8]) -> String {
    do {
      _ = try GGUFImport.read(ByteSource(name: "x.gguf", bytes: bytes), name: "x")
      return "read"
    } catch {
      return "\(error)"
    }
  }

  private func gguf(_ change: (inout GGUFBuilder) -> Void) -> String {
    var file = GGUFTests.llama()
    change(&file)
    return gguf(file.bytes)
  }

  @Test func brokenGGUF() {
    #expect(gguf { _ in } == "read")
    #expect(gguf { $0.magic = Array("GGML".utf8) }.contains("byte 0: not a GGUF file"))
    #expect(gguf { $0.version = 1 }.contains("version 1"))
    #expect(gguf { $0.version = 0x0300_0000 }.contains("little-endian"))
    #expect(gguf { $0.tensorCount = 1 << 62 }.contains("at most 65536"))
    #expect(gguf { $0.tensorCount = 60_000 }.contains("do not fit into"))
    #expect(gguf { $0.keyCount = 1 << 40 }.contains("at most 65536"))
    #expect(gguf { $0.tensor("blk.0.attn_q.weight", [64]) }.contains("stands twice"))
    #expect(gguf { $0.set("llama.block_count", 2) }.contains("stands twice"))
    #expect(gguf { $0.tensor("a", [1 << 40, 1 << 40]) }.contains("can be counted"))
    #expect(gguf { $0.tensor("a", [0]) }.contains("dimension of 0"))
    #expect(gguf { $0.tensor("a", []) }.contains("0 dimensions"))
    #expect(gguf { $0.tensor("a", [1, 1, 1, 1, 1]) }.contains("5 dimensions"))
    #expect(gguf { $0.tensor("a", [64], type: 4) }.contains("type 4"))
    #expect(gguf { $0.tensor("a", [33], type: 8) }.contains("blocks of 32"))
    #expect(gguf { $0.tensor("a", [64], offset: 0) }.contains("overlap"))
    #expect(gguf { $0.tensor("a", [64], offset: 7) }.contains("multiple of 32"))
    #expect(gguf { $0.tensor("a", [64], offset: 1 << 61) }.contains("beyond any file"))
    #expect(gguf { $0.tensor("a", [1 << 50], offset: 1 << 40) }.contains("the file ends before tensor"))
    #expect(gguf { $0.set("general.alignment", 33) }.contains("power of two"))
    #expect(gguf { $0.set("split.count", 3) }.contains("one of 3 parts"))
    #expect(
      gguf {
        $0.keys[0] =
          GGUFBuilder.text("general.architecture") + GGUFBuilder.little(UInt32(8)) + GGUFBuilder.text("lama")
      }.contains("did you mean “llama”"))
  }

  @Test func deepAndHugeMetadata() {
    func list(_ type: UInt32, _ count: UInt64) -> [UInt8] {
      GGUFBuilder.little(type) + GGUFBuilder.little(count)
    }
    let key = GGUFBuilder.text("k") + GGUFBuilder.little(UInt32(9))
    #expect(gguf { $0.keys.append(key + (0..<1000).flatMap { _ in list(9, 1) }) }.contains("4 deep"))
    #expect(gguf { $0.keys.append(key + list(8, 1 << 61)) }.contains("at most 16000000"))
    #expect(gguf { $0.keys.append(key + list(4, 15_000_000)) }.contains("do not fit"))
    #expect(gguf { $0.keys.append(key + list(99, 1)) }.contains("value type 99"))
    let text = GGUFBuilder.text("k") + GGUFBuilder.little(UInt32(8)) + GGUFBuilder.little(UInt64.max)
    #expect(gguf { $0.keys.append(text) }.contains("bytes;"))
  }

  @Test func truncationAtEveryByte() {
    let whole = GGUFTests.llama().bytes
    let header = whole.count - 70_000
    for length in 0..<header where length < 1500 || length % 7 == 0 {
      #expect(gguf(Array(whole[..<length])) != "read", "cut at \(length)")
    }
    #expect(gguf(Array(whole.dropLast(32))).contains("the file ends before"))
  }

  private func safetensors(_ header: String, data: Int = 0) -> String {
    safetensors(SafetensorsBuilder.bytes(header, data: data))
  }

  private func safetensors(_ bytes: [UInt8]) -> String {
    do {
      try SafetensorsHeader.read(ByteSource(name: "x.safetensors", bytes: bytes)) { _ in }
      return "read"
    } catch {
      return "\(error)"
    }
  }

  @Test func brokenSafetensors() {
    let good =
      #"{"__metadata__": {"format": "pt"}, "a": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}"#
    #expect(safetensors(good, data: 12) == "read")
    #expect(safetensors(good, data: 13).contains("the tensors take 12 bytes"))
    #expect(safetensors(good, data: 4).contains("the tensors take 12 bytes"))
    #expect(safetensors(good.replacing("[2, 3]", with: "[2, 4]"), data: 12).contains("8 elements of 16 bits"))
    #expect(safetensors(good.replacing("BF16", with: "BF17"), data: 12).contains("BF17"))
    #expect(safetensors(good.replacing("[0, 12]", with: "[12, 0]"), data: 12).contains("[begin, end]"))
    #expect(safetensors(good.replacing("[0, 12]", with: "[4, 16]"), data: 16).contains("a gap at offset 0"))
    #expect(safetensors(good.replacing("[2, 3]", with: "[-2, 3]"), data: 12).contains("whole number"))
    #expect(
      safetensors(good.replacing("[2, 3]", with: "[9223372036854775807, 3]"), data: 12).contains("counted"))
    #expect(
      safetensors(good.replacing("\"shape\"", with: "\"form\""), data: 12).contains("unknown key “form”"))
    let two =
      #"{"a": {"dtype": "I8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "I8", "shape": [4], "data_offsets": [2, 6]}}"#
    #expect(safetensors(two, data: 6).contains("overlap"))
    #expect(safetensors(two.replacing("\"b\"", with: "\"a\""), data: 6).contains("duplicate key"))
    #expect(safetensors([1, 2, 3]).contains("the file ends in the header's length"))
    #expect(safetensors(GGUFBuilder.little(UInt64.max)).contains("at most 100000000"))
    #expect(safetensors(GGUFBuilder.little(UInt64(99_999_999))).contains("in a file of 8"))
    #expect(safetensors(#"{"a": {"dtype": [[[[[[[[[[]]]]]]]]]]}}"#).contains("“\"”"))
    #expect(
      safetensors(#"{"__metadata__": "# + String(repeating: "[", count: 5000)).contains("nested more than 8"))
    let whole = SafetensorsBuilder.bytes(good, data: 12)
    for length in 0..<whole.count {
      #expect(safetensors(Array(whole[..<length])) != "read", "cut at \(length)")
    }
  }

  @Test func indexNamesFilesOnly() {
    func names(_ text: String) -> String {
      do {
        return "\(try SafetensorsIndex.read(ByteSource(name: "i.json", bytes: Array(text.utf8))).files)"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      names(
        #"{"metadata": {"total_size": 8}, "weight_map": {"a": "x-1.safetensors", "b": "x-1.safetensors"}}"#)
        == #"["x-1.safetensors"]"#)
    #expect(names(#"{"weight_map": {"a": "../../etc/passwd"}}"#).contains("no file name"))
    #expect(names(#"{"weight_map": {"a": 1}}"#).contains("“\"”"))
  }
}
