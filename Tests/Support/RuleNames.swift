// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Lets a test write a rule as its name; rules with the same name are equal.
extension Rule: ExpressibleByStringLiteral {
  /// Makes the rule with this name.
  package init(stringLiteral name: String) {
    self.init(named: name)
  }
}
