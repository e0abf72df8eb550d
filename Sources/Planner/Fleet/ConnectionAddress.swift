// SPDX-License-Identifier: Apache-2.0

/// The parts of a connection's URI that decide what can be wrong with the connection.
struct ConnectionAddress {
  /// The drivers of libvirt's client.
  private static let drivers: Set<String> = [
    "bhyve", "ch", "esx", "gsx", "hyperv", "libxl", "lxc", "openvz", "parallels", "qemu", "remote",
    "test", "vbox", "vmwarefusion", "vmwareplayer", "vmwarews", "vpx", "vz", "xen",
  ]

  /// The driver in lower case, such as `qemu`; empty where the URI names none.
  let driver: String
  /// The transport in lower case; `tls` where the URI names a host and no transport, else nil.
  let transport: String?
  /// The user without a password; nil where the URI names none.
  let user: String?
  /// The host without the brackets of an IPv6 address; nil where the URI names none.
  let host: String?
  /// The port; nil where the URI names none.
  let port: String?
  private let path: String

  /// Splits `uri`; an empty one is libvirt's default, and one without a colon is an alias.
  init(_ uri: String) {
    let colon = uri.firstIndex(of: ":")
    let scheme = colon.map { uri[..<$0].lowercased() } ?? ""
    var rest = colon.map { uri[uri.index(after: $0)...] } ?? ""
    var authority: Substring = ""
    if rest.hasPrefix("//") {
      authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
      rest = rest.dropFirst(2 + authority.count)
    }
    path = String(rest.prefix { $0 != "?" })
    let at = authority.lastIndex(of: "@")
    user = at.map { String(authority[..<$0].prefix { $0 != ":" }) }
    let place = at.map { authority[authority.index(after: $0)...] } ?? authority
    // The port follows the last colon, unless that colon belongs to an IPv6 address.
    let mark = place.lastIndex(of: ":").flatMap { place[$0...].contains("]") ? nil : $0 }
    let name = (mark.map { place[..<$0] } ?? place).trimmingPrefix("[").prefix { $0 != "]" }
    host = name.isEmpty ? nil : String(name)
    port = mark.map { String(place[place.index(after: $0)...]) }
    let parts = scheme.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    driver = parts.first.map(String.init) ?? ""
    let given = parts.count > 1 ? String(parts[1]) : nil
    transport = given ?? (host == nil || Self.isDirect(driver) ? nil : "tls")
  }

  /// Whether the client itself talks to the hypervisor, and not to a daemon of libvirt's.
  private static func isDirect(_ driver: String) -> Bool {
    ["esx", "gsx", "hyperv", "test", "vpx"].contains(driver)
  }

  /// Whether libvirt's client has no driver, or no transport, for the URI.
  var isUnknown: Bool {
    guard !driver.isEmpty else { return false }
    let transports: Set<String> = ["ext", "libssh", "libssh2", "ssh", "tcp", "tls", "unix"]
    return !Self.drivers.contains(driver) || transport.map { !transports.contains($0) } ?? false
  }

  /// Whether the URI leads to an ESX host or a vCenter.
  var isVMware: Bool { ["esx", "gsx", "vpx"].contains(driver) }

  /// Whether the URI leads to a user's own daemon.
  var isSession: Bool { path == "/session" && host == nil }

  /// The port that libvirt takes where the URI names none.
  var defaultPort: String {
    switch transport {
    case "tls": "16514"
    case "tcp": "16509"
    default: "22"
    }
  }
}
