// SPDX-License-Identifier: Apache-2.0

/// The same manifest with its documents, and each spec's fields, in reverse order.
///
/// It supports only the cases' style: one field per line or block, two spaces below `spec:`.
func reversed(manifest: String) -> String {
  var documents: [[String]] = [[]]
  for line in manifest.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
    if line == "---" { documents.append([]) } else { documents[documents.count - 1].append(line) }
  }
  return documents.reversed().map { lines in
    let start = (lines.firstIndex(of: "spec:") ?? lines.count - 1) + 1
    var fields: [[String]] = []
    for line in lines[start...] where !line.isEmpty {
      let isDeeper = line.hasPrefix("   ") || fields.isEmpty && !line.hasPrefix("  ")
      if isDeeper && !fields.isEmpty {
        fields[fields.count - 1].append(line)
      } else {
        fields.append([line])
      }
    }
    return (lines[..<start] + fields.reversed().flatMap(\.self)).joined(separator: "\n") + "\n"
  }.joined(separator: "---\n")
}

/// The same XML with the children of each element in reverse order.
///
/// It supports elements, attributes and text, which is all that the cases contain.
func reversed(xml: String) -> String {
  var rest = xml[...]
  return reversedContent(&rest)
}

private func reversedContent(_ rest: inout Substring) -> String {
  var children: [String] = []
  var text = ""
  while let start = rest.firstIndex(of: "<") {
    text += rest[..<start]
    guard let end = rest[start...].firstIndex(of: ">") else { break }
    let tag = rest[start...end]
    if tag.hasPrefix("</") {
      rest = rest[start...]
      break
    }
    rest = rest[rest.index(after: end)...]
    guard !tag.hasSuffix("/>") else {
      children.append(String(tag))
      continue
    }
    let content = reversedContent(&rest)
    let close = rest.firstIndex(of: ">") ?? rest.startIndex
    children.append(tag + content + rest[...close])
    rest = rest[rest.index(after: close)...]
  }
  // Only the arguments of a command line depend on their order.
  let isCommandLine = children.first?.hasPrefix("<qemu:arg") ?? false
  let ordered = isCommandLine ? children : children.reversed()
  return children.isEmpty ? text : ordered.joined(separator: "\n")
}
