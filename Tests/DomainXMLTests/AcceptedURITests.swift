// SPDX-License-Identifier: Apache-2.0

import CLibXML2
import MemoryModel
import TestSupport
import Testing

/// What URIs in documents may contain, compared with the parser that libvirt uses.
@Suite struct AcceptedURITests {
  /// A URI as libvirt parses it: by libxml2, as virURIParse calls it.
  private struct Parsed {
    var scheme = ""
    var user: String?
    var server: String?
    var path = ""
    var parameters: [(name: String, value: String)] = []

    init?(_ text: String) {
      guard let uri = unsafe xmlParseURI(text) else { return nil }
      defer { unsafe xmlFreeURI(uri) }
      let string = { (pointer: UnsafeMutablePointer<CChar>?) in
        unsafe pointer.map { unsafe String(cString: $0) }
      }
      scheme = unsafe string(uri.pointee.scheme) ?? ""
      user = unsafe string(uri.pointee.user)
      server = unsafe string(uri.pointee.server)
      path = unsafe string(uri.pointee.path) ?? ""
      // As virURIParseParams does: `;` separates where no `&` is left.
      var query = unsafe string(uri.pointee.query_raw) ?? ""
      while !query.isEmpty {
        let end = query.firstIndex(of: "&") ?? query.firstIndex(of: ";") ?? query.endIndex
        let part = query[..<end].split(separator: "=", maxSplits: 1).map(Self.unescaped)
        if let name = part.first { parameters.append((name, part.count > 1 ? part[1] : "")) }
        query = String(query[end...].dropFirst())
      }
      if let bare = server, bare.hasPrefix("["), bare.hasSuffix("]") {
        server = String(bare.dropFirst().dropLast())
      }
    }

    private static func unescaped(_ text: Substring) -> String {
      guard let copy = unsafe xmlURIUnescapeString(String(text), 0, nil) else { return "" }
      defer { unsafe virtmem_xml_free(copy) }
      return unsafe String(cString: copy)
    }
  }

  private static let pieces = [
    "qemu", "test", "esx", "+", "ext", "ssh", "SSH", "tls", "unix", "libssh2", ":", "//", "/", "/",
    "system", "embed", "%65mbed", "root", "-o", "%2D", "@", ":pw@", "%3Apw@", "h", "[::1]", "[-x:]",
    ":22", "?", "&", ";", "=", "no_tty=1", "mode=auto", "command=x", "%63ommand=x", "NETCAT=x",
    "socket=/s", "socket=/s;id", "keyfile=k", "name=", "no_verify=1", "#", "%00", "%", " ", "'",
    "name=test:///", "name=test:///default", "default", "vmwarews", "openvz",
  ]

  @Test("libvirt's own parser finds nothing dangerous in random URIs that documents accept")
  func oracle() throws {
    var random = SeededGenerator(seed: 20_261)
    let forms = [
      "qemu+ssh://h/system?", "qemu://", "qemu:///", "qemu:///system?", "", "test+unix:///",
      "qemu+tls://root@h/", "esx://", "test:///", "Test+ssh://h/", "VMwareWS",
    ]
    var taken = 0
    for _ in 0..<60_000 {
      var text = forms.randomElement(using: &random) ?? ""
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        text += Self.pieces.randomElement(using: &random) ?? ""
      }
      guard text.contains(":"), URIRefusal(of: text) == nil else { continue }
      taken += 1
      // libvirt refuses what libxml2 can't parse.
      guard let uri = Parsed(text) else { continue }
      let transport = uri.scheme.split(separator: "+", maxSplits: 1).dropFirst().first
      #expect(
        [nil, "unix", "tls", "tcp", "ssh", "libssh", "libssh2"].contains(transport?.lowercased()),
        "\(text)")
      #expect(!(uri.user ?? "").contains(":") && !(uri.user ?? "").hasPrefix("-"), "\(text)")
      #expect(!(uri.server ?? "").hasPrefix("-"), "\(text)")
      #expect(uri.path != "/embed", "\(text)")
      Self.expectNoFileOrProgram(uri, isLocal: transport == nil && uri.server == nil, "\(text)")
      for (name, value) in uri.parameters {
        #expect(
          ["socket", "mode", "no_tty", "auth", "name", "vcenter"].contains(name.lowercased()),
          "\(text)")
        #expect(!value.contains { ";$`'\" |&".contains($0) }, "\(text)")
        if name.lowercased() == "name", let inner = Parsed(value) {
          Self.expectNoFileOrProgram(inner, isLocal: false, "\(text)")
        }
      }
    }
    #expect(taken > 1000)
  }

  /// Expects that no daemon reads a file for `uri`, and that its driver runs no program from `PATH`.
  private static func expectNoFileOrProgram(_ uri: Parsed, isLocal: Bool, _ text: Comment) {
    let driver = uri.scheme.split(separator: "+").first?.lowercased() ?? ""
    #expect(driver != "test" || isLocal || uri.path == "/default", text)
    #expect(!driver.hasPrefix("vmware") && driver != "openvz", text)
  }
}
