// SPDX-License-Identifier: Apache-2.0

/// What the signs and the verdicts in the text of a plan mean, for the help.
enum Legend {
  static let text = """
    Signs:
      +  sets a value             !  blocked by a rule or a policy
      ~  changes a value          …  waits for the next start of the domain
      -  takes a value away       ?  not seen    =  in sync (with -v)

    Verdicts of a domain, the worst of its fields:
      in sync          as declared
      pending restart  the next start brings the value
      to change        apply changes it (drift: not as declared)
      blocked          a rule or a policy forbids the change
      unobserved       virtmem could not read it
      suspended        the manifest suspends the domain or its host
    """
}
