// SPDX-License-Identifier: Apache-2.0
import MemoryModel
import Planner
import Testing

/// What a user can do about a host that could not be observed.
@Suite struct ConnectionRemedyTests {
  private static let noSocket =
    "Failed to connect socket to '/var/run/libvirt/virtqemud-sock-ro': No such file or directory"
  private static let noServer = "unable to connect to server at 'hv01:16514': Connection refused"

  @Test(
    "each kind of connection has a remedy of its own",
    arguments: [
      ("qemu:///system", noSocket, "systemctl status virtqemud"),
      ("qemu:///session", noSocket, "A user's own daemon starts by itself"),
      ("qemu+tls://hv01/system", "The certificate has expired", "virt-pki-validate"),
      ("qemu://hv01/system", "The certificate has expired", "virt-pki-validate"),
      ("qemu+tls://hv01/system", noServer, "`nc -vz hv01 16514`"),
      (
        "qemu+tls://hv01:99/system",
        "Unable to resolve address 'hv01' service '99': Name or service not known",
        "`nc -vz hv01 99`"
      ),
      ("qemu+tcp://hv01/system", "Connection reset", "`nc -vz hv01 16509`"),
      ("qemu+ssh://root@hv01/system", "Connection reset by peer", "Run `ssh -v root@hv01`"),
      ("qemu+libssh://root@hv01:2222/system", "no host key", "Run `ssh -v -p 2222 root@hv01`"),
      ("qemu+libssh2://hv01/system", "authentication failed", "Run `ssh -v hv01`"),
      (
        "qemu+libssh2://hv01/system", "unable to connect to server at 'hv01:22': refused",
        "`nc -vz hv01 22`"
      ),
      ("esx://esx01/", "internal error: IP address lookup for host 'esx01' failed", "ESX host"),
      ("vpx://vc01/dc/esx01", "internal error: no answer", "vCenter"),
      ("test:///nosuchfile", "XML error: failed to parse xml document", "`test:///default`"),
      ("kemu:///system", noSocket, "libvirt's client has no driver for this URI"),
      ("qemu+foo://hv01/system", "transport in URL not recognised", "has no driver for this URI"),
      ("hv01", "no connection driver available for URI 'hv01'", "The URI names no driver"),
    ])
  func byKind(uri: String, message: String, words: String) {
    let error = HypervisorError(.connection, call: "virConnectOpenAuth", message: message)
    let remedy = ConnectionRemedy(for: error, uri: uri).text
    #expect(remedy.contains(words), "\(remedy)")
    #expect(
      remedy.hasSuffix(
        " To try the connection without virtmem: `virsh -r -c '\(uri.publishedURI ?? "URI")' list`."
      ))
  }

  @Test("libvirt's default is a user's own connection if the socket says so")
  func byDefault() {
    let socket = "Failed to connect socket to '/run/user/1000/libvirt/virtqemud-sock': No such file"
    let error = HypervisorError(.connection, call: "virConnectOpenAuth", message: socket)
    let remedy = ConnectionRemedy(for: error, uri: nil).text
    #expect(remedy.contains("user's own daemon") && remedy.hasSuffix("`virsh -r list`."))
  }

  @Test("a host that refuses the user over TLS asks for a password, not for a group")
  func denied() {
    let error = HypervisorError(.denied, call: "virConnectOpenAuth", message: "auth failed")
    #expect(ConnectionRemedy(for: error, uri: "qemu+tls://hv01/system").text.contains("auth.conf"))
    #expect(ConnectionRemedy(for: error, uri: "qemu:///system").text.contains("group `libvirt`"))
    // polkit's refusal is one of rights, whatever the transport.
    let polkit = HypervisorError(.denied, call: "virConnectOpenAuth", code: 88, message: "denied")
    #expect(ConnectionRemedy(for: polkit, uri: "qemu+tls://hv01/system").text.contains("polkit"))
  }

  @Test("what a snapshot lacks is no matter of a connection")
  func ofSnapshot() {
    let error = HypervisorError(.notInSnapshot, call: "", message: "no snapshot has the host")
    let remedy = ConnectionRemedy(for: error, uri: "qemu+tls://hv01/system").text
    #expect(remedy.hasPrefix("Take a new snapshot") && !remedy.contains("virsh"))
  }

  @Test(
    "a reason names the call once, and is never empty",
    arguments: [
      ("no answer within 10 s", "no answer within 10 s (virConnectOpenAuth)"),
      ("", "libvirt gave no reason (virConnectOpenAuth)"),
      ("refused: \n", "refused (virConnectOpenAuth)"),
      ("virConnectOpenAuth failed.", "virConnectOpenAuth failed"),
    ])
  func reason(message: String, reason: String) {
    let error = HypervisorError(.connection, call: "virConnectOpenAuth", message: message)
    #expect(error.reason == reason)
  }
}
