//! HTTP-date: one moment in three forms (RFC 9110 §5.6.7).

use std::time::SystemTime;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

const WEEKDAYS: [&[u8]; 7] =
    [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

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
#[rustfmt::skip]
pub fn http_date(text: &[u8], now: SystemTime) -> Option<SystemTime> {
    let date = match *text {
        [a, b, c, b',', b' ', d, e, b' ', m, o, n, b' ', y, yy, yyy, yyyy, b' ', ref time @ .., b' ', b'G', b'M', b'T']
            if is_short([a, b, c]) =>
        {
            moment(number(&[y, yy, yyy, yyyy])?, [m, o, n], number(&[d, e])?, time)?
        }
        [ref weekday @ .., b',', b' ', d, e, b'-', m, o, n, b'-', y, yy, b' ', h, hh, b':', i, ii, b':', s, ss, b' ', b'G', b'M', b'T']
            if WEEKDAYS.contains(&weekday) =>
        {
            let time = [h, hh, b':', i, ii, b':', s, ss];
            let read = |year| moment(year, [m, o, n], number(&[d, e])?, &time);
            in_century(number(&[y, yy])?, read, timestamp(now)?)?
        }
        // A day of one digit has a space in place of the other.
        [a, b, c, b' ', m, o, n, b' ', d, e, b' ', ref time @ .., b' ', y, yy, yyy, yyyy]
            if is_short([a, b, c]) =>
        {
            let day = if d == b' ' { number(&[e])? } else { number(&[d, e])? };
            moment(number(&[y, yy, yyy, yyyy])?, [m, o, n], day, time)?
        }
        _ => return None,
    };
    Some(date.into())
}

/// What appears to lie more than 50 years ahead is the most recent year in the past with the same
/// two digits.
fn in_century(
    digits: i16,
    read: impl Fn(i16) -> Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let today = Offset::UTC.to_datetime(now);
    let latest = Offset::UTC.to_timestamp(today.checked_add(50.years()).ok()?).ok()?;
    let century = today.year() - today.year() % 100;
    // In this order the first that is not too far ahead is the one that is meant.
    let years = [century + 100, century, century - 100].map(|century| century + digits);
    years.into_iter().filter_map(read).find(|date| *date <= latest)
}

fn moment(year: i16, month: [u8; 3], day: i16, time: &[u8]) -> Option<Timestamp> {
    let month = i8::try_from(MONTHS.iter().position(|name| **name == month)? + 1).ok()?;
    let [h, hh, b':', m, mm, b':', s, ss] = *time else { return None };
    let second = match number(&[s, ss])? {
        60 => 59,
        second => second,
    };
    let small = |n: i16| i8::try_from(n).ok();
    let (hour, minute) = (small(number(&[h, hh])?)?, small(number(&[m, mm])?)?);
    let date = DateTime::new(year, month, small(day)?, hour, minute, small(second)?, 0).ok()?;
    // A timestamp ends a day before the year 9999 does, whose last second is meant as "never".
    Some(Offset::UTC.to_timestamp(date).unwrap_or(Timestamp::MAX))
}

/// A number of nothing but digits, at most four.
fn number(digits: &[u8]) -> Option<i16> {
    digits.iter().try_fold(0_i16, |n, digit| {
        digit.is_ascii_digit().then(|| n * 10 + i16::from(digit - b'0'))
    })
}

fn is_short(weekday: [u8; 3]) -> bool {
    WEEKDAYS.iter().any(|name| name.starts_with(&weekday))
}

fn timestamp(at: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, now: &str) -> Option<String> {
        let now: Timestamp = now.parse().unwrap();
        http_date(text.as_bytes(), now.into()).map(|at| timestamp(at).unwrap().to_string())
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
