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
  case sizesUp
  case sizesDown
  case ceilingsDown
  case limitsDown
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
    case .setMemory: return .live
    case .setMemoryParameters: return Phase(of: self) == .limitsDown ? .live : .none
    case .setMemoryStatsPeriod: return .none
    case .setMaxMemory, .redefine: return .restart
    }
  }
}
