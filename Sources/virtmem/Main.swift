// SPDX-License-Identifier: Apache-2.0

import Commands

/// The program; the module Commands has all of it.
@main
enum Main {
  static func main() async {
    await runCommandLine()
  }
}
