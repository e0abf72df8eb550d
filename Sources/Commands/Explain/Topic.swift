// SPDX-License-Identifier: Apache-2.0

/// A word that `explain` knows beside the fields and the rules.
struct Topic: Sendable {
  /// What a topic is about.
  enum Group: String, CaseIterable, Sendable {
    case kinds = "Kinds of manifests"
    case settings = "Settings of Hosts, Profiles and Domains"
    case verdicts = "Verdicts of fields and domains"
    case results = "Results of steps and domains"
    case statuses = "Exit statuses"
    case reports = "Words of plans and reports"
    case words = "Words of libvirt and QEMU"
  }

  /// The word, as texts and documents have it.
  let name: String
  /// What the topic is about.
  let group: Group
  /// The meaning, in one sentence.
  let summary: String
  /// More to know, in whole sentences; empty where the summary says all.
  let detail: String
  /// libvirt's element and call or virsh's command, where the word has one.
  let libvirt: String
  /// An example in YAML; empty without one.
  let example: String
  /// The command to type next; empty where that of ``field`` serves.
  let next: String
  /// Other words for the same.
  let synonyms: [String]
  /// The field to explain too; nil without one.
  let field: String?

  init(
    _ name: String, _ group: Group, _ summary: String, detail: String = "", libvirt: String = "",
    example: String = "", next: String = "", synonyms: [String] = [], field: String? = nil
  ) {
    self.name = name
    self.group = group
    self.summary = summary
    self.detail = detail
    self.libvirt = libvirt
    self.example = example
    self.next = next
    self.synonyms = synonyms
    self.field = field
  }

  /// All topics, in the order in which `explain` lists them.
  static let all = kinds + settings + verdicts + results + statuses + reports + words + devices

  /// The topic that `word` names, if need be in another case and without `_` and `-`.
  static func named(_ word: String) -> Topic? {
    let letters = normalized(word)
    return all.first { $0.name == word }
      ?? all.first { topic in
        ([topic.name] + topic.synonyms).contains { normalized($0) == letters }
      }
  }

  private static func normalized(_ word: String) -> String {
    let letters = word.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    return letters.isEmpty ? word : letters
  }
}
