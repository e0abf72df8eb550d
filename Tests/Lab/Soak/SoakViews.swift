// SPDX-License-Identifier: Apache-2.0
import Documents
import Foundation
import LibvirtModel
import MemoryModel

/// The parts of a plan's document that the soak checks.
struct PlanView {
  struct Domain: Decodable {
    struct Blocker: Decodable {
      var rule: String
      var field: String?
    }
    struct Field: Decodable {
      var path: String
      var verdict: String
    }
    struct Step: Decodable {
      struct Result: Decodable {
        struct Failure: Decodable { var message: String }
        var status: String
        var error: Failure?
      }
      var id: String
      var result: Result?

      var isDone: Bool { ["done", "alreadyDone"].contains(result?.status) }
    }
    var name: String
    var verdict: String
    var blockers: [Blocker]
    var fields: [Field]
    var steps: [Step]

    /// What the plan would change, in one line.
    var text: String {
      let fields = fields.filter { $0.verdict != "inSync" }.map { "\($0.path) \($0.verdict)" }
      let rules = blockers.map { "\($0.field ?? "") \($0.rule)" }
      return "\(verdict): \((fields + rules).joined(separator: ", "))"
    }
  }

  private struct Document: Decodable { var domains: [Domain] }

  /// How the run ended, in one line.
  let how: String
  private let domains: [String: Domain]

  init(_ result: Command.Result) {
    let document = try? JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
    let all = document?.domains ?? []
    domains = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    let output = document == nil ? result.output : ""
    how = "ended with \(result.status): \(result.errors)\(output)".replacing("\n", with: " ")
  }

  subscript(_ name: String) -> Domain? { domains[name] }
}

extension Call {
  /// A manifest that declares for `domain` what the call does.
  func manifest(of domain: String) -> String {
    var configuration = MemoryConfiguration()
    let absent = changes.filter { $0.to == ItemState.absent.fieldValue }.map(\.field)
    for change in changes {
      guard let value = change.to else { continue }
      let isOfAbsent = absent.contains {
        $0.item == change.field.item && $0.name.state == change.field.name.state
      }
      if !isOfAbsent || change.field.name.isState { configuration[change.field] = value }
    }
    return ManifestWriter.text(
      of: ExportedDomain(name: domain, configuration: configuration), origin: "a soak")
  }
}

extension GuestBehaviour {
  /// The constraint that refuses a definition as a whole; nil if the model accepts it.
  func refusal(ofAllOf domain: ObservedDomain) -> Rule? {
    guard let whole = normalised(domain)[.persistent] else { return nil }
    var bare = MemoryConfiguration()
    bare.memory = whole.memory
    bare.surroundings = whole.surroundings
    var before = domain
    before.persistent = bare
    // currentMemory includes the devices, and libvirt limits it. A missing balloon ignores its
    // other settings.
    let ignored: [FieldName] = [.statsPeriod, .autodeflate, .freePageReporting]
    let fields = whole.declaredFields.filter {
      $0 != .currentMemory && whole[$0] != bare[$0]
        && !(whole.memballoon.isRuledOut && ignored.contains($0.name))
    }
    let changes = fields.map { Change(field: $0, from: nil, to: whole[$0]) }
    do throws(Refusal) {
      _ = try result(of: Call(.redefine, on: .persistent, changes: changes), on: before)
      return nil
    } catch {
      return error.rule
    }
  }
}

extension MemoryConfiguration {
  /// Why this machine can't start the definition, independent of libvirt and QEMU.
  func obstacleToStart(hugePages: Int) -> String? {
    // QEMU's own processor has 40 address bits on any host.
    if maxMemory.size ?? .zero > .gibibytes(1000) { return "address space" }
    if memoryBacking.locked == true { return "locked memory" }
    if numatune.memory.placement == .auto { return "numad" }
    let page = MemorySize.mebibytes(2)
    let pages = devices.compactMap(\.pageSize) + (memoryBacking.hugepages?.sizes ?? [])
    if pages.contains(where: { $0 != page }) { return "pages of another size" }
    let isPlain =
      [nil, .absent].contains(memoryBacking.hugepages)
      && devices.allSatisfy {
        $0.pageSize == nil
      }
    let most = MemorySize.mebibytes(2 * UInt64(hugePages))
    return !isPlain && (memory ?? .zero) + deviceTotal > most ? "too few huge pages" : nil
  }
}

extension Hugepages {
  fileprivate var sizes: [MemorySize] {
    if case .pages(let entries) = self { entries.map(\.size) } else { [] }
  }
}

extension String {
  /// The lines of a definition that don't concern memory.
  var withoutAllMemory: [Substring] {
    let names = [
      "memory", "maxMemory", "currentMemory", "memoryBacking", "memtune", "numatune", "numa",
      "memballoon", "vcpu",
    ]
    var end: Substring?
    return split(separator: "\n").filter { line in
      if let closing = end {
        if line.hasPrefix(closing) { end = nil }
        return false
      }
      let indent = line.prefix { $0 == " " }
      let words = line.dropFirst(indent.count)
      let name = words.dropFirst().prefix(while: \.isLetter)
      // A device without a free port gets a new one; <cpu> may exist only for a cell.
      let isPort = words.hasPrefix("<controller type='pci'")
      guard names.contains(String(name)) || isPort else {
        return !["<cpu>", "</cpu>", "<cpu/>"].contains(words)
      }
      if !line.hasSuffix("/>") && !line.contains("</") { end = indent + "</" }
      return false
    }
  }
}
