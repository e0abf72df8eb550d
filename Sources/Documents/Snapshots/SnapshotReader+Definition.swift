// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

// Reads definitions; the table of fields lists their possible members.
extension SnapshotCursor {
  static func definition(
    _ cursor: inout SnapshotCursor
  ) throws(SnapshotMistake) -> MemoryConfiguration {
    try cursor.object { (cursor) throws(SnapshotMistake) in
      var definition = MemoryConfiguration()
      for (key, member) in SnapshotMember.ofDefinitions where cursor.takes(key) {
        switch member {
        case .field(let field): field.set(try cursor.value(of: field), in: &definition)
        case .items(let items): try cursor.read(items, into: &definition)
        case .surroundings: definition.surroundings = try cursor.surroundings()
        }
      }
      return definition
    }
  }

  private mutating func recordedLimits() throws(SnapshotMistake) -> MemoryTuning? {
    guard takes("recordedHardLimit") else { return nil }
    let start = offset
    var recorded = MemoryTuning()
    recorded.hardLimit = try limit()
    guard takes("recordedSwapHardLimit") else {
      throw mistake("recordedSwapHardLimit belongs to recordedHardLimit", at: start)
    }
    recorded.swapHardLimit = try limit()
    return recorded
  }

  private mutating func limit() throws(SnapshotMistake) -> Limit {
    isAtNumber
      ? .size(MemorySize(bytes: try integer()))
      : try parsed { $0 == "unlimited" ? .unlimited : nil }
  }

  private mutating func surroundings() throws(SnapshotMistake) -> Surroundings {
    try object { (cursor) throws(SnapshotMistake) in
      var surroundings = Surroundings()
      if cursor.takes("freePCISlots") {
        surroundings.freePCISlots = try Int(cursor.integer(as: UInt16.self))
      }
      surroundings.hasHostDevices = try cursor.flag("hasHostDevices")
      surroundings.lacksACPI = try cursor.flag("lacksACPI")
      surroundings.launchSecurity = try cursor.optionalString("launchSecurity")
      surroundings.machine = try cursor.optionalString("machine")
      surroundings.memoryArguments = try cursor.optionalString("memoryArguments")
      surroundings.placesVCPUsByItself = try cursor.flag("placesVCPUsByItself")
      surroundings.recordedLimits = try cursor.recordedLimits()
      if cursor.takes("sharedMemoryUser") {
        surroundings.sharedMemoryUser = try cursor.parsed { SharedMemoryUser(rawValue: $0) }
      }
      if cursor.takes("vcpus") { surroundings.vcpus = try cursor.integer(as: UInt32.self) }
      return surroundings
    }
  }

  mutating func read(
    _ items: SnapshotItems, into definition: inout MemoryConfiguration
  ) throws(SnapshotMistake) {
    try array { (cursor) throws(SnapshotMistake) in
      let start = cursor.offset
      let values = try cursor.object { (cursor) throws(SnapshotMistake) in
        var values: [(leaf: SnapshotItems.Leaf, value: FieldValue)] = []
        for (key, leaf) in items.leaves where cursor.takes(key) {
          values.append((leaf, try cursor.value(of: leaf)))
        }
        return values
      }
      guard items.add(values, to: &definition) else {
        throw cursor.mistake("this names nothing", at: start)
      }
    }
  }

  private mutating func value(
    of leaf: SnapshotItems.Leaf
  ) throws(SnapshotMistake) -> FieldValue {
    switch leaf {
    case .field(let field): try value(of: field)
    case .number: .count(UInt64(try integer(as: UInt32.self)))
    case .alias: .word(try string())
    case .base: try parsed { Address($0) }.fieldValue
    case .plugged: .size(MemorySize(bytes: try integer()))
    }
  }

  /// A field's value: of all possible meanings, the first that the field can hold.
  private mutating func value(of field: Field) throws(SnapshotMistake) -> FieldValue {
    let start = offset
    let meanings: [FieldValue]
    if isAtNumber {
      let number = try integer()
      meanings = [.size(MemorySize(bytes: number)), .seconds(number), .count(number)]
    } else if isAtString {
      let text = try string()
      let word: [FieldValue] =
        text == "unlimited" ? [.unlimited] : text == "none" ? [.absence] : []
      meanings = word + (NodeSet(text).map { [.nodes($0)] } ?? []) + [.word(text)]
    } else if isAtArray {
      var pages: [Hugepage] = []
      try array { (cursor) throws(SnapshotMistake) in pages.append(try cursor.page()) }
      meanings = [.pages(pages)]
    } else {
      meanings = [.flag(try boolean())]
    }
    guard let value = meanings.first(where: field.takes) else {
      throw mistake(
        "this is no value of \(field.name.text), which takes \(field.kind.words)", at: start)
    }
    return value
  }

  private mutating func page() throws(SnapshotMistake) -> Hugepage {
    try object { (cursor) throws(SnapshotMistake) in
      try cursor.require("nodeset")
      var cells: NodeSet?
      if !cursor.takesNull() { cells = try cursor.parsed { NodeSet($0) } }
      try cursor.require("size")
      return Hugepage(size: MemorySize(bytes: try cursor.integer()), cells: cells)
    }
  }
}
