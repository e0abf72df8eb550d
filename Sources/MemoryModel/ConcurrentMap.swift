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
    let size = 64
    guard count > size else { return [transform(self[...])] }
    let values = Mutex([Int: Value]())
    DispatchQueue.concurrentPerform(iterations: (count + size - 1) / size) { number in
      let value = transform(self[(number * size)..<Swift.min(count, (number + 1) * size)])
      values.withLock { $0[number] = value }
    }
    return values.withLock { parts in parts.sorted { $0.key < $1.key }.map(\.value) }
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
