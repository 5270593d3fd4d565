import ArgumentParser
import Basics

/// The manual page, made from the help of every command.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page, for man.",
    discussion: """
      Example:
        rooftree manual > rooftree.1
      """, shouldDisplay: false)

  func run() throws { try reporting { try Terminal.print(Self.page) } }

  private static var page: String {
    var lines = [
      ".TH ROOFTREE 1 \"\" \"\(quoted(Rooftree.version))\" \"User Commands\"", ".SH NAME",
      "rooftree \\- \(quoted(Rooftree.configuration.abstract))", ".SH SYNOPSIS", ".B rooftree", ".I command",
      "[\\fIarguments\\fR] [\\fIoptions\\fR]", ".SH DESCRIPTION",
    ]
    lines += literal(Rooftree.configuration.discussion) + [".SH COMMANDS"]
    for command in Rooftree.listed {
      lines.append(".SS \(quoted(command.configuration.commandName ?? ""))")
      lines += literal(Rooftree.helpMessage(for: command, columns: 76))
    }
    lines += [
      ".SH ENVIRONMENT", ".TP", ".B ROOFTREE_CATALOGUE",
      "A folder of one's own specs, profiles and calibrations.",
      ".TP", ".B COLUMNS", "Width of text in place of the terminal's.", ".TP", ".B NO_COLOR",
      "Set: no colours on a terminal.", ".TP", ".B LC_ALL, LC_CTYPE, LANG",
      "Where these name no UTF\\-8 locale, text is ASCII.", ".SH FILES", ".TP", ".I ~/.config/rooftree",
      "Where ROOFTREE_CATALOGUE is not set: one's own catalogue.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// Lines as they stand.
  private static func literal(_ text: String) -> [String] {
    [".nf"]
      + text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        let safe = quoted(String(line))
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
      } + [".fi"]
  }

  private static func quoted(_ text: String) -> String {
    text.escaped { $0 == "\\" ? "\\e" : $0 == "-" ? "\\-" : nil }
  }
}
