// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Planner

/// A shard on the command line.
enum ShardArgument {
  /// Reads `I/N`.
  ///
  /// - Throws: A `ValidationError` with the form of shards.
  static func shard(_ argument: String) throws -> Shard {
    guard let shard = Shard(argument) else {
      throw ValidationError(
        """
        it takes the number of a part and the number of parts, such as 1/4: both are whole \
        numbers, from 1/1 to \(Shard.maximumCount)/\(Shard.maximumCount)
        """)
    }
    return shard
  }
}
