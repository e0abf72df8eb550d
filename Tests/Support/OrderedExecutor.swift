// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

/// Runs tasks one job at a time, in the order in which they can go on.
///
/// So what several domains print at the same time comes in the same order in each run.
package final class OrderedExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "virtmem.tests.ordered")

  package init() {}

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
