// SPDX-License-Identifier: Apache-2.0

/// A domain, or fields of one, that the older manifests declare and the newer ones do not.
///
/// virtmem no longer manages them: it leaves them as they are.
package struct RemovedDeclaration: Hashable, Sendable {
  /// The domain's host; nil where the older manifests leave it open on which Host the domain is.
  package var host: String?
  /// The domain's name in libvirt.
  package var name: String
  /// The fields that the domain no longer declares; nil if the whole domain is no longer declared.
  package var fields: [FieldPath]?

  /// Makes a removed declaration.
  package init(host: String?, name: String, fields: [FieldPath]?) {
    self.host = host
    self.name = name
    self.fields = fields
  }
}
