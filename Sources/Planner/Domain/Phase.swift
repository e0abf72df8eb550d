// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

/// The order of a domain's steps.
///
/// A step that makes room comes before steps that need it. A step that takes room away comes after
/// steps that free it.
enum Phase: Int, Comparable {
  /// Settings that the guest does not notice and that may help later steps, such as statistics.
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
  /// Requests that were made before and only have to be waited for.
  case waits
  /// The redefinition, which carries all persistent changes and so is a domain's last step.
  case redefinition

  static func < (left: Phase, right: Phase) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The phase of a call.
  ///
  /// A pair of limits goes by the first limit that changes, hardLimit before swapHardLimit.
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
  /// How the call disrupts a running guest.
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
