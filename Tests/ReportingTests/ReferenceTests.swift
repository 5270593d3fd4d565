import Calibration
import Foundation
import Specs
import Testing

@testable import Reporting

/// The committed reference is what the readers take: after a change to one, `rooftree reference Documentation`.
@Suite struct ReferenceTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Documentation")

  private static let examples: [String: String] = {
    let folder = Self.folder.appending(path: "examples")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)).map { (name, $0) }
      })
  }()

  @Test func whatIsCommittedIsWhatIsMade() throws {
    let made = try Reference.files(examples: Self.examples)
    for (path, text) in made {
      let committed = try? String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
      #expect(committed == text, "\(path): make it again by `rooftree reference Documentation`")
    }
  }

  /// A reader sees no key that is not documented, by construction; here is the other direction: each documented key has
  /// an example, and readers ask for it while they read the examples.
  @Test(arguments: Reference.inputs.map(\.name))
  func eachKeyIsAccepted(name: String) throws {
    let input = try #require(Reference.inputs.first { $0.name == name })
    let examples = Self.sources(of: input)
    let page = try ReferencePage(input, examples: examples)
    for block in page.blocks {
      for key in block.keys {
        #expect(page.type(block, key) != nil, "no reader asks for “\(block.name): \(key.names[0])”")
      }
      // Mixers stand in kinds of layer.
      for key in page.own(block) where page.type(block, key)?.inner == nil {
        #expect(page.example(block, key) != nil, "no example has “\(block.name): \(key.names[0])”")
        for alias in key.names.dropFirst() {
          let said = examples.filter { $0.text.contains("\(key.names[0]):") }
          #expect(!said.isEmpty)
          for example in said {
            let text = example.text.replacingOccurrences(of: "\(key.names[0]):", with: "\(alias):")
            try input.read(SourceFile(name: example.name, text: text))
          }
        }
      }
    }
  }

  /// Columns are shown to readers by the same lists; each is asked for while the example is read, and each example's rows
  /// have predictions.
  @Test(arguments: Reference.tables.map(\.name))
  func eachColumnIsRead(name: String) throws {
    let block = try #require(Reference.tables.first { $0.name == name })
    let source = SourceFile(
      name: Reference.example(of: block), text: try #require(Self.examples[Reference.example(of: block)]))
    func rows(_ source: SourceFile) throws -> [DeploymentRow]? {
      try MeasuredCollectives.read(source, by: try Catalogue.links()) ?? MeasuredPasses.read(source)
        ?? MeasuredServers.read(source) ?? MeasuredMemory.read(source)
    }
    let asked = try FieldTrace.types {
      for row in try #require(try rows(source)) { #expect(row.expected != nil, "\(row.id): \(row.note)") }
    }
    for key in block.keys {
      #expect(asked[block.name]?[key.names[0]] != nil, "no reader asks for “\(key.names[0])”")
      #expect(source.text.split(separator: "\n")[0].split(separator: ",").contains { $0 == key.names[0] })
      guard key.usual == nil else { continue }
      // What is said to be needed tells the table from others.
      var words = source.text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      words[try #require(words.firstIndex { $0 == key.names[0] || $0.hasPrefix("\(key.names[0])\n") })] = "x"
      let without = SourceFile(name: source.name, text: words.joined(separator: ","))
      let found = try? rows(without)
      #expect(found == nil, "\(block.name) without “\(key.names[0])”")
    }
  }

  /// What is said to be needed is missed.
  @Test(arguments: Reference.inputs.map(\.name))
  func neededKeysAreNeeded(name: String) throws {
    let input = try #require(Reference.inputs.first { $0.name == name })
    for example in Self.sources(of: input) where !example.text.contains("\nbase:") {
      for key in input.root.keys where key.usual == nil {
        // A word in its place: every key in it is unknown, and the block or value gone.
        let text = example.text.replacingOccurrences(of: "\n\(key.names[0]):", with: "\nx-\(key.names[0]):")
        guard text != example.text else { continue }
        #expect(throws: InputError.self, "\(example.name) without “\(key.names[0])”") {
          try input.read(SourceFile(name: example.name, text: text))
        }
      }
    }
  }

  private static func sources(of input: Reference.Input) -> [SourceFile] {
    examples.keys.filter { $0.hasPrefix(input.name) && $0.hasSuffix(".yaml") }.sorted()
      .map { SourceFile(name: $0, text: examples[$0] ?? "") } + (input.shipped.map { [$0] } ?? [])
  }
}
