// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Platform

/// Where libvirt takes the URI of a connection from.
enum ConnectionURIs {
  /// The passwords of the URI that libvirt makes of `uri`, which may be an alias, or nil for
  /// libvirt's default.
  ///
  /// libvirt resolves an alias or its default only while it connects, and fails before it names
  /// the result; so these passwords are those of all URIs that it may find.
  static func secrets(of uri: String?) -> Secrets {
    let uri = uri ?? environmentVariable("LIBVIRT_DEFAULT_URI")
    guard let uri, uri.contains("://") else { return Secrets(ofURIs: configured) }
    return Secrets(ofURIs: [uri])
  }

  /// The texts in the files libvirt.conf of this machine and this user that may be URIs.
  private static let configured: [String] = {
    let home = environmentVariable("HOME").map { "\($0)/.config" }
    let folders = ["/etc", environmentVariable("XDG_CONFIG_HOME"), home].compactMap { $0 }
    return folders.flatMap { folder in
      let bytes = try? FileBytes.read("\(folder)/libvirt/libvirt.conf", limit: 1 << 20)
      return texts(in: String(decoding: bytes ?? [], as: UTF8.self))
    }
  }()

  /// The texts between quotation marks of either kind in a configuration, and those around them.
  static func texts(in configuration: String) -> [String] {
    ["\"", "'"].flatMap { mark in
      configuration.split(separator: mark).filter { $0.contains("://") }.map(String.init)
    }
  }
}
