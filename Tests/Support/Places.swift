// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Writes a diagnostic as `line:column rule`.
package func place(_ diagnostic: Diagnostic) -> String {
  "\(diagnostic.source?.line ?? 0):\(diagnostic.source?.column ?? 0) \(diagnostic.rule.name)"
}
