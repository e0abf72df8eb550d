// SPDX-License-Identifier: Apache-2.0

import MemoryModel

extension Field {
  /// An example in YAML, from `spec` down to the field with a value that it can have.
  var example: String {
    var lines = ["spec:"]
    var path = ""
    let parts = name.text.split(separator: ".")
    for (depth, part) in parts.enumerated() {
      let shown = part == "*" ? (path == "devices" ? "elastic0" : "0") : String(part)
      path += path.isEmpty ? String(part) : ".\(part)"
      let value = depth == parts.count - 1 ? " \(kind.example)" : ""
      lines.append(String(repeating: "  ", count: depth + 1) + "\(shown):\(value)")
    }
    return lines.joined(separator: "\n")
  }
}
