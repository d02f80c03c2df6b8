//! HTTP-date: one moment in three forms (RFC 9110 §5.6.7).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

const WEEKDAYS: [&[u8]; 7] =
    [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];

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
    let seconds = match *text {
        [a, b, c, b',', b' ', d, dd, b' ', m, o, n, b' ', y, yy, yyy, yyyy, b' ', h, hh, b':', i, ii, b':', s, ss, b' ', b'G', b'M', b'T']
            if is_short([a, b, c]) =>
        {
            let time = time([h, hh], [i, ii], [s, ss])?;
            day(year([y, yy, yyy, yyyy])?, [m, o, n], two([d, dd])?)? * DAY_S + time
        }
        [ref weekday @ .., b',', b' ', d, dd, b'-', m, o, n, b'-', y, yy, b' ', h, hh, b':', i, ii, b':', s, ss, b' ', b'G', b'M', b'T']
            if WEEKDAYS.contains(&weekday) =>
        {
            let time = time([h, hh], [i, ii], [s, ss])?;
            let read = |year| Some(day(year, [m, o, n], two([d, dd])?)? * DAY_S + time);
            in_century(two([y, yy])?, read, now)?
        }
        // A day of one digit has a space in place of the other.
        [a, b, c, b' ', m, o, n, b' ', d, dd, b' ', h, hh, b':', i, ii, b':', s, ss, b' ', y, yy, yyy, yyyy]
            if is_short([a, b, c]) =>
        {
            let time = time([h, hh], [i, ii], [s, ss])?;
            let d = if d == b' ' { b'0' } else { d };
            day(year([y, yy, yyy, yyyy])?, [m, o, n], two([d, dd])?)? * DAY_S + time
        }
        _ => return None,
    };
    // A timestamp ends a day before the year 9999 does, whose last second is meant as "never".
    if seconds > Timestamp::MAX.as_second() {
        return Some(Timestamp::MAX.into());
    }
    let distance = Duration::from_secs(seconds.unsigned_abs());
    match seconds {
        0.. => UNIX_EPOCH.checked_add(distance),
        _ => UNIX_EPOCH.checked_sub(distance),
    }
}

const DAY_S: i64 = 24 * 3600;

/// What appears to lie more than 50 years ahead is the most recent year in the past with the same
/// two digits.
fn in_century(digits: i64, read: impl Fn(i64) -> Option<i64>, now: SystemTime) -> Option<i64> {
    let today = Offset::UTC.to_datetime(Timestamp::try_from(now).ok()?);
    let latest = Offset::UTC.to_timestamp(today.checked_add(50.years()).ok()?).ok()?.as_second();
    let century = i64::from(today.year() - today.year() % 100);
    // In this order the first that is not too far ahead is the one that is meant.
    let years = [century + 100, century, century - 100].map(|century| century + digits);
    years.into_iter().filter_map(read).find(|seconds| *seconds <= latest)
}

/// Days from the first of January of the year 0 to that of this one (of the Gregorian calendar, as if
/// it always had been): a leap day in each fourth year that ended before, but three in 400 years.
const fn days_before(year: i64) -> i64 {
    let ended = year - 1;
    365 * year + ended.div_euclid(4) - ended.div_euclid(100) + ended.div_euclid(400) + 1
}

/// 1970-01-01.
const EPOCH: i64 = days_before(1970);

#[rustfmt::skip]
const MONTHS: [u32; 12] = [
    word(*b"Jan"), word(*b"Feb"), word(*b"Mar"), word(*b"Apr"), word(*b"May"), word(*b"Jun"),
    word(*b"Jul"), word(*b"Aug"), word(*b"Sep"), word(*b"Oct"), word(*b"Nov"), word(*b"Dec"),
];

/// Days of a year before each month, and before the next year.
const BEFORE: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// Three letters, to be compared at once.
const fn word([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

/// Days from 1970-01-01 to this one.
fn day(year: i64, month: [u8; 3], day: i64) -> Option<i64> {
    let month = MONTHS.iter().position(|name| *name == word(month))?;
    let leap = i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let before = |month: usize| {
        let leap = if month >= 2 { leap } else { 0 };
        BEFORE.get(month).map(|days| days + leap)
    };
    let (before, next) = (before(month)?, before(month + 1)?);
    (1..=next - before).contains(&day).then_some(days_before(year) - EPOCH + before + day - 1)
}

/// Seconds since midnight.
fn time(hour: [u8; 2], minute: [u8; 2], second: [u8; 2]) -> Option<i64> {
    let (hour, minute, second) = (two(hour)?, two(minute)?, two(second)?);
    let is = hour < 24 && minute < 60 && second <= 60;
    is.then_some(hour * 3600 + minute * 60 + second.min(59))
}

fn year([a, b, c, d]: [u8; 4]) -> Option<i64> {
    Some(two([a, b])? * 100 + two([c, d])?)
}

/// A number of two digits.
fn two([a, b]: [u8; 2]) -> Option<i64> {
    let (a, b) = (a.wrapping_sub(b'0'), b.wrapping_sub(b'0'));
    (a < 10 && b < 10).then(|| i64::from(a) * 10 + i64::from(b))
}

#[rustfmt::skip]
const SHORT: [u32; 7] = [
    word(*b"Mon"), word(*b"Tue"), word(*b"Wed"), word(*b"Thu"), word(*b"Fri"), word(*b"Sat"), word(*b"Sun"),
];

fn is_short(weekday: [u8; 3]) -> bool {
    SHORT.contains(&word(weekday))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, now: &str) -> Option<String> {
        let now: Timestamp = now.parse().unwrap();
        let at = http_date(text.as_bytes(), now.into())?;
        Some(Timestamp::try_from(at).unwrap().to_string())
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
    fn each_day_is_one_more_than_the_one_before() {
        let mut date = jiff::civil::date(0, 1, 1);
        let last = jiff::civil::date(2401, 1, 1);
        while date < last {
            let text = date.strftime("%a, %d %b %Y 12:00:00 GMT").to_string();
            let at = http_date(text.as_bytes(), UNIX_EPOCH).unwrap();
            let noon = Offset::UTC.to_timestamp(date.at(12, 0, 0, 0)).unwrap();
            assert_eq!(at, SystemTime::from(noon), "{text}");
            date = date.tomorrow().unwrap();
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
