// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Testing

@Suite struct URIRefusalTests {
  @Test(
    "a document may hold a URI that only names a host",
    arguments: [
      "hv01", "lab_2", "xen", "test:///default", "test:///srv/Data%20Center/host.xml",
      "qemu:///system", "qemu:///session", "qemu:/system", "xen:///", "lxc:///system",
      "qemu://hv01.example.net/system", "qemu+unix:///system?socket=/run/libvirt/libvirt-sock",
      "qemu:///system?socket=/tmp/a-b_c.d/libvirt-sock", "qemu+unix:///system?mode=legacy",
      "qemu+tls://hv01.example.net:16514/system", "QEMU+TLS://hv01/system", "qemu+tls:///system",
      "qemu+tcp://10.0.0.1/system?auth=sasl.gssapi", "qemu+tcp://[fe80::1%25eth0]:16509/system",
      "qemu+ssh://root@hv01/system", "qemu+ssh://a.b%40example.net@hv01:2222/system?no_tty=1",
      "qemu+libssh://[2001:db8::1]/session", "qemu+libssh2://hv01/system?mode=auto&socket=/run/s",
      "remote+ssh://hv01/?name=qemu:///system", "qemu+ssh://hv01/system?name=",
      "esx://root@esx.example.net/", "vpx://vc.example.net/Data%20Center/esx1?vcenter=*",
      "xen+ssh://hv01", "qemu+ssh://hv01/system?", "test+ssh://hv01/default",
      "test+unix:///default",
      "remote+ssh://hv01/?name=test:///default", "vbox:///session",
    ])
  func taken(uri: String) {
    #expect(URIRefusal(of: uri) == nil)
  }

  static let forbidden = [
    "command", "netcat", "proxy", "keyfile", "pkipath", "sshauth", "known_hosts",
    "known_hosts_verify", "no_verify", "no_sanity", "authfile", "tls_priority",
  ]

  /// Spellings of a parameter's name that libvirt considers equal.
  static func spellings(_ name: String) -> [String] {
    let encoded = name.utf8.map { "%" + String($0, radix: 16) }
    return [
      name, name.uppercased(), encoded.joined(), encoded.joined().uppercased(),
      encoded[0] + name.dropFirst(), "\(name.dropLast())\(encoded[encoded.count - 1])",
    ]
  }

  @Test(
    "a URI with a dangerous parameter is refused in every spelling and for every transport",
    arguments: forbidden)
  func parameters(name: String) {
    for transport in ["", "+unix", "+tls", "+tcp", "+ssh", "+libssh", "+libssh2", "+SSH"] {
      let host = ["", "+unix"].contains(transport) ? "" : "hv01"
      for spelling in Self.spellings(name) {
        for query in [
          "\(spelling)=x", spelling, "\(spelling)=", "no_tty=1&\(spelling)=x", "&\(spelling)=x",
          "\(spelling)=x&no_tty=1", "mode=auto;\(spelling)=x", "?\(spelling)=x", "=&\(spelling)=1",
        ] {
          let uri = "qemu\(transport)://\(host)/system?\(query)"
          #expect(URIRefusal(of: uri) != nil, "\(uri)")
        }
      }
    }
    #expect(URIRefusal(of: "qemu+ssh://h/system?\(name)=x")?.summary.contains(name) == true)
  }

  @Test(
    "a URI that could run programs, log in or lead elsewhere is refused",
    arguments: [
      // Transports.
      "qemu+ext:///system", "qemu+EXT:///system?command=/bin/x", "qemu+eXt://h/system",
      "qemu+ssh+ext://h/system", "qemu+:///system", "qemu+ssh2://h/system", "qemu+%65xt:///system",
      // A driver in virtmem's own process.
      "qemu:///embed", "qemu:///embed?root=/x", "qemu:/embed?root=/x", "qemu:///%65mbed?root=/x",
      "qemu:///EMBED", "qemu:////embed", "qemu:///embed/", "test+unix:///embed",
      "qemu+ssh://h/system?name=qemu:///embed", "qemu+ssh://h/system?name=qemu%3A///%65mbed",
      // A file that a daemon would read, and programs that libvirt finds in PATH.
      "test+unix:///etc/shadow", "test+ssh://h/etc/shadow", "TEST+tls://h/etc/shadow",
      "test://h/etc/shadow", "test+unix:///", "test+unix:////default", "test+unix:///default/",
      "qemu:///system?name=test:///etc/shadow", "qemu+ssh://h/system?name=Test%3A///etc/shadow",
      "qemu+unix:///system?socket=/s&name=test:///", "vmwareplayer:///session",
      "VMwareWS:///session", "vmwarefusion:///session", "vmwareplayer+ssh://h/session",
      "openvz:///system", "OpenVZ:///system", "qemu+ssh://h/system?name=vmwareplayer:///session",
      "qemu:///system?name=openvz:///system",
      // Passwords.
      "qemu+ssh://root:secret@h/system", "qemu+ssh://root:@h/system", "esx://root%3Asecret@h/",
      "qemu+ssh://root%3asecret@h/system",
      // Names that a command reads as options, or as more.
      "qemu+ssh://-oProxyCommand=x/system", "qemu+ssh://%2DoProxyCommand=x/system",
      "qemu+ssh://[-oProxyCommand=:]/system", "qemu+ssh://-l@h/system", "qemu+ssh://%2Dl@h/system",
      "qemu+ssh://a@b@h/system", "qemu+ssh://@h/system", "qemu+ssh://$(x)@h/system",
      "qemu+ssh://h$(x)/system", "qemu+ssh://a%27b@h/system", "qemu+ssh://[::1/system",
      "qemu+ssh://[::1]x/system", "qemu+ssh://[fe80::1%25-x;y]/system", "qemu+ssh://:22/system",
      "qemu+ssh://h:/system", "qemu+ssh://h:22x/system", "qemu+ssh://h:+22/system",
      // What a shell at the other end would get.
      "qemu+ssh://h/system?socket=/x;id", "qemu+ssh://h/system?socket=/x%3Bid",
      "qemu+ssh://h/system?socket=/x%20y", "qemu+ssh://h/system?socket=/x$(id)",
      "qemu+ssh://h/system?socket=%2Fx%27", "qemu+ssh://h/system?socket=x", "qemu+ssh://h/$(id)",
      "qemu+ssh://h/%24%28id%29", "qemu+libssh://h/a'b",
      // Where the daemon would connect next.
      "qemu+ssh://h/system?name=qemu%2Bext://x/system%3Fcommand%3D/x",
      "qemu+ssh://h/system?name=qemu://other/system", "qemu+ssh://h/?name=qemu:///system?socket=/x",
      // Invalid or unknown values and parameters.
      "qemu+ssh://h/system?no_tty=0", "qemu:///system?mode=other", "qemu+tls://h/system?auth=x",
      "qemu:///system?uri=qemu%2Bext:///", "esx://h/?transport=http",
      "qemu:///system?auto_answer=1",
      "qemu:///system?mode=auto&mode=legacy", "qemu:///system?mode=auto&MODE=legacy",
      "qemu:///system?=x", "qemu:///system?mode=auto&", "qemu:///system?mode=auto&&no_tty=1",
      // What libvirt reads differently from how it looks.
      "", " ", "qemu:///system ", " qemu:///system", "qemu:///sys tem", "qemu:\\\\h\\system",
      "qemu:///system#x", "qemu:///system?a;b", "qemu:///system\u{0}", "qemu:///system\n",
      "qemu:///%00", "qemu:///%0A", "qemu:///%9", "qemu:///%zz", "qemu:///%+1", "qemu:///%FF",
      "qemu:system", "///var/run/x", "/var/run/x", "hv01.example.net", "hv01/x", ":///system",
      "1qemu:///system", "qému:///system", "qemu:///systèm", "ｑemu:///system", "qemu:///\u{202E}x",
      "<qemu>:///system", "qemu:///\"x\"", "qemu:///`id`", "qemu:///{a,b}", "qemu:///a|b",
    ])
  func refused(uri: String) throws {
    let refusal = try #require(URIRefusal(of: uri))
    #expect(!refusal.summary.isEmpty && !refusal.detail.isEmpty)
    #expect(!"\(refusal)".contains("secret"))
  }

  @Test(
    "a published URI keeps only what a document may hold",
    arguments: [
      ("qemu:///system", "qemu:///system"), ("hv01", "hv01"),
      ("qemu+ssh://root:secret@h/system", "qemu+ssh://root@h/system"),
      (
        "qemu+ssh://h/system?keyfile=/k&socket=/s&no_tty=1",
        "qemu+ssh://h/system?socket=/s&no_tty=1"
      ),
      ("qemu+ssh://h/system?command=a;b", "qemu+ssh://h/system"),
      ("test+ssh://h/secret.xml", nil),
      ("qemu+ext:///system?command=/x", nil), ("qemu:///embed?root=/x", nil),
      ("esx://root%3Asecret@h/?no_verify=1", nil),
    ] as [(String, String?)])
  func published(uri: String, expected: String?) {
    #expect(uri.publishedURI == expected)
    #expect(expected == nil || expected.flatMap { URIRefusal(of: $0) } == nil)
  }

  @Test(
    "a password in a URI is never shown, and the caret keeps its place",
    arguments: [
      ("  uri: qemu+ssh://root:secret@h/system", 8, "  uri: qemu+ssh://root:***@h/system", 8),
      ("{uri: \"a://b:secret@h/\", c: 8G}", 29, "{uri: \"a://b:***@h/\", c: 8G}", 26),
      ("a://b%3Asecret@h x://c:secret@i 8G", 33, "a://b%3A***@h x://c:***@i 8G", 27),
      ("a://b:sec@ret@h", 9, "a://b:***@h", 7), ("a://b:s/cret@h", 1, "a://b:***@h", 1),
      ("a://b@h:22/ c: d@e", 5, "a://b@h:22/ c: d@e", 5), ("no@uri:here", 4, "no@uri:here", 4),
      ("u: 'a://b:s c\"t@h/', c: 8G", 23, "u: 'a://b:***@h/', c: 8G", 21),
      ("a://h:22/s # x@y", 1, "a://h:22/s # x@y", 1), ("a://b:s\nc@h", 1, "a://b:s\nc@h", 1),
      ("a://:secret@h", 14, "a://:***@h", 11), ("a://", 5, "a://", 5),
    ])
  func passwords(line: String, column: Int, shown: String, caret: Int) {
    let hidden = line.hidingPasswords(caret: column)
    #expect(hidden.text == shown)
    #expect(hidden.caret == caret)
    #expect(line.hidingPasswords == shown)
  }
}
