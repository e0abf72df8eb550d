// SPDX-License-Identifier: Apache-2.0

/// Why virtmem refuses to connect to a URI in a document.
///
/// An attacker may propose a manifest for review, so a URI in a document must not run programs on
/// this machine or weaken checks. URIs from libvirt.conf or `--connect` come from the operator and
/// may be anything that libvirt accepts.
package struct URIRefusal: Error, Hashable, Sendable {
  /// What is wrong, in one line; the text does not contain the URI.
  package let summary: String
  /// Why virtmem refuses it.
  package let detail: String

  /// What the user can do; the same for every refusal.
  package static let remedy =
    "Give the URI a name in uri_aliases of libvirt.conf, which is the operator's, and write that "
    + "name here; without Hosts, give it with --connect."

  /// Makes the refusal of `text`; nil where a document may contain it.
  package init?(of text: String) {
    // libvirt resolves an alias before it parses a URI, and an alias is never a URI.
    guard !LibvirtURI.isAlias(text) else { return nil }
    do throws(URIRefusal) {
      try LibvirtURI(text).check()
      return nil
    } catch {
      self = error
    }
  }

  init(_ summary: String, because detail: String) {
    self.summary = summary
    self.detail = detail
  }

  /// Makes a refusal for a URI that libvirt could understand differently than a reader does.
  static func unclear(_ what: String) -> URIRefusal {
    URIRefusal(
      "this is no URI that a document may have: it has \(what)",
      because: "What is not plainly harmless is not connected to.")
  }
}

extension LibvirtURI {
  private static let transports: Set<String> = ["unix", "tls", "tcp", "ssh", "libssh", "libssh2"]
  private static let sshTransports: Set<String> = ["ssh", "libssh", "libssh2"]

  /// Checks that a document may contain the URI.
  ///
  /// - Throws: ``URIRefusal`` where it may not.
  func check() throws(URIRefusal) {
    if let transport, !Self.transports.contains(transport) {
      throw URIRefusal(
        "the transport \(transport) is not taken from a document",
        because: transport == "ext"
          ? "It runs a program on this machine."
          : "It is none of unix, tls, tcp, ssh, libssh and libssh2.")
    }
    try checkDriver()
    try checkAuthority()
    guard path.trimming("/").lowercased() != "embed" else {
      throw URIRefusal(
        "the path /embed is not taken from a document",
        because: "It runs a hypervisor's driver within virtmem.")
    }
    // ssh passes the path to a shell on the host.
    let isForShell = Self.sshTransports.contains(transport ?? "")
    guard !isForShell || path.isEmpty || path.isPlain(.pathMarks) else {
      throw .unclear("more than letters, digits and \(String.pathMarks) in its path")
    }
    for (name, value) in parameters { try Self.check(name, value) }
  }

  private func checkDriver() throws(URIRefusal) {
    guard !runsPrograms else {
      throw URIRefusal(
        "the driver \(driver) is not taken from a document",
        because: "It runs a program that it finds in PATH.")
    }
    guard !readsFile || transport == nil && host == nil else {
      throw URIRefusal(
        "the test driver behind a transport is only taken with the path /default",
        because: "Its path names a file, which the daemon would read as its own user.")
    }
  }

  /// Whether the driver is one of VMware Workstation's or OpenVZ's, which run programs from `PATH`.
  ///
  /// libvirt compares the names of drivers without regard to case.
  private var runsPrograms: Bool {
    driver.lowercased().hasPrefix("vmware") || driver.lowercased() == "openvz"
  }

  /// Whether the driver is the test driver, with a file as its host.
  private var readsFile: Bool { driver.lowercased() == "test" && path != "/default" }

  private func checkAuthority() throws(URIRefusal) {
    if let user {
      guard !user.contains(":") else {
        throw URIRefusal(
          "the URI holds a password",
          because: "All who read the document read it; libvirt has auth.conf for it.")
      }
      guard user.isPlain(.userMarks) && !user.hasPrefix("-") else {
        throw .unclear("a user that could be taken for more than a name")
      }
    }
    if let host {
      guard Self.isAddress(host) || host.isPlain(.nameMarks) && !host.hasPrefix("-") else {
        throw .unclear("a host that could be taken for more than a name")
      }
    } else if user != nil || port != nil {
      throw .unclear("no host")
    }
    guard port.map({ UInt16($0) != nil && !$0.hasPrefix("+") }) ?? true else {
      throw .unclear("a port that is no number")
    }
  }

  /// Whether `host` is an IPv6 address in brackets, which libvirt removes.
  private static func isAddress(_ host: String) -> Bool {
    guard host.hasPrefix("["), host.hasSuffix("]"), host.contains(":") else { return false }
    let parts = host.dropFirst().dropLast().split(separator: "%", omittingEmptySubsequences: false)
    // In a URI the % before the zone is written %25.
    let isZone = parts.count == 1 || parts.count == 2 && parts[1].hasPrefix("25")
    let isNumber = parts[0].allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    return isZone && isNumber && parts.dropFirst().allSatisfy { String($0).isPlain(.nameMarks) }
  }

  /// Why a document may not have the parameter; nil where it may.
  ///
  /// The names are those that libvirt's remote driver knows.
  private static func reason(against name: String) -> String? {
    switch name {
    case "command", "netcat", "proxy": "It chooses what runs, here or on the host."
    case "keyfile", "pkipath", "authfile": "It chooses whose keys or passwords are used."
    case "sshauth": "It chooses how ssh logs in."
    case "known_hosts", "known_hosts_verify", "no_verify", "no_sanity", "tls_priority":
      "It weakens the check of who is at the other end."
    case "socket", "mode", "auth", "no_tty", "name", "vcenter": nil
    // libvirt passes all other parameters to the driver on the host.
    default: "virtmem does not know what the driver at the other end makes of it."
    }
  }

  private static func check(_ name: String, _ value: String) throws(URIRefusal) {
    if let reason = reason(against: name) {
      let shown = name.isPlain(.nameMarks) ? " \(name)" : ""
      throw URIRefusal("the parameter\(shown) is not taken from a document", because: reason)
    }
    let isHarmless =
      switch name {
      // libvirt inserts it into a shell command without quoting.
      case "socket": value.hasPrefix("/") && value.isPlain(.pathMarks)
      case "mode": ["auto", "legacy", "direct"].contains(value)
      // With 0, ssh could ask questions on the terminal.
      case "no_tty": value == "1"
      // The value only limits which of its methods the daemon uses.
      case "auth":
        ["none", "polkit", "sasl"].contains(value.lowercased())
          || value.lowercased().hasPrefix("sasl.") && value.isPlain(.nameMarks)
      case "name": isLocal(value)
      case "vcenter": value == "*" || value.isPlain(.nameMarks) && !value.hasPrefix("-")
      default: false
      }
    guard isHarmless else {
      throw URIRefusal(
        "the parameter \(name) can't have this value in a document",
        because: "What is not plainly harmless is not connected to.")
    }
  }

  /// Whether the daemon opens one of its own local drivers for `name`, and no file or program.
  private static func isLocal(_ name: String) -> Bool {
    if name.isEmpty || isAlias(name) { return true }
    guard let uri = try? LibvirtURI(name) else { return false }
    return uri.transport == nil && uri.host == nil && uri.user == nil && uri.parameters.isEmpty
      && !uri.runsPrograms && !uri.readsFile && uri.path.isPlain(.pathMarks)
      && uri.path.trimming("/").lowercased() != "embed"
  }
}

extension String {
  fileprivate static let nameMarks = "._-"
  fileprivate static let userMarks = "._-+@"
  fileprivate static let pathMarks = "._-+@:,=/"

  /// Whether the text is not empty and has only letters, digits and `marks`.
  ///
  /// Neither a shell nor ssh gives these characters a special meaning.
  fileprivate func isPlain(_ marks: String) -> Bool {
    !isEmpty && utf8.allSatisfy { LibvirtURI.isAlphanumeric($0) || marks.utf8.contains($0) }
  }

  /// The text without `character` at its start and end.
  fileprivate func trimming(_ character: Character) -> Substring {
    var rest = self[...]
    while rest.first == character { rest = rest.dropFirst() }
    while rest.last == character { rest = rest.dropLast() }
    return rest
  }
}

extension String {
  /// The URI without its password and without parameters that documents may not have.
  ///
  /// Nil where no URI remains that a document may have. virtmem writes only such URIs, because it
  /// reads its documents again.
  package var publishedURI: String? {
    if URIRefusal(of: self) == nil { return self }
    let parts = split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var base = String(parts[0])
    if let start = base.firstRange(of: "://")?.upperBound,
      let at = base[start...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
    {
      let user = base[start..<at].prefix { $0 != ":" }
      base.replaceSubrange(start..<at, with: user)
    }
    let kept = (parts.count > 1 ? parts[1] : "").split(separator: "&")
      .filter { URIRefusal(of: "\(base)?\($0)") == nil }
    let query = kept.isEmpty ? "" : "?\(kept.joined(separator: "&"))"
    return [base + query, base].first { URIRefusal(of: $0) == nil }
  }
}
