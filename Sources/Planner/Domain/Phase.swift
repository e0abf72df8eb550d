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

  /// The phase of an operation.
  ///
  /// A pair of limits goes by the first limit that changes, hardLimit before swapHardLimit.
  init(of operation: Operation) {
    self =
      switch operation {
      case .call(let call): Phase(of: call)
      case .wait: .waits
      }
  }

  private init(of call: Call) {
    let falls = call.takesMemory
    self =
      switch call.action {
      case .setMemoryStatsPeriod: .settings
      case .setNumaParameters: .bindings
      case .attachDevice: .devicesIn
      case .detachDevice: .devicesOut
      case .updateDevice: falls ? .sizesDown : .sizesUp
      case .setMemoryParameters: falls ? .limitsDown : .limitsUp
      case .setMaxMemory: falls ? .ceilingsDown : .ceilingsUp
      case .setMemory: falls ? .sizesDown : .sizesUp
      case .redefine: .redefinition
      }
  }
}

extension Operation {
  /// How the operation disrupts a running guest.
  var disruption: Disruption {
    switch self {
    case .call(let call):
      call.plane == .live ? call.action.liveDisruption(takesMemory: call.takesMemory) : .none
    case .wait: .none
    }
  }
}

extension Call {
  /// Whether the first value that the call changes gets smaller.
  fileprivate var takesMemory: Bool { changes.first(where: \.changesValue)?.takesMemory ?? false }
}
