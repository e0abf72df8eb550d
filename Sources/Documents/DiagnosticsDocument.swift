// SPDX-License-Identifier: Apache-2.0
package import MemoryModel

/// The document of `validate --format json`.
package enum DiagnosticsDocument {
  /// Writes `diagnostics` in the order given, with a newline at the end.
  package static func bytes(of diagnostics: [Diagnostic]) -> [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.member("diagnostics", diagnostics)
      $0.member("format", "virtmem/diagnostics/v1alpha1")
    }
    return json.finished()
  }
}
