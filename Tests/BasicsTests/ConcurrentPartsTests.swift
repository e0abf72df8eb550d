// SPDX-License-Identifier: Apache-2.0
import Basics
import Synchronization
import Testing

@Suite struct ConcurrentPartsTests {
  @Test("the parts come in order, and each element once", arguments: [0, 1, 64, 65, 10_000])
  func partsInOrder(count: Int) {
    let numbers = Array(0..<count)
    let taken = Mutex([Int]())
    numbers.concurrentParts(Array.init) { part in taken.withLock { $0 += part } }
    #expect(taken.withLock(\.self) == numbers)
    #expect(numbers.concurrentMap { $0 } == numbers)
  }
}
