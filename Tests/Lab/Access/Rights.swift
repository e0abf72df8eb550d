// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What the rules in examples/polkit give to users, and the users with whom tests try it.
enum Rights {
  /// A file of rules, whose group has the same name as the file.
  enum File: String, CaseIterable {
    case plan
    case apply

    /// The file's place below the project's folder.
    var url: URL { Lab.root.appending(path: "examples/polkit/50-virtmem-\(rawValue).rules") }

    /// The group for which the rules count, and the number that the lab gives it.
    var group: (name: String, number: Int) {
      ("virtmem-\(rawValue)", self == .plan ? 4711 : 4712)
    }

    /// The actions that the file gives.
    var actions: [String] {
      let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
      return text.matches(of: /"(org\.libvirt\.[a-z.-]*[a-z])"/).map { String($0.output.1) }
    }

    /// The group's members: one for whom the rules count, and one for each action that is denied to
    /// that user.
    var users: [User] {
      ([nil] + actions).enumerated().map { number, denied in
        User(file: self, denied: denied, number: group.number + 10 * number)
      }
    }

    /// The user for whom the rules count as they are.
    var user: User { users[0] }
  }

  /// A user of the lab.
  struct User: CustomStringConvertible {
    let file: File
    /// The action that the user lacks.
    let denied: String?
    let number: Int

    var description: String { file.group.name + (denied.map { "-without-\($0)" } ?? "") }

    /// Runs a program as this user.
    func run(_ arguments: [String]) throws -> Command.Result {
      try Command.run(
        [
          "/usr/bin/setpriv", "--reuid=\(number)", "--regid=\(file.group.number)", "--clear-groups",
          "/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "LC_ALL=C",
        ] + arguments)
    }
  }

  /// A rule that denies each user the action in its name, and hides the domains whose names begin
  /// with `hidden-` from everybody but root.
  private static let denials = """
    polkit.addRule(function(action, subject) {
      var lacks = /^virtmem-[a-z]+-without-(.*)$/.exec(subject.user);
      if (lacks && lacks[1] == action.id) return polkit.Result.NO;
      if (action.id == "org.libvirt.api.domain.getattr"
          && /^hidden-/.test(action.lookup("domain_name"))) return polkit.Result.NO;
      return polkit.Result.NOT_HANDLED;
    });
    """

  /// The folder with the rules, users and groups for `start-libvirtd`.
  static func folder() throws -> String {
    let folder = Lab.root.appending(path: ".build/lab/polkit")
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func write(_ name: String, _ lines: [String]) throws {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(
        to: folder.appending(path: name))
    }
    let users = File.allCases.flatMap(\.users)
    try write(
      "passwd",
      users.map { "\($0):x:\($0.number):\($0.file.group.number)::/:/usr/sbin/nologin" })
    try write("group", File.allCases.map { "\($0.group.name):x:\($0.group.number):" })
    try write("00-denials.rules", [denials])
    for file in File.allCases {
      try FileManager.default.copyItem(
        at: file.url, to: folder.appending(path: file.url.lastPathComponent))
    }
    return folder.path
  }
}
