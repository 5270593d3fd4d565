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
