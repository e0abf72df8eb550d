// SPDX-License-Identifier: Apache-2.0

internal import LibvirtModel
internal import MemoryModel

extension DomainPlanner {
  /// Why a live difference waits for the next start.
  enum Hindrance {
    /// The model refuses the live call, and a start lifts the refusal.
    case refused(Refusal)
    /// The policy forbids the live call.
    case byPolicy
    /// The domain is shut off, and the saved image that its next start resumes has the difference.
    case inSavedImage
  }

  /// The operations of a plan, and the domain after them.
  struct Draft {
    var operations: [Operation] = []
    var state: ObservedDomain
    /// ``state``, normalised.
    var normalised: NormalisedDomain
  }

  /// Why a draft has to start over, and what the planner learns from it.
  enum Setback: Error {
    case blocked(Refusal)
    case heldBack([FieldPath], Hindrance)
    case redefinition([FieldPath])
    case reassertion([FieldPath])

    /// The fields that the setback is about.
    var fields: [FieldPath] {
      switch self {
      case .blocked(let refusal): refusal.fields
      case .heldBack(let fields, _), .redefinition(let fields), .reassertion(let fields): fields
      }
    }
  }
}

extension Operation {
  /// Whether the operation is a call that writes the one definition that its driver has.
  var isPlain: Bool { call?.form == .plain }
}
