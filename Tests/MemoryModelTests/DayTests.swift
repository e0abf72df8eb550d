// SPDX-License-Identifier: Apache-2.0

import MemoryModel
import Testing

@Suite struct DayTests {
  @Test(
    "a day is one that the calendar has",
    arguments: ["2026-12-31", "2026-01-01", "2028-02-29", "2000-02-29", "2026-04-30"])
  func days(text: String) {
    #expect(Day(text)?.description == text)
  }

  @Test(
    "what the calendar lacks, or what is spelled otherwise, is no day",
    arguments: [
      "", "2026", "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10",
      "2026-12-00", "2026-12-32", "2026-1-1", "26-12-31", "2026/12/31", "2026-12-31 ",
      "2026-12-31T00:00:00Z", "+026-12-31", "2026-12--1", "٢٠٢٦-12-31",
    ])
  func others(text: String) {
    #expect(Day(text) == nil)
  }

  @Test("days are in the order of the calendar")
  func order() throws {
    let days = ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01", "2026-10-09"]
    let read = try days.map { try #require(Day($0)) }
    #expect(read.reversed().sorted() == read)
  }
}
