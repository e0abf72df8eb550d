// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

extension ShownText {
  /// The text on lines that end before column `width`, broken between words.
  ///
  /// The first line begins in column `start`, and the others are indented by `indent` spaces. A word
  /// that does not fit has a line of its own. With nil as `width` there is one line. Several spaces
  /// between words stay where no line ends.
  package func wrapped(
    to width: Int?, from start: Int = 0, indent: Int = 0
  ) -> [ShownText] {
    guard let width, start + count > width else { return [self] }
    var lines: [ShownText] = []
    var (line, column): (ShownText, Int) = ("", start)
    for (gap, word) in words {
      let isFirst = lines.isEmpty && column == start
      if !isFirst && column + gap + word.count > width {
        lines.append(line)
        (line, column) = (.spaces(indent) + word, indent + word.count)
      } else {
        line += .spaces(gap) + word
        column += gap + word.count
      }
    }
    return lines + [line]
  }
}

/// Names in one line, such as `db-01, web-01 … web-12 (13 domains)`.
///
/// Names that end in consecutive numbers of as many digits are a run, of which only the ends are
/// shown.
package struct NameList {
  private let names: [String]

  /// Makes a list of names in the order in which they are shown.
  package init(_ names: [String]) {
    self.names = names
  }

  /// All names, and their count where a run hides some.
  var text: ShownText {
    runs.contains { $0.count > 2 } ? "\(list) (\(names.count) domains)" : list
  }

  /// All names, but of a run only the ends.
  var list: ShownText {
    if names.count == 1 { return "\(names[0])" }
    let parts = runs.map { run -> ShownText in
      run.count > 2
        ? "\(run[0]) … \(run[run.count - 1])" : run.map { "\($0)" }.joined(separator: ", ")
    }
    return parts.joined(separator: ", ")
  }

  /// At most the first five names, and how many more there are.
  package var start: ShownText {
    let shown: ShownText = names.prefix(5).map { "\($0)" }.joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
  }

  /// The names in order, those of one run together.
  private var runs: [ArraySlice<String>] {
    var runs: [ArraySlice<String>] = []
    var start = names.startIndex
    for index in names.indices {
      let next = index + 1
      if next == names.endIndex || !Self.follows(names[next], names[index]) {
        runs.append(names[start..<next])
        start = next
      }
    }
    return runs.map { ArraySlice(Array($0)) }
  }

  /// Whether `name` is `former` with the next number at its end.
  private static func follows(_ name: String, _ former: String) -> Bool {
    let (number, formerNumber) = (digits(of: name), digits(of: former))
    guard let value = UInt64(number), let formerValue = UInt64(formerNumber),
      number.count == formerNumber.count, value == formerValue &+ 1
    else { return false }
    return name.dropLast(number.count) == former.dropLast(formerNumber.count)
  }

  private static func digits(of name: String) -> Substring {
    name[
      (name.lastIndex { !("0"..."9").contains($0) }.map(name.index(after:)) ?? name.startIndex)...]
  }
}
