// SPDX-License-Identifier: Apache-2.0

import Basics
import Testing

@Suite struct SuggestionTests {
  @Test(
    "names of one stem or one last part come first, then those that are spelled alike",
    arguments: [
      ("web-99", ["db-99", "web-01", "web-90"], ["web-90", "web-01"]),
      ("wbe-01", ["db-01", "web-01", "web-02"], ["web-01"]),
      ("web", ["web-02", "web-01", "wub"], ["web-01", "web-02", "wub"]),
      ("hv01.mail", ["mail", "db"], ["mail"]), ("mail*", ["web-01"], []),
      ("a", ["b", "c"], []), ("web", ["web"], []),
    ])
  func near(word: String, names: [String], near: [String]) {
    #expect(Suggestion.near(to: word, among: names) == near)
  }

  @Test("there are at most three")
  func few() {
    #expect(Suggestion.near(to: "web-0", among: (1...9).map { "web-\($0)" }).count == 3)
  }
}
