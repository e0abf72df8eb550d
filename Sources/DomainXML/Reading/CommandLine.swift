// SPDX-License-Identifier: Apache-2.0

/// What `<qemu:commandline>` gives QEMU by hand.
enum CommandLine {
  /// The options that are about memory whatever follows them.
  private static let options: Set<String> = ["m", "numa", "mem-path", "mem-prealloc", "balloon"]

  /// The options that are about memory where one of these words follows.
  private static let words: [String: [String]] = [
    "object": ["memory-backend"], "global": devices + ["memory-backend"], "device": devices,
    "set": devices + ["memory-backend"], "machine": machine, "M": machine,
    "overcommit": ["mem-lock"],
  ]

  private static let devices = ["pc-dimm", "nvdimm", "virtio-mem", "virtio-pmem", "virtio-balloon"]
  private static let machine = [
    "memory-backend", "mem-merge", "dump-guest-core", "maxram-size", "ram-size",
  ]

  /// How much of an argument is told.
  private static let longest = 60

  /// The arguments of `domain` that are about memory, each with its value; nil where none is.
  static func memoryArguments(of domain: XMLElement) -> String? {
    let arguments = domain.childrenOfQEMU("commandline").flatMap { commandLine in
      commandLine.childrenOfQEMU("arg").map { $0.attribute("value") ?? "" }
    }
    let found = arguments.indices.compactMap { index -> String? in
      guard arguments[index].hasPrefix("-") else { return nil }
      let name = String(arguments[index].drop { $0 == "-" })
      let next = index + 1 < arguments.count ? arguments[index + 1] : ""
      let isMeant =
        options.contains(name) || words[name]?.contains(where: next.contains) ?? false
      guard isMeant else { return nil }
      // `-mem-prealloc` takes no value.
      let value = next.hasPrefix("-") || next.isEmpty ? "" : " \(next.prefix(longest))"
      return arguments[index] + value
    }
    return found.isEmpty ? nil : found.joined(separator: ", ")
  }
}
