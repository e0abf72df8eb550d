// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// What the user can do about a host that could not be observed, by the kind of the failure.
struct ConnectionRemedy {
  private let error: HypervisorError
  private let uri: String?

  /// Makes the remedy for `error`; `uri` is nil for libvirt's default connection.
  init(for error: HypervisorError, uri: String?) {
    self.error = error
    self.uri = uri
  }

  /// The remedy, and the command that tries the connection by hand.
  var text: String {
    let target = uri?.publishedURI.map { " -c '\($0)'" } ?? ""
    return "\(cause) To try the connection without virtmem: `virsh -r\(target) list`."
  }

  private var cause: String {
    switch error.kind {
    case .denied:
      """
      Add the user of the connection to the group `libvirt` on the host and log in again, or allow \
      the connection in polkit (examples/polkit has rules for plan and for apply).
      """
    case .deadline:
      """
      The host or its libvirt daemon did not answer in time. Check that both run. If \
      the link is slow, raise `--connect-timeout` or `--timeout`.
      """
    case .connection where transport == "ssh": ssh
    case .connection where transport == "tls" || isRemoteWithoutTransport:
      """
      Check the certificates with `virt-pki-validate`. The client reads the certificate of the CA \
      from /etc/pki/CA/cacert.pem, and its own from /etc/pki/libvirt/clientcert.pem.
      """
    case .connection where transport == "tcp":
      "Check that the daemon listens on TCP, and that the name and the port are right."
    case .connection where isUnknownDriver:
      """
      libvirt has no driver for this URI. A URI looks like `qemu:///system` or \
      `qemu+ssh://root@HOST/system`; libvirt.conf defines aliases in `uri_aliases`.
      """
    case .connection:
      """
      Check that the daemon runs: `systemctl status virtqemud libvirtd`. For `qemu:///system`, a \
      user needs the group `libvirt`.
      """
    case .refused, .busy, .noDomain, .unsupported: Rule.hostUnobserved.remedy
    }
  }

  private var ssh: String {
    guard let host = knownHost else { return "Run `ssh -v HOST` to see why the connection fails." }
    return """
      Run `ssh -v \(host.address)` to see why the connection fails. If the key of the host has \
      changed because the host was installed again, remove the old key: `ssh-keygen -R \(host.name)`.
      """
  }

  private var scheme: Substring? {
    guard let uri, let end = uri.firstRange(of: "://") else { return nil }
    return uri[..<end.lowerBound]
  }

  /// What follows the `+` of the URI's scheme, in lower case.
  private var transport: String? {
    guard let scheme, let plus = scheme.firstIndex(of: "+") else { return nil }
    return scheme[scheme.index(after: plus)...].lowercased()
  }

  /// Whether the URI names a host and no transport, which means TLS.
  private var isRemoteWithoutTransport: Bool {
    guard let uri, scheme != nil, transport == nil, let end = uri.firstRange(of: "://") else {
      return false
    }
    return !uri[end.upperBound...].hasPrefix("/")
  }

  /// Whether libvirt has no driver for the URI; `VIR_ERR_NO_CONNECT` and
  /// `VIR_ERR_CONFIG_UNSUPPORTED`.
  private var isUnknownDriver: Bool {
    error.message.contains("no connection driver") || (uri != nil && scheme == nil)
  }

  /// The host of an ssh URI: as ssh's arguments, and as its list of known hosts names it.
  private var knownHost: (address: String, name: String)? {
    guard let uri, let scheme = uri.firstRange(of: "+ssh://") else { return nil }
    let authority = uri[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    let parts = authority.split(separator: "@")
    let address = parts.last ?? authority
    let user = parts.count > 1 ? "\(parts[0].prefix { $0 != ":" })@" : ""
    // The port follows the last colon, unless that colon belongs to an IPv6 address.
    guard let colon = address.lastIndex(of: ":"), !address[colon...].contains("]") else {
      let name = String(address.trimmingPrefix("[").prefix { $0 != "]" })
      return (user + name, name)
    }
    let name = address[..<colon].trimmingPrefix("[").prefix { $0 != "]" }
    let port = address[address.index(after: colon)...]
    return port == "22"
      ? (user + name, String(name)) : ("-p \(port) \(user)\(name)", "'[\(name)]:\(port)'")
  }
}
