//! HTTP-date: one moment in three forms (RFC 9110 §5.6.7).

use std::time::SystemTime;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads a date in one of the three forms; a recipient has to know them all.
///
/// ```text
///     Sun, 06 Nov 1994 08:49:37 GMT       IMF-fixdate, the one to send
///     Sunday, 06-Nov-94 08:49:37 GMT      rfc850-date
///     Sun Nov  6 08:49:37 1994            asctime-date
/// ```
///
/// A weekday that does not belong to the date is read over, as RFC 9110 §5.6.7 encourages
/// recipients to be robust; the second 60 of a leap second is read as 59. `now` tells which
/// century two digits mean.
pub fn http_date(text: &str, now: SystemTime) -> Option<SystemTime> {
    let date = match text.split_once(", ") {
        Some((weekday, rest)) => {
            let rest = rest.strip_suffix(" GMT")?;
            match rest.split(' ').collect::<Vec<_>>()[..] {
                [day, month, year, time] if is_short(weekday) => {
                    moment(number(year, 4)?, month, number(day, 2)?, time)?
                }
                [date, time] if WEEKDAYS.contains(&weekday) => {
                    let [day, month, year] = date.split('-').collect::<Vec<_>>()[..] else {
                        return None;
                    };
                    let read = |year| moment(year, month, number(day, 2)?, time);
                    return in_century(number(year, 2)?, read, timestamp(now)?);
                }
                _ => return None,
            }
        }
        None => match text.split(' ').collect::<Vec<_>>()[..] {
            // A day of one digit has a space in place of the other.
            [weekday, month, "", day, time, year] if is_short(weekday) => {
                moment(number(year, 4)?, month, number(day, 1)?, time)?
            }
            [weekday, month, day, time, year] if is_short(weekday) => {
                moment(number(year, 4)?, month, number(day, 2)?, time)?
            }
            _ => return None,
        },
    };
    Some(date.into())
}

/// What appears to lie more than 50 years ahead is the most recent year in the past with the same
/// two digits.
fn in_century(
    digits: i16,
    read: impl Fn(i16) -> Option<Timestamp>,
    now: Timestamp,
) -> Option<SystemTime> {
    let today = Offset::UTC.to_datetime(now);
    let latest = Offset::UTC.to_timestamp(today.checked_add(50.years()).ok()?).ok()?;
    let century = today.year() - today.year() % 100;
    // In this order the first that is not too far ahead is the one that is meant.
    let years = [century + 100, century, century - 100].map(|century| century + digits);
    let date = years.into_iter().filter_map(read).find(|date| *date <= latest)?;
    Some(date.into())
}

fn moment(year: i16, month: &str, day: i16, time: &str) -> Option<Timestamp> {
    let month = i8::try_from(MONTHS.iter().position(|name| *name == month)? + 1).ok()?;
    let [hour, minute, second] = time.split(':').collect::<Vec<_>>()[..] else { return None };
    let second = match number(second, 2)? {
        60 => 59,
        second => second,
    };
    let small = |n: i16| i8::try_from(n).ok();
    let (hour, minute) = (small(number(hour, 2)?)?, small(number(minute, 2)?)?);
    let date = DateTime::new(year, month, small(day)?, hour, minute, small(second)?, 0).ok()?;
    // A timestamp ends a day before the year 9999 does, whose last second is meant as "never".
    Some(Offset::UTC.to_timestamp(date).unwrap_or(Timestamp::MAX))
}

/// Exactly so many digits.
fn number(text: &str, digits: usize) -> Option<i16> {
    let fits = text.len() == digits && text.bytes().all(|octet| octet.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

fn is_short(weekday: &str) -> bool {
    WEEKDAYS.iter().any(|name| name.get(..3) == Some(weekday))
}

fn timestamp(at: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, now: &str) -> Option<String> {
        let now: Timestamp = now.parse().unwrap();
        http_date(text, now.into()).map(|at| timestamp(at).unwrap().to_string())
    }

    #[test]
    fn three_forms_and_nothing_else() {
        let rows = [
            // (RFC 9110 §5.6.7)
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some("1994-11-06T08:49:37Z")),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some("1994-11-06T08:49:37Z")),
            ("Sun Nov  6 08:49:37 1994", Some("1994-11-06T08:49:37Z")),
            ("Wed Nov 16 08:49:37 1994", Some("1994-11-16T08:49:37Z")),
            ("Sat, 31 Dec 2016 23:59:60 GMT", Some("2016-12-31T23:59:59Z")), // a leap second
            ("Sun, 06 Nov 1968 08:49:37 GMT", Some("1968-11-06T08:49:37Z")),
            ("Mon, 06 Nov 1994 08:49:37 GMT", Some("1994-11-06T08:49:37Z")), // it was a Sunday
            ("Thu, 29 Feb 2024 00:00:00 GMT", Some("2024-02-29T00:00:00Z")),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some("9999-12-30T22:00:00.999999999Z")),
            ("Wed, 29 Feb 2023 00:00:00 GMT", None),
            ("Sun, 06 Nov 1994 08:49:61 GMT", None),
            ("Sun, 06 Nov 1994 24:00:00 GMT", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 6 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 94 08:49:37 GMT", None),
            ("Sun, 06 nov 1994 08:49:37 GMT", None), // case-sensitive
            ("Sun, 06 Nov 1994 08:49:37 UTC", None),
            ("Sun, 06 Nov 1994 08:49:37", None),
            ("Sun,  06 Nov 1994 08:49:37 GMT", None),
            ("Sunday, 06 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06-Nov-94 08:49:37 GMT", None),
            ("Sunday, 06-Nov-1994 08:49:37 GMT", None),
            ("Someday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun Nov 6 08:49:37 1994", None),
            ("Sun Nov 06 08:49:37 1994 GMT", None),
            ("Sun, +6 Nov 1994 08:49:37 GMT", None),
            ("", None),
            (", ", None),
        ];
        for (text, want) in rows {
            assert_eq!(read(text, "2026-11-22T06:00:00Z").as_deref(), want, "{text:?}");
        }
    }

    #[test]
    fn two_digits_are_at_most_fifty_years_ahead() {
        let rows = [
            // now, the year's digits, the year   (RFC 9110 §5.6.7)
            ("1994-11-06T00:00:00Z", "94", 1994),
            ("1994-11-06T00:00:00Z", "44", 1944), // 2044-11-22 would be 50 years and 16 days ahead
            ("1994-12-06T00:00:00Z", "44", 2044),
            ("2026-11-22T06:00:00Z", "94", 1994),
            ("2026-11-22T06:00:00Z", "26", 2026),
            ("2026-11-22T06:00:00Z", "76", 2076),
            ("2026-11-22T06:00:00Z", "77", 1977),
            ("2099-01-01T00:00:00Z", "00", 2100),
        ];
        for (now, digits, year) in rows {
            let date = read(&format!("Sunday, 22-Nov-{digits} 06:00:00 GMT"), now);
            assert_eq!(date, Some(format!("{year}-11-22T06:00:00Z")), "{digits} in {now}");
        }
    }
}
