// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Points in time as documents write them: UTC, to the second, `2026-08-22T09:12:00Z`.
package enum Timestamp {
  /// The present moment.
  package static var now: String {
    text(secondsSince1970: Int64(time(nil)))
  }

  /// The moment so many seconds after the beginning of 1970.
  package static func text(secondsSince1970 seconds: Int64) -> String {
    let day = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, date) = civilDate(daysSince1970: day.quotient)
    let (hour, minute, second) = (
      day.remainder / 3600, day.remainder / 60 % 60, day.remainder % 60
    )
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(date, 2))T"
      + "\(pad(hour, 2)):\(pad(minute, 2)):\(pad(second, 2))Z"
  }

  /// The proleptic Gregorian date, counted in 400-year eras that begin with March.
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
