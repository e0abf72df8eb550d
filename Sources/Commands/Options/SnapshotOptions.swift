// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The snapshots that virtmem reads in place of connections.
struct SnapshotOptions: ParsableArguments {
  @Option(
    name: .customLong("observed"),
    help: ArgumentHelp(
      "A snapshot that `virtmem observe` wrote, or - for standard input; repeatable.",
      valueName: "FILE"), completion: .file())
  var files: [String] = []

  var isUsed: Bool { !files.isEmpty }
}
