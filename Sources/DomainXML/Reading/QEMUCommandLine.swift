// SPDX-License-Identifier: Apache-2.0

/// Finds the QEMU arguments about memory that a user added in `<qemu:commandline>`.
enum CommandLine {
  /// The options that are about memory with any value.
  private static let options: Set<String> = ["m", "numa", "mem-path", "mem-prealloc", "balloon"]

  /// The options that are about memory if their value contains one of these words.
  private static let words: [String: [String]] = [
    "object": ["memory-backend"], "global": devices + ["memory-backend"], "device": devices,
    "set": devices + ["memory-backend"], "machine": machine, "M": machine,
    "overcommit": ["mem-lock"],
  ]

  private static let devices = ["pc-dimm", "nvdimm", "virtio-mem", "virtio-pmem", "virtio-balloon"]
  private static let machine = [
    "memory-backend", "mem-merge", "dump-guest-core", "maxram-size", "ram-size",
  ]

  /// The maximum number of characters that are shown of a value.
  private static let longest = 60

  /// The arguments of `domain` that are about memory, each with its value; nil if there are none.
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
      // `-mem-prealloc` takes no value, so another option may follow it.
      let value = next.hasPrefix("-") || next.isEmpty ? "" : " \(next.prefix(longest))"
      return arguments[index] + value
    }
    return found.isEmpty ? nil : found.joined(separator: ", ")
  }
}
