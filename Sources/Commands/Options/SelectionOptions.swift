// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Basics
import MemoryModel
import Planner
import Report

/// The selection of declared domains.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: .customLong("domain"),
    help: ArgumentHelp(
      "Only domains with this name, such as 'web-*'; repeat it to add more.",
      valueName: "[HOST/]NAME"))
  var domains: [String] = []

  @Option(
    name: [.customShort("l"), .customLong("selector")],
    help: ArgumentHelp(
      "Only domains with these labels, such as app=web,rack!=b; repeat it to narrow more.",
      valueName: "LABEL=VALUE"),
    transform: SelectorArgument.init(argument:))
  var selectors: [SelectorArgument] = []

  @Option(
    help: ArgumentHelp(
      "Only the Hosts of one of N parts, such as 2/4; every Domain then declares its host.",
      valueName: "I/N"),
    transform: ShardArgument.shard)
  var shard: Shard?

  /// Whether the user selects domains.
  var isUsed: Bool { !domains.isEmpty || !selectors.isEmpty }

  var selection: Selection {
    var selection = declared
    selection.shard = shard
    return selection
  }

  /// The selection in all parts of the hosts.
  var declared: Selection {
    Selection(domains: domains, selectors: selectors.map(\.selector))
  }

  /// Whether a pattern of `--domain` names the domain, on whatever host.
  private func isMeant(_ name: String) -> Bool {
    domains.contains { Self.name(in: $0) == name }
  }

  /// The part of a pattern that is about the domain's name.
  private static func name(in pattern: String) -> String {
    pattern.split(separator: "/").last.map(String.init) ?? ""
  }

  /// Why the selection leaves none of the domains of `state`, with the names or labels that are
  /// near.
  func nothingSelected(of state: DesiredState) -> String {
    let count = state.domains.count
    let names = state.domains.map(\.name)
    guard count > 0 else { return "The manifests declare no domain that could be selected." }
    let all = count == 1 ? "the one declared domain" : "all \(count) declared domains"
    if let name = names.first(where: isMeant) {
      return selectors.isEmpty
        ? "'\(name)' is declared, but on none of the hosts that --domain names."
        : "'\(name)' is declared, but -l leaves it out: it has other labels."
    }
    if let meant = Self.question(about: domains, among: names) {
      return "--domain leaves out \(all)\(meant)"
    }
    let labels = Set(
      (state.domains.map(\.labels) + state.hosts.map(\.labels)).flatMap { labels in
        labels.map { "\($0.key)=\($0.value)" }
      })
    if !selectors.isEmpty, !labels.isEmpty {
      let some = labels.sorted().prefix(5).joined(separator: ", ")
      return """
        The selection leaves out \(all). Labels that are declared: \(some).
        """
    }
    let some = names.sorted().prefix(5).joined(separator: ", ")
    return "The selection leaves out \(all): \(some)\(count > 5 ? ", …" : "")."
  }

  /// A question such as `: did you mean 'web-01' or 'web-02'?`; nil if no name is near.
  private static func question(about patterns: [String], among names: [String]) -> String? {
    for pattern in patterns {
      let near = Suggestion.near(to: name(in: pattern), among: names).map { "'\($0)'" }
      if !near.isEmpty { return ": did you mean \(near.joined(separator: " or "))?" }
    }
    return nil
  }

  /// A note for each pattern of `--domain` that matches none of the domains of `state`, while others
  /// do.
  func notes(about state: DesiredState) -> [ShownText] {
    let hosts = state.hosts.isEmpty ? [DesiredHost()] : state.hosts
    let declared = state.domains.flatMap { domain in
      (domain.host.map { [$0] } ?? hosts.map(\.name)).map { (host: $0, name: domain.name) }
    }
    return selection.patterns(missing: declared).map { pattern in
      let meant = Self.question(about: [pattern], among: state.domains.map(\.name)) ?? "."
      return "--domain \(pattern) matches no declared domain\(meant)"
    }
  }
}

/// A label selector on the command line.
struct SelectorArgument {
  let selector: LabelSelector
  /// The selector as the user gave it.
  let text: String

  /// Reads a selector.
  ///
  /// - Throws: A `ValidationError` with the form of selectors.
  init(argument: String) throws {
    guard let selector = LabelSelector(argument) else {
      throw ValidationError("it takes labels as kubectl does, such as app=web,rack!=b")
    }
    self.selector = selector
    text = argument
  }
}
