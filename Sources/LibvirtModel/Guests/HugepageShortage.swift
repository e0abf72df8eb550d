// SPDX-License-Identifier: Apache-2.0

package import MemoryModel

/// Huge pages that guests ask for and their host does not have.
package struct HugepageShortage: Hashable, Sendable {
  /// That libvirt does not tell which size `<hugepages/>` means.
  package struct UnknownDefault: Hashable, Sendable {
    /// The other sizes of which there are enough pages.
    package let enough: [MemorySize]
  }

  /// The size of a page.
  package let size: MemorySize
  /// The host nodes that the pages must come from.
  package let group: NodeSet
  /// All nodes of the host.
  package let host: [HostNode]
  /// The number of pages that are asked for.
  package let asked: UInt64
  /// The number of pages that there are: those of the pools, or those that are free.
  package let there: UInt64
  /// The number of these pages that live steps of the plan take.
  package let taken: UInt64
  /// The number of pages that the stops of the guests that ask give back.
  package let returned: UInt64
  /// The fields that decide about the pages.
  package let fields: [FieldPath]
  /// Set where the shortage depends on the default size, which is unknown.
  package var unknownDefault: UnknownDefault?

  /// Makes a shortage on the nodes `group` of the host with the nodes `host`.
  package init(
    size: MemorySize, on group: NodeSet, of host: [HostNode], asked: UInt64, there: UInt64,
    taken: UInt64 = 0, returned: UInt64 = 0, fields: [FieldPath] = []
  ) {
    self.size = size
    self.group = group
    self.host = host
    self.asked = asked
    self.there = there
    self.taken = taken
    self.returned = returned
    self.fields = fields
  }

  /// Whether there is a shortage whichever size the default is.
  package var isCertain: Bool { unknownDefault?.enough.isEmpty ?? true }

  /// The number of pages that are missing.
  package var missing: UInt64 {
    let found = there - min(there, taken) + returned
    return asked - min(asked, found)
  }

  /// The first of `changed` that decides about the pages, or that contains such a field.
  package func field(in changed: [FieldPath]) -> FieldPath? { fields.first(of: changed) }

  // MARK: - Words

  /// The figures of a shortage of free pages, in a sentence that begins with `subject`.
  package func detail(
    _ subject: String = "The start needs", together: String = "",
    stop: String = "the guest's own stop gives back"
  ) -> String {
    let taking = taken > 0 ? ", of which live steps of this plan take \(taken)" : ""
    let own = returned > 0 ? ", and \(stop) \(returned)" : ""
    let free = "\(there) \(there == 1 ? "is" : "are") free"
    return "\(subject) \(pages)\(isOfWholeHost ? "" : " on \(place)")\(together); "
      + "\(free)\(taking)\(own)\(others)."
  }

  /// The figures, such as `the start needs 600 pages of 2 MiB on node 1, which has 512`.
  package var instance: String {
    let need = "the start needs \(pages)"
    return isOfWholeHost
      ? "\(need), and the host has \(there)\(others)"
      : "\(need) on \(place), which \(group.count == 1 ? "has" : "have") \(there)\(others)"
  }

  private var isOfWholeHost: Bool { group == host.numbers }

  private var pages: String { "\(asked) \(asked == 1 ? "page" : "pages") of \(size)" }

  private var place: String { group.count == 1 ? "node \(group)" : "the nodes \(group)" }

  /// What is known of the other sizes, where the size is only one that the default may be.
  private var others: String {
    guard let enough = unknownDefault?.enough else { return "" }
    return enough.isEmpty
      ? ", and there are too few of every other size that the default may be"
      : """
      ; libvirt does not tell whether `<hugepages/>` means these pages or those of \
      \(enough.map(\.description).joined(separator: " or ")), of which there are enough
      """
  }

  // MARK: - Remedies

  /// What reserves the pages that are missing from the pools; nil if the host has no such pools.
  package var remedy: String? {
    switch reservation {
    case nil: nil
    case .commands(let commands)?:
      """
      \(declaring)Reserve the pages on the host\(condition): \(commands). Or let the guest need \
      fewer pages, or bind it to other nodes.
      """
    case .noRoom?:
      """
      \(declaring)Let the guest need fewer pages\(elsewhere): \(holder) no memory for so many \
      pages.
      """
    }
  }

  /// What frees the pages or adds those that are missing; nil if the host has no such pools.
  package var remedyOfFree: String? {
    guard let reservation else { return nil }
    let stop = "\(declaring)Stop another guest that holds such pages"
    let look = "`virsh freepages --all` shows what is free."
    return switch reservation {
    case .commands(let commands): "\(stop). Or reserve more\(condition): \(commands). \(look)"
    case .noRoom: "\(stop): \(holder) no memory for more pages. \(look)"
    }
  }

  private var declaring: String {
    guard let other = unknownDefault?.enough.first else { return "" }
    return """
      Declare the default size in the Host, such as `facts: {hugepageSize: \
      \(other.manifestText)}`; /proc/meminfo on the host has it as Hugepagesize.
      """ + " "
  }

  /// The default size for which the pages are needed, if it is unknown.
  private var condition: String { isCertain ? "" : ", if it is \(size)" }

  /// The other way where the pages must come from some nodes.
  private var elsewhere: String { isOfWholeHost ? "" : ", or bind it to other nodes" }

  /// What has no memory for pages, with the verb.
  private var holder: String {
    isOfWholeHost ? "the host has" : "\(place) \(group.count == 1 ? "has" : "have")"
  }

  /// How the missing pages can be reserved.
  private enum Reservation {
    case commands(String)
    case noRoom
  }

  /// How the missing pages can be reserved; nil without pools.
  private var reservation: Reservation? {
    let nodes = host.filter { group.contains($0.number) }.compactMap { node in
      node.pools.first { $0.size == size }.map { (node: node, pool: $0.total) }
    }
    guard !nodes.isEmpty else { return nil }
    var missing = missing
    var totals: [UInt32: UInt64] = [:]
    for (node, pool) in nodes.sorted(by: Self.comesBefore) where missing > 0 {
      let added = min(missing, node.roomForPages.map { $0.bytes / size.bytes } ?? missing)
      guard added > 0 else { continue }
      totals[node.number] = pool + added
      missing -= added
    }
    guard missing == 0 else { return .noRoom }
    let commands = totals.sorted { $0.key < $1.key }.map { node, total in
      """
      `virsh allocpages --pagesize \(size.kibibytesRoundedUp) --pagecount \(total) --cellno \
      \(node)`
      """
    }
    return .commands(commands.joined(separator: ", ") + atBoot(totals))
  }

  /// Whether pages are added to one node rather than to the other: it has more room, or more pages.
  private static func comesBefore(
    _ left: (node: HostNode, pool: UInt64), _ right: (node: HostNode, pool: UInt64)
  ) -> Bool {
    let (room, other) = (left.node.roomForPages, right.node.roomForPages)
    if let room, let other, room != other { return room > other }
    if left.pool != right.pool { return left.pool > right.pool }
    return left.node.number < right.node.number
  }

  /// The kernel's parameters for pages that a running kernel hardly finds.
  private func atBoot(_ totals: [UInt32: UInt64]) -> String {
    guard size >= .gibibytes(1) else { return "" }
    let all = host.compactMap { node in
      (totals[node.number] ?? node.pools.first { $0.size == size }?.total)
        .map { (node: node.number, count: $0) }
    }.filter { $0.count > 0 }
    let count =
      isOfWholeHost
      ? "\(all.map(\.count).reduce(0, +))"
      : all.map { "\($0.node):\($0.count)" }.joined(separator: ",")
    return """
      , or, if the running kernel finds no room for them, `hugepagesz=\(size.bytes >> 30)G \
      hugepages=\(count)` on its command line
      """
  }
}

extension HostNode {
  /// The node's memory that is not in its pools; nil if it is unknown.
  fileprivate var roomForPages: MemorySize? { total.map { $0 - pools.map(\.memory).total } }
}

extension [FieldPath] {
  /// The first of `changed` that is one of these fields or a group that contains one.
  package func first(of changed: [FieldPath]) -> FieldPath? {
    lazy.compactMap { field in changed.first { $0 == field || field.isBelow($0) } }.first
  }
}
