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

  /// The phase of an operation; a pair of limits goes by the first that moves, hardLimit before
  /// swapHardLimit.
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
  /// What the operation does to a guest that runs.
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
  fileprivate var takesMemory: Bool { changes.first(where: \.moves)?.takesMemory ?? false }
}
