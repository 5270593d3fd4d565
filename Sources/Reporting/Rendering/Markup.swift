import Basics
import Mustache

extension StringProtocol {
  /// Text or an attribute's value in HTML and SVG: markup escaped, what steers a reader a space.
  var markup: String {
    escaped { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      case "\n": "\n"
      default: scalar.isControl ? " " : nil
      }
    }
  }
}

/// How templates escape: Mustache's own way looks at `Character`s and misses a quote with an accent behind it.
struct Markup: MustacheContentType {
  func escapeText(_ text: String) -> String { text.markup }

  /// The template of every page.
  static let page: MustacheTemplate? = {
    MustacheContentTypes.register(Markup(), named: "MARKUP")
    return try? MustacheTemplate(string: "{{% CONTENT_TYPE: MARKUP}}" + HTMLTemplate.page)
  }()
}
