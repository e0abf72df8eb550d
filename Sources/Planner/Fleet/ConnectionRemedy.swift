// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// What the user can do about a host that could not be observed, by the kind of the failure.
package struct ConnectionRemedy {
  private let error: HypervisorError
  private let uri: String?
  private let address: ConnectionAddress

  /// Makes the remedy for `error`; `uri` is nil for libvirt's default connection.
  package init(for error: HypervisorError, uri: String?) {
    self.error = error
    self.uri = uri
    address = ConnectionAddress(uri ?? "")
  }

  /// The remedy, and the command that tries the connection by hand.
  package var text: String {
    // Nothing was connected to.
    if error.kind == .notInSnapshot { return Self.newSnapshot }
    let target = uri.map { " -c '\($0.publishedURI ?? "URI")'" } ?? ""
    return "\(cause) To try the connection without virtmem: `virsh -r\(target) list`."
  }

  /// How to get a snapshot with what another one lacks.
  package static let newSnapshot = """
    Take a new snapshot that has it: `virtmem observe --hosts PATH > FILE`, with the manifests \
    that declare the Hosts.
    """

  private var cause: String {
    switch error.kind {
    case .denied: denied
    case .deadline:
      """
      The host or its libvirt daemon did not answer in time. Check that both run. If \
      the link is slow, raise `--connect-timeout` or `--timeout`.
      """
    case .connection: broken
    case .refused, .busy, .noDomain, .unsupported, .notInSnapshot:
      "Correct what the message names, then plan again."
    }
  }

  private var denied: String {
    switch address.transport {
    // VIR_ERR_ACCESS_DENIED is polkit's answer.
    case "tls" where error.code != 88, "tcp" where error.code != 88:
      """
      The host asks for a user and a password (SASL), or refuses those that it got. libvirt's \
      client reads them from auth.conf, and virtmem asks for none.
      """
    case nil where address.isVMware: vmware
    default:
      """
      Add the user of the connection to the group `libvirt` on the host and log in again, or allow \
      the connection in polkit (examples/polkit has rules for plan and for apply).
      """
    }
  }

  /// The remedy for a connection that could not be opened, or that broke.
  private var broken: String {
    if address.isUnknown || error.message.contains("no connection driver") { return unknown }
    if address.driver == "test" { return test }
    if address.isVMware { return vmware }
    let isOverSSH = ["ssh", "libssh", "libssh2"].contains(address.transport)
    // The program ssh says itself, in its message, whether it reached the host.
    if isUnreachable && address.transport != "ssh" { return unreachable }
    if isOverSSH { return ssh }
    switch address.transport {
    case "tls":
      return """
        Check the certificates with `virt-pki-validate`. The client reads the certificate of the \
        CA from /etc/pki/CA/cacert.pem, and its own from /etc/pki/libvirt/clientcert.pem.
        """
    case "tcp": return unreachable
    default: return isSession ? session : system
    }
  }

  /// Whether the message says that there is no host of this name, or that nothing listens there.
  private var isUnreachable: Bool {
    let message = error.message.lowercased()
    return [
      "unable to connect to server", "unable to resolve address", "name or service not known",
      "no route to host", "network is unreachable",
    ].contains { message.contains($0) }
  }

  /// Whether the connection is to a user's own daemon; for libvirt's default the socket tells it.
  private var isSession: Bool {
    address.isSession
      || uri == nil
        && ["/run/user/", "/.cache/libvirt/"].contains { error.message.contains($0) }
  }

  private var unreachable: String {
    let services =
      switch address.transport {
      case "tls": "Port 16514 is that of virtproxyd-tls.socket and libvirtd-tls.socket."
      case "tcp": "Port 16509 is that of virtproxyd-tcp.socket and libvirtd-tcp.socket."
      default: "Port 22 is that of the ssh server."
      }
    return """
      Check the name of the host and the port in the URI, and that the server listens there: \
      `nc -vz \(address.host ?? "HOST") \(address.port ?? address.defaultPort)`. \(services)
      """
  }

  private var unknown: String {
    let named =
      address.driver.isEmpty
      ? "The URI names no driver." : "libvirt's client has no driver for this URI."
    return """
      \(named) A URI looks like `qemu:///system` or `qemu+ssh://root@HOST/system`; libvirt.conf \
      defines aliases in `uri_aliases`.
      """
  }

  private var test: String {
    """
    libvirt's test driver reads its domains from the file in the URI, and could not. Correct the \
    path in the URI, or use `test:///default`, which is built in.
    """
  }

  private var vmware: String {
    """
    Check the name of the ESX host or the vCenter in the URI, and that it answers on HTTPS. \
    libvirt's client reads the user and the password from auth.conf, and virtmem asks for none.
    """
  }

  private var session: String {
    """
    A user's own daemon starts by itself with the first connection, unless its program is not \
    installed: `virtqemud --version` or `libvirtd --version`. If the system's domains are meant, \
    the URI is `qemu:///system`.
    """
  }

  private var system: String {
    """
    Check that the daemon runs: `systemctl status virtqemud libvirtd`. For `qemu:///system`, a \
    user needs the group `libvirt`.
    """
  }

  private var ssh: String {
    guard let host = address.host else {
      return "Run `ssh -v HOST` to see why the connection fails."
    }
    let user = address.user.map { "\($0)@" } ?? ""
    let port = address.port.flatMap { $0 == "22" ? nil : $0 }
    let known = port.map { "'[\(host)]:\($0)'" } ?? host
    return """
      Run `ssh -v \(port.map { "-p \($0) " } ?? "")\(user)\(host)` to see why the connection \
      fails. If the key of the host has changed because the host was installed again, remove the \
      old key: `ssh-keygen -R \(known)`.
      """
  }
}
