// SPDX-License-Identifier: Apache-2.0

/// The name of a field: its path below `spec`, such as `memtune.hardLimit`.
public struct FieldPath: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The path as manifests and documents spell it.
  public let description: String

  /// Makes a path of its text.
  public init(_ text: String) {
    description = text
  }

  /// Paths in the order of their text.
  public static func < (left: FieldPath, right: FieldPath) -> Bool {
    left.description < right.description
  }

  /// The ceiling as a whole, which `none` takes away.
  public static let maxMemory = FieldPath("maxMemory")
  /// The most memory of boot RAM and devices.
  public static let maxMemorySize = FieldPath("maxMemory.size")
  /// The number of DIMM slots.
  public static let maxMemorySlots = FieldPath("maxMemory.slots")
  /// RAM at boot.
  public static let memory = FieldPath("memory")
  /// The balloon's figure.
  public static let currentMemory = FieldPath("currentMemory")
  /// The most host memory.
  public static let hardLimit = FieldPath("memtune.hardLimit")
  /// The memory to fall back to under pressure.
  public static let softLimit = FieldPath("memtune.softLimit")
  /// The most memory plus swap, or swap.
  public static let swapHardLimit = FieldPath("memtune.swapHardLimit")
  /// The guaranteed memory.
  public static let minGuarantee = FieldPath("memtune.minGuarantee")
  /// How often the guest reports.
  public static let statsPeriod = FieldPath("memballoon.statsPeriod")
}

/// A row of the table of fields: all that reader, diff, documents and `explain` know of one.
public final class Field: Sendable {
  /// The field's name.
  public let path: FieldPath
  /// How its values are spelled.
  public let kind: FieldKind
  /// The libvirt XML behind it.
  public let element: String
  /// The libvirt calls that change it, or how else it changes.
  public let calls: String
  /// When a change is felt.
  public let takesEffect: String
  /// What the field is, in one sentence.
  public let summary: String
  /// What it means where the field is left out of the definition; nil where that means nothing.
  public let valueOfAbsence: FieldValue?
  private let holds: @Sendable (FieldValue) -> Bool
  private let read: @Sendable (MemoryConfiguration) -> FieldValue?
  private let write: @Sendable (inout MemoryConfiguration, FieldValue?) -> Void

  init<Leaf: FieldLeaf>(
    _ path: FieldPath, _ leaf: any WritableKeyPath<MemoryConfiguration, Leaf?> & Sendable,
    element: String, calls: String, takesEffect: String, summary: String,
    valueOfAbsence: FieldValue? = nil
  ) {
    self.path = path
    self.kind = Leaf.kind
    self.element = element
    self.calls = calls
    self.takesEffect = takesEffect
    self.summary = summary
    self.valueOfAbsence = valueOfAbsence
    holds = { Leaf($0) != nil }
    read = { $0[keyPath: leaf]?.fieldValue }
    write = { $0[keyPath: leaf] = $1.flatMap(Leaf.init) }
  }

  /// Whether the field can hold `value`.
  public func takes(_ value: FieldValue) -> Bool {
    holds(value)
  }

  /// The field's value in `configuration`; nil where it is not managed or not there.
  public func value(in configuration: MemoryConfiguration) -> FieldValue? {
    read(configuration)
  }

  /// Puts `value` into `configuration`; nil takes the field out.
  public func set(_ value: FieldValue?, in configuration: inout MemoryConfiguration) {
    write(&configuration, value)
  }

  /// Every field that can be declared, in the order in which plans list them.
  public static let all: [Field] = [
    Field(
      .maxMemory, \.maxMemory.removal,
      element: "<maxMemory>", calls: "virDomainDefineXMLFlags, persistent only",
      takesEffect: "at the next start",
      summary: "The ceiling as a whole, which `none` takes away."),
    Field(
      .maxMemorySize, \.maxMemory.size,
      element: "<maxMemory>", calls: "virDomainDefineXMLFlags, persistent only",
      takesEffect: "at the next start",
      summary: "The ceiling for RAM at boot plus the full sizes of all memory devices."),
    Field(
      .maxMemorySlots, \.maxMemory.slots,
      element: "<maxMemory slots>", calls: "virDomainDefineXMLFlags, persistent only",
      takesEffect: "at the next start",
      summary: "How many slots there are for DIMMs; optional since libvirt 9.5."),
    Field(
      .memory, \.memory,
      element: "<memory> less all memory devices; with NUMA cells, the sum of <cell memory>",
      calls: "virDomainSetMemoryFlags(MAXIMUM), persistent only; with a NUMA cell a redefinition",
      takesEffect: "at the next start",
      summary: "RAM at boot, memory devices not counted."),
    Field(
      .currentMemory, \.currentMemory,
      element: "<currentMemory> (live: less what virtio-mem devices have plugged)",
      calls: "virDomainSetMemoryFlags, live and persistent",
      takesEffect: "live, as the guest's balloon driver follows; persistent, at the next start",
      summary: "The balloon's figure: what the guest has of its RAM and DIMMs, or a range for it."),
    Field(
      .hardLimit, \.memtune.hardLimit,
      element: "<memtune><hard_limit>",
      calls: "virDomainSetMemoryParameters(hard_limit), live and persistent",
      takesEffect: "at once; persistent, at the next start",
      summary: "The most host memory that the domain, QEMU's own included, may use.",
      valueOfAbsence: .unlimited),
    Field(
      .softLimit, \.memtune.softLimit,
      element: "<memtune><soft_limit>",
      calls: "virDomainSetMemoryParameters(soft_limit), live and persistent",
      takesEffect: "at once; persistent, at the next start",
      summary:
        "The memory the domain is pushed back to under pressure; with cgroup v2 it throttles.",
      valueOfAbsence: .unlimited),
    Field(
      .swapHardLimit, \.memtune.swapHardLimit,
      element: "<memtune><swap_hard_limit>",
      calls: "virDomainSetMemoryParameters(swap_hard_limit), live and persistent",
      takesEffect: "at once; persistent, at the next start",
      summary: "The most memory plus swap (cgroup v1), or the most swap (cgroup v2).",
      valueOfAbsence: .unlimited),
    Field(
      .minGuarantee, \.memtune.minGuarantee,
      element: "<memtune><min_guarantee>",
      calls: "virDomainSetMemoryParameters(min_guarantee), on ESX only",
      takesEffect: "as ESX decides",
      summary: "The memory that is guaranteed to the guest; only ESX has it."),
    Field(
      .statsPeriod, \.memballoon.statsPeriod,
      element: "<memballoon><stats period>",
      calls: "virDomainSetMemoryStatsPeriod, live and persistent",
      takesEffect: "at once; persistent, at the next start",
      summary: "How often the guest reports its memory statistics; 0s turns them off.",
      valueOfAbsence: .seconds(0)),
  ]

  /// The fields that mean something where a definition leaves them out.
  public static let withValueOfAbsence = all.filter { $0.valueOfAbsence != nil }

  private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })

  /// The row of the field named `path`; nil where there is none.
  public static func named(_ path: FieldPath) -> Field? {
    byPath[path]
  }

  /// Fields of the manifest that this version knows by name and can't manage yet.
  public static let notYetSupported: [FieldPath] = [
    "dumpCore", "memoryBacking", "numatune", "numa", "devices", "memballoon.model",
    "memballoon.autodeflate", "memballoon.freePageReporting",
  ].map(FieldPath.init)
}

extension MemoryConfiguration {
  /// The value of the field named `path`; nil where it is not managed, not there or not known.
  public subscript(_ path: FieldPath) -> FieldValue? {
    get { Field.named(path)?.value(in: self) }
    set { Field.named(path)?.set(newValue, in: &self) }
  }
}
