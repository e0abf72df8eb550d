// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

// Reads definitions; the table of fields lists their possible members.
extension SnapshotReader {
  /// The definition that is a member of a domain.
  static func definition(_ json: JSONValue) throws(JSONMistake) -> MemoryConfiguration {
    var members = try json.members()
    var definition = MemoryConfiguration()
    for (key, member) in SnapshotMember.ofDefinitions {
      guard let json = members.take(key) else { continue }
      switch member {
      case .field(let field): field.set(try value(json, of: field), in: &definition)
      case .items(let items): try read(json, items, into: &definition)
      case .surroundings: definition.surroundings = try surroundings(json)
      }
    }
    try members.finish()
    return definition
  }

  private static func surroundings(_ json: JSONValue) throws(JSONMistake) -> Surroundings {
    var members = try json.members()
    var surroundings = Surroundings()
    let slots: UInt16? = try members.take("freePCISlots")?.integer()
    surroundings.freePCISlots = slots.map(Int.init)
    surroundings.lacksACPI = try flag(members.take("lacksACPI"))
    surroundings.launchSecurity = try members.take("launchSecurity")?.string()
    surroundings.machine = try members.take("machine")?.string()
    surroundings.memoryArguments = try members.take("memoryArguments")?.string()
    surroundings.pinnings = try members.take("pinnings")?.integer() ?? 0
    surroundings.placesVCPUsByItself = try flag(members.take("placesVCPUsByItself"))
    surroundings.recordedLimits = try recordedLimits(&members)
    surroundings.sharedMemoryUser = try members.take("sharedMemoryUser")?.word()
    surroundings.vcpus = try members.take("vcpus")?.integer()
    try members.finish()
    return surroundings
  }

  private static func recordedLimits(
    _ members: inout JSONMembers
  ) throws(JSONMistake) -> MemoryTuning? {
    guard let hardLimit = members.take("recordedHardLimit") else { return nil }
    guard let swapHardLimit = members.take("recordedSwapHardLimit") else {
      throw hardLimit.invalid("recordedSwapHardLimit belongs to recordedHardLimit")
    }
    var recorded = MemoryTuning()
    recorded.hardLimit = try limit(hardLimit)
    recorded.swapHardLimit = try limit(swapHardLimit)
    return recorded
  }

  private static func limit(_ json: JSONValue) throws(JSONMistake) -> Limit {
    json.kind == .number
      ? .size(try json.size()) : try json.parsed { $0 == "unlimited" ? .unlimited : nil }
  }

  private static func read(
    _ json: JSONValue, _ items: SnapshotItems, into definition: inout MemoryConfiguration
  ) throws(JSONMistake) {
    for item in try json.someElements() {
      var members = try item.members()
      var values: [(leaf: SnapshotItems.Leaf, value: FieldValue)] = []
      for (key, leaf) in items.leaves {
        guard let json = members.take(key) else { continue }
        values.append((leaf, try value(json, of: leaf)))
      }
      try members.finish()
      guard items.add(values, to: &definition) else { throw item.invalid("this names nothing") }
    }
  }

  private static func value(
    _ json: JSONValue, of leaf: SnapshotItems.Leaf
  ) throws(JSONMistake) -> FieldValue {
    switch leaf {
    case .field(let field): return try value(json, of: field)
    case .number:
      let number: UInt32 = try json.integer()
      return .count(UInt64(number))
    case .alias: return .word(try json.string())
    case .base: return try json.parsed { Address($0) }.fieldValue
    case .plugged: return .size(try json.size())
    }
  }

  /// An observed value, which is never a range.
  private static func value(
    _ json: JSONValue, of field: Field
  ) throws(JSONMistake) -> FieldValue {
    let value = try json.value(of: field)
    if case .sizeRange = value { throw json.invalid("an observed value is no range") }
    return value
  }
}
