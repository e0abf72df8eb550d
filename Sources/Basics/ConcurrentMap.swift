// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

extension Array where Element: Sendable {
  /// The results of `transform` for each part of 64 elements, in their order, computed on all
  /// processors.
  ///
  /// A fleet has thousands of documents and domains, each read and planned on its own. `transform`
  /// must be pure, because the order of its calls is not defined. An array of at most 64 elements
  /// is one part, because waking other threads would cost more time than it saves.
  package func concurrentParts<Value: Sendable>(
    _ transform: @Sendable (ArraySlice<Element>) -> Value
  ) -> [Value] {
    let values = Mutex([Value]())
    concurrentParts(transform) { value in values.withLock { $0.append(value) } }
    return values.withLock(\.self)
  }

  /// Passes the result of `transform` for each part of `size` elements to `take`, in their order.
  ///
  /// Each result is passed as soon as it and all before it are there. `transform` must be pure,
  /// because the order of its calls is not defined. `take` is called on any thread, but never twice
  /// at once.
  package func concurrentParts<Value: Sendable>(
    of size: Int = 64, _ transform: @Sendable (ArraySlice<Element>) -> Value,
    inOrder take: @Sendable (Value) -> Void
  ) {
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

  /// The results of `transform` for each element, in their order, computed on all processors.
  ///
  /// `transform` must be pure, because the order of its calls is not defined.
  package func concurrentMap<Value: Sendable>(
    _ transform: @Sendable (Element) -> Value
  ) -> [Value] {
    // Each result is made in its place: to put parts together would copy every value.
    unsafe [Value](unsafeUninitializedCapacity: count) { values, initializedCount in
      nonisolated(unsafe) let places = unsafe values
      concurrentParts { part in
        for index in part.indices {
          unsafe places.initializeElement(at: index, to: transform(part[index]))
        }
      } inOrder: { _ in
      }
      initializedCount = count
    }
  }
}

/// Values that arrive in any order and are taken in the order of their numbers.
private struct OrderedQueue<Value: Sendable>: Sendable {
  var waiting: [Int: Value] = [:]
  /// Whether a thread is taking a value; it looks for the next one afterwards.
  var isTaking = false
  private var next = 0

  /// The next value in order; nil where it has not arrived or a thread is taking another one.
  mutating func begin() -> Value? {
    guard !isTaking, let value = waiting.removeValue(forKey: next) else { return nil }
    next += 1
    isTaking = true
    return value
  }
}
