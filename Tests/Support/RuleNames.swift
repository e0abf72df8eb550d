// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// A test names a rule as users see it: rules of one name are equal.
extension Rule: ExpressibleByStringLiteral {
  /// The rule of that name.
  package init(stringLiteral name: String) {
    self.init(named: name)
  }
}
