// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

extension YAMLSyntaxError {
  /// libyaml's error in plain words, at the place that the user has to correct.
  func diagnostic(in file: String) -> Diagnostic {
    let (summary, detail, remedy) = explanation
    let place = isUnclosedQuote ? contextPlace : place
    return Diagnostic(
      .error, rule: .syntax, summary: summary, detail: detail, remedy: remedy,
      source: SourcePosition(file: file, line: place.line, column: place.column))
  }

  /// Whether a quoted text runs to the end of the document; the error is then at its start.
  private var isUnclosedQuote: Bool {
    context == "while scanning a quoted scalar" && problem.hasPrefix("found unexpected")
  }

  private var explanation: (summary: String, detail: String, remedy: String) {
    if isUnclosedQuote {
      return (
        "this quote is never closed", "The document ends before a closing quote comes.",
        "Close the quote, or remove it."
      )
    }
    switch problem {
    case "mapping values are not allowed in this context":
      return (
        "a ':' can't be here", "The line has a second key, or is indented deeper than its key.",
        "Start a new line for each key, align keys of one mapping, and quote a text with ': '."
      )
    case "could not find expected ':'":
      return (
        "a key without ':'",
        "Where a key is expected, there is \(place == contextPlace ? "text" : "a line") without ': '.",
        "Write 'key: value' with a space after the colon, and align keys of one mapping."
      )
    case "did not find expected key":
      return (
        "this does not belong to the mapping that begins at line \(contextPlace.line)",
        "Its keys have to be in one column, \(contextPlace.column), each with ': ' and a value.",
        "Align the line with the keys it belongs to."
      )
    case "did not find expected '-' indicator",
      "block sequence entries are not allowed in this context":
      return (
        "this does not belong to a list here",
        "Items of a list begin with '- ', all in one column.",
        "Align the items of the list, on lines of their own."
      )
    case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
      let (name, close) = problem.hasSuffix("']'") ? ("list", "]") : ("mapping", "}")
      return (
        "a ',' or '\(close)' is missing",
        "The \(name) that opens at \(contextPlace.line):\(contextPlace.column) is not closed before this.",
        "Separate its items with ',' and close it with '\(close)'."
      )
    case "found character that cannot start any token" where context.contains("next token"):
      return (
        "a value or a line can't begin with this character",
        "YAML keeps '@', '`' and '%' for itself, and indents with spaces, never with tabs.",
        "Indent with spaces, and quote a text that begins with such a character."
      )
    default:
      return (
        "this is not YAML: \(problem)", context.isEmpty ? "" : "It was found \(context).",
        "Look at the quotes, brackets and indentation here and on the lines before."
      )
    }
  }
}
