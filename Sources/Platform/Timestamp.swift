// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Times as documents write them: UTC, in whole seconds, such as `2026-08-22T09:12:00Z`.
package enum Timestamp {
  /// The current time.
  package static var now: String {
    text(secondsSince1970: Int64(time(nil)))
  }

  /// The time that is `seconds` after the start of 1970, as text.
  package static func text(secondsSince1970 seconds: Int64) -> String {
    let day = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, date) = civilDate(daysSince1970: day.quotient)
    let (hour, minute, second) = (
      day.remainder / 3600, day.remainder / 60 % 60, day.remainder % 60
    )
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(date, 2))T"
      + "\(pad(hour, 2)):\(pad(minute, 2)):\(pad(second, 2))Z"
  }

  /// The seconds from the start of 1970 to the time `text`; nil where `text` is not such a time.
  package static func secondsSince1970(_ text: String) -> Int64? {
    let digits = Array(text.utf8)
    let places = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]
    guard digits.count == 20, places.allSatisfy({ (0x30...0x39).contains(digits[$0]) }) else {
      return nil
    }
    func number(_ places: Range<Int>) -> Int64 {
      digits[places].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    let (month, date) = (number(5..<7), number(8..<10))
    let year = number(0..<4) - (month <= 2 ? 1 : 0)
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1
    let dayOfEra = year % 400 * 365 + year % 400 / 4 - year % 400 / 100 + dayOfYear
    let days = year / 400 * 146_097 + dayOfEra - 719_468
    let seconds =
      days * 86_400 + number(11..<13) * 3600 + number(14..<16) * 60 + number(17..<19)
    // An invalid date or another spelling does not convert back to the same text.
    return self.text(secondsSince1970: seconds) == text ? seconds : nil
  }

  /// The year, month and day in the Gregorian calendar.
  ///
  /// The calculation uses eras of 400 years that start in March, so that leap days come last.
  private static func civilDate(daysSince1970 days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
