// SPDX-License-Identifier: Apache-2.0

/// The members of an object, one after the other.
///
/// In a document whose keys are sorted, a reader takes one key after the other.
struct JSONMembers: Sequence, IteratorProtocol {
  private let text: JSONText
  /// The index of the next key.
  private var index: Int
  private let endIndex: Int
  /// The offset after the last member taken.
  private var offset: Int

  /// Makes the members of the object whose token is at `index`.
  init(_ text: JSONText, at index: Int) {
    self.text = text
    self.index = index + 1
    endIndex = Int(text.tokens[index].next)
    offset = Int(text.tokens[index].start) + 1
  }

  /// The next member.
  mutating func next() -> (key: JSONValue, value: JSONValue)? {
    guard index < endIndex else { return nil }
    let (key, value) = (JSONValue(text, at: index), JSONValue(text, at: index + 1))
    index = Int(text.tokens[index + 1].next)
    offset = value.end
    return (key, value)
  }

  /// The value of the next member if its key is `key`, else nil.
  mutating func take(_ key: String) -> JSONValue? {
    guard index < endIndex, text.isString(key, at: index) else { return nil }
    return next()?.value
  }

  /// The value of the next member, whose key must be `key`.
  mutating func require(_ key: String) throws(JSONMistake) -> JSONValue {
    guard let value = take(key) else { throw JSONMistake(.missingMember(key), at: offset) }
    return value
  }

  /// Checks that all members were taken.
  func finish() throws(JSONMistake) {
    guard index == endIndex else { throw JSONMistake(.unknownMember, at: offset) }
  }
}

/// The members of an object that has exactly the keys that a reader asked for, in any order.
struct JSONObject {
  private let keys: [String]
  private let values: [JSONValue]

  /// - Throws: the object's first unknown or second member of a key, or the first key that it lacks.
  init(_ object: JSONValue, _ keys: [String]) throws(JSONMistake) {
    var values = [JSONValue?](repeating: nil, count: keys.count)
    for (key, value) in try object.members() {
      guard let place = keys.firstIndex(where: key.isString) else {
        throw key.mistake(.unknownMember)
      }
      guard values[place] == nil else { throw key.mistake(.duplicateMember(keys[place])) }
      values[place] = value
    }
    if let place = values.firstIndex(where: { $0 == nil }) {
      throw object.mistake(.missingMember(keys[place]))
    }
    self.keys = keys
    self.values = values.compactMap(\.self)
  }

  /// The value of a member; traps for a key that was not asked for.
  subscript(key: String) -> JSONValue {
    guard let place = keys.firstIndex(of: key) else {
      preconditionFailure("no member \(key) was asked for")
    }
    return values[place]
  }
}
