// SPDX-License-Identifier: Apache-2.0
import LibvirtModel
import MemoryModel
import TestSupport
import Testing

/// A redefinition that a constraint refuses, and the repair with which libvirt accepts it.
struct Violation: Sendable, CustomTestStringConvertible {
  let rule: Rule
  let blamed: [String]
  let before: ObservedDomain
  let changes: [String: FieldValue]
  /// The changes of the repaired redefinition; nil for one that it omits.
  let repairs: [String: FieldValue?]
  var version: Version

  init(
    _ rule: Rule, _ blamed: [String], since version: (Int, Int) = (12, 5),
    architecture: String? = nil, _ edit: (inout MemoryConfiguration) -> Void = { _ in },
    with changes: [String: FieldValue], repaired repairs: [String: FieldValue?]
  ) {
    self.rule = rule
    self.blamed = blamed.sorted()
    self.version = Version(version.0, version.1, 0)
    var before = domain(edit)
    before.architecture = architecture
    self.before = before
    self.changes = changes
    self.repairs = repairs
  }

  init(
    _ rule: Rule, _ blamed: String..., since version: (Int, Int) = (12, 5),
    _ edit: (inout MemoryConfiguration) -> Void,
    with changes: () -> [String: FieldValue], repaired repairs: () -> [String: FieldValue?]
  ) {
    self.init(
      rule, blamed, since: version, edit, with: changes(), repaired: repairs())
  }

  init(
    _ rule: Rule, _ blamed: String..., changes: () -> [String: FieldValue],
    repaired repairs: () -> [String: FieldValue?]
  ) {
    self.init(rule, blamed, with: changes(), repaired: repairs())
  }

  var testDescription: String { "\(rule.name) of \(blamed.joined(separator: " "))" }

  private var host: ObservedHost {
    ObservedHost(libvirt: version, qemu: Version(8, 2, 0), nodes: NodeSet([0...1]))
  }

  private func refusal(of changes: [String: FieldValue]) -> Refusal? {
    let call = Call(
      .redefine, on: .persistent,
      changes: changes.sorted { $0.key < $1.key }.map {
        Change(field: path($0.key), from: before.persistent?[path($0.key)], to: $0.value)
      })
    do throws(Refusal) {
      _ = try host.result(of: call, on: before)
      return nil
    } catch {
      return error
    }
  }

  /// The refusal of the changes.
  var refusal: Refusal? { refusal(of: changes) }

  func check() {
    let found = refusal
    #expect(found?.rule.name == rule.name, "\(found?.instance ?? "taken")")
    #expect(found?.fields.map(\.description) == blamed)
    var repaired = changes
    for (field, value) in repairs {
      if let value { repaired[field] = value } else { repaired.removeValue(forKey: field) }
    }
    let left = refusal(of: repaired)
    #expect(left == nil, "\(left?.rule.name ?? "") \(left?.fields ?? [])")
  }
}

/// The field called `text`.
func path(_ text: String) -> FieldPath {
  guard let path = FieldPath(text) else { fatalError("no field \(text)") }
  return path
}

/// `count` cells of 8 GiB.
func cells(_ count: UInt32) -> [NUMACell] {
  (0..<count).map { NUMACell(id: $0, memory: .gibibytes(8)) }
}

/// A new cell of 8 GiB.
func cell(_ number: Int) -> [String: FieldValue] { ["numa.cells.\(number).memory": gibibytes(8)] }

func nodes(_ node: UInt32) -> FieldValue { .nodes(NodeSet([node...node])) }

/// A binding to node 0.
func binding(_ mode: NUMAMode) -> NUMABinding {
  var binding = NUMABinding()
  (binding.mode, binding.nodeset, binding.placement) = (mode, NodeSet([0...0]), .static)
  return binding
}
