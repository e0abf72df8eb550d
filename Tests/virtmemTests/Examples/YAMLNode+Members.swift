// SPDX-License-Identifier: Apache-2.0

import YAML

extension YAMLNode {
  /// The value of a key of a mapping.
  subscript(key: String) -> YAMLNode? { members.first { $0.0 == key }?.1 }

  /// The entries of a mapping.
  var members: [(String, YAMLNode)] {
    guard case .mapping(let entries) = content else { return [] }
    return entries.map { ($0.key.text, $0.value) }
  }

  /// The values of a list.
  var elements: [YAMLNode] {
    guard case .sequence(let nodes) = content else { return [] }
    return nodes
  }
}
