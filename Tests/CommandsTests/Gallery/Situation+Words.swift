// SPDX-License-Identifier: Apache-2.0

/// What virtmem says of its own words: help and `explain`.
extension Situation {
  static let words = [
    Situation("help") { stage in
      await stage.run("--help")
    },
    Situation("help-plan") { stage in
      await stage.run("plan --help")
    },
    Situation("help-apply") { stage in
      await stage.run("apply --help")
    },
    Situation("explain-a-field") { stage in
      await stage.run("explain currentMemory")
      await stage.run("explain devices.elastic0.requested")
    },
    Situation("explain-a-rule") { stage in
      await stage.run("explain current-memory-above-reach")
      await stage.run("explain guest-did-not-follow")
    },
    Situation("explain-a-word-of-libvirt") { stage in
      await stage.run("explain hard_limit")
      await stage.run("explain virtio-mem")
      await stage.run("explain setmem")
    },
    Situation("explain-a-result") { stage in
      await stage.run("explain blocked")
      await stage.run("explain stale")
      await stage.run("explain 3")
    },
    Situation("explain-an-unknown-word") { stage in
      await stage.run("explain model")
      await stage.run("explain shrink-w")
      await stage.run("explain curentMemory")
      await stage.run("explain xyzzy")
    },
  ]
}
