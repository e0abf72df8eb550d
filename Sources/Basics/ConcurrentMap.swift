// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

extension Array where Element: Sendable {
  /// What `transform` makes of every 64 elements, in their order, on all processors.
  ///
  /// Fleets have thousands of documents and domains, each read and planned by itself. `transform`
  /// must be pure: nothing is promised of when it is called. Fewer elements than that are one part,
  /// for waking other threads costs more than they save.
  package func concurrentParts<Value: Sendable>(
    _ transform: @Sendable (ArraySlice<Element>) -> Value
  ) -> [Value] {
    let values = Mutex([Value]())
    concurrentParts(transform) { value in values.withLock { $0.append(value) } }
    return values.withLock(\.self)
  }

  /// Gives `take` what `transform` makes of every 64 elements, in their order, as soon as that is there.
  ///
  /// `transform` must be pure: nothing is promised of when it is called. `take` is called on any
  /// thread, and never while it is at work.
  package func concurrentParts<Value: Sendable>(
    _ transform: @Sendable (ArraySlice<Element>) -> Value, inOrder take: @Sendable (Value) -> Void
  ) {
    let size = 64
    guard count > size else { return take(transform(self[...])) }
    let queue = Mutex(OrderedQueue<Value>())
    DispatchQueue.concurrentPerform(iterations: (count + size - 1) / size) { number in
      let value = transform(self[(number * size)..<Swift.min(count, (number + 1) * size)])
      queue.withLock { $0.waiting[number] = value }
      while let value = queue.withLock({ $0.begin() }) {
        take(value)
        queue.withLock { $0.isTaking = false }
      }
    }
  }

  /// What `transform` makes of each element, in their order, on all processors.
  ///
  /// `transform` must be pure: nothing is promised of when it is called.
  package func concurrentMap<Value: Sendable>(
    _ transform: @Sendable (Element) -> Value
  ) -> [Value] {
    concurrentParts { $0.map(transform) }.flatMap(\.self)
  }
}

/// Values that come in any order and are taken in one.
private struct OrderedQueue<Value: Sendable>: Sendable {
  var waiting: [Int: Value] = [:]
  /// Whether somebody is taking one, and will look for the next.
  var isTaking = false
  private var next = 0

  /// The value whose turn it is; nil where it is not there, or somebody is taking one.
  mutating func begin() -> Value? {
    guard !isTaking, let value = waiting.removeValue(forKey: next) else { return nil }
    next += 1
    isTaking = true
    return value
  }
}
