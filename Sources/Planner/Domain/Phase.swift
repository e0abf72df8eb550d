// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// The order of steps within a domain: what makes room comes before what needs it, and what takes
/// room away comes after what has left it.
enum Phase: Int, Comparable {
  /// What is felt by nobody and may help later steps, such as statistics.
  case settings
  case limitsUp
  case ceilingsUp
  case bindings
  case devicesIn
  case sizesUp
  case sizesDown
  case devicesOut
  case ceilingsDown
  case limitsDown
  /// What was asked for before and only has to be waited for.
  case waits
  /// A redefinition carries all that is persistent, and so is a domain's last step.
  case redefinition

  static func < (left: Phase, right: Phase) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The phase of a call; a pair of limits goes by the first that moves, hardLimit before its swap.
  init(of call: Call) {
    let falls = call.changes.first { $0.from != $0.to }?.takesMemory ?? false
    self =
      switch call.action {
      case .setMemoryStatsPeriod: .settings
      case .setNumaParameters: .bindings
      case .attachDevice: .devicesIn
      case .detachDevice: .devicesOut
      case .updateDevice: falls ? .sizesDown : .sizesUp
      case .wait: .waits
      case .setMemoryParameters: falls ? .limitsDown : .limitsUp
      case .setMaxMemory: falls ? .ceilingsDown : .ceilingsUp
      case .setMemory: falls ? .sizesDown : .sizesUp
      case .redefine: .redefinition
      }
  }
}

extension Call {
  /// What the call does to a guest that runs.
  var disruption: Disruption {
    guard plane == .live else { return .none }
    switch action {
    case .setMemory, .setNumaParameters, .attachDevice, .detachDevice, .updateDevice: return .live
    case .setMemoryParameters: return Phase(of: self) == .limitsDown ? .live : .none
    case .setMemoryStatsPeriod, .wait: return .none
    case .setMaxMemory, .redefine: return .restart
    }
  }
}
