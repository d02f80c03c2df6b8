//! HTTP-date: one moment in three forms (RFC 9110 §5.6.7).

use std::time::SystemTime;

use fourstep_terms::Wall;
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
pub fn http_date(text: &[u8], now: SystemTime) -> Option<SystemTime> {
    date(text, now.into()).map(SystemTime::from)
}

/// The same on a clock whose numbers are at hand.
#[inline]
pub(crate) fn date(text: &[u8], now: Wall) -> Option<Wall> {
    let seconds = match text.try_into() {
        Ok(fixdate) => imf_fixdate(fixdate)?,
        Err(_) => obsolete_date(text, now.into())?,
    };
    // A timestamp ends a day before the year 9999 does, whose last second is meant as "never".
    if seconds > Timestamp::MAX.as_second() {
        return Some(SystemTime::from(Timestamp::MAX).into());
    }
    Some(Wall::from_seconds(seconds))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, eight octets at a time: nearly every response has one.
fn imf_fixdate(text: &[u8; 29]) -> Option<i64> {
    let eight = |from: usize| Some(u64::from_le_bytes(*text.get(from..)?.first_chunk()?));
    let [day, year, time, end] = [eight(0)?, eight(8)?, eight(16)?, eight(21)?];
    is_short(low_three(day)).then_some(())?;
    // What has to stand there becomes 0, a digit its number.
    let month = month(low_three(year))?;
    let day = (day ^ word(b"\0\0\0, 00 ")) & !THREE;
    let year = (year ^ word(b"\0\0\0 0000")) & !THREE;
    let time = time ^ word(b" 00:00:0");
    let end = end ^ word(b"0:00 GMT");
    let odd = odd(day, b"\0\0\0, 00 ")
        | odd(year, b"\0\0\0 0000")
        | odd(time, b" 00:00:0")
        | odd(end, b"0:00 GMT");
    if odd != 0 {
        return None;
    }
    let [day, year, time, end] = [day, year, time, end].map(pairs);
    let seconds = time_of(pair(time, 1), pair(time, 4), pair(end, 2))?;
    Some(day_of(pair(year, 4), pair(year, 6), month, pair(day, 5))? * DAY_S + seconds)
}

/// The first three octets of eight.
const THREE: u64 = 0xFF_FFFF;

const fn low_three(octets: u64) -> u32 {
    let [a, b, c, ..] = octets.to_le_bytes();
    u32::from_le_bytes([a, b, c, 0])
}

const fn word(octets: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*octets)
}

/// Not 0 if one of eight octets is more than 9 where `form` has a digit, or more than 0 elsewhere: then
/// it has, or carries into, its highest bit.
const fn odd(octets: u64, form: &[u8; 8]) -> u64 {
    let mut most = u64::from_le_bytes([0x7F; 8]);
    let digits = word(form);
    let mut at = 0;
    while at < 64 {
        if (digits >> at) & 0xFF == b'0' as u64 {
            most -= 9 << at;
        }
        at += 8;
    }
    (octets.wrapping_add(most) | octets) & u64::from_le_bytes([0x80; 8])
}

/// Of eight digits each with the one behind it, as a number.
const fn pairs(digits: u64) -> u64 {
    digits.wrapping_mul(10).wrapping_add(digits >> 8)
}

/// The number of two digits that begins there.
fn pair(pairs: u64, at: u32) -> i64 {
    i64::from((pairs >> (8 * at)).to_le_bytes()[0])
}

/// The two forms that nobody should send any more.
#[cold]
#[rustfmt::skip]
fn obsolete_date(text: &[u8], now: SystemTime) -> Option<i64> {
    match *text {
        [ref weekday @ .., b',', b' ', d, dd, b'-', m, o, n, b'-', y, yy, b' ', h, hh, b':', i, ii, b':', s, ss, b' ', b'G', b'M', b'T']
            if WEEKDAYS.contains(&weekday) =>
        {
            let time = time([h, hh], [i, ii], [s, ss])?;
            let (month, day) = (month(three([m, o, n]))?, two([d, dd])?);
            let read = |year: i64| {
                let (century, year) = (year.div_euclid(100), year.rem_euclid(100));
                Some(day_of(century, year, month, day)? * DAY_S + time)
            };
            in_century(two([y, yy])?, read, now)
        }
        // A day of one digit has a space in place of the other.
        [a, b, c, b' ', m, o, n, b' ', d, dd, b' ', h, hh, b':', i, ii, b':', s, ss, b' ', y, yy, yyy, yyyy]
            if is_short(three([a, b, c])) =>
        {
            let time = time([h, hh], [i, ii], [s, ss])?;
            let d = if d == b' ' { b'0' } else { d };
            let (century, year) = (two([y, yy])?, two([yyy, yyyy])?);
            Some(day_of(century, year, month(three([m, o, n]))?, two([d, dd])?)? * DAY_S + time)
        }
        _ => None,
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

/// Days from the first of January of the year 0 to that of this year of a century (of the Gregorian
/// calendar, as if it always had been), and the leap day that this year itself may have.
const fn days_to(century: i64, year: i64) -> i64 {
    36_524 * century + 365 * year + (century >> 2) + (year >> 2) + 1
}

/// 1970-01-01.
const EPOCH: i64 = days_to(19, 70);

/// Three letters, to be compared at once.
const fn three([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

/// A month: its name, how many days of a common year come before it, and how many it has.
type Month = (u32, i64, i64);

/// Multiplied by this, the names of months differ in the highest four bits, and those of weekdays in
/// the highest three.
const MIX: u32 = 42_645;

/// The months by these bits.
#[rustfmt::skip]
static MONTHS: [Month; 16] = [
    (three(*b"Feb"), 31, 28), (three(*b"Nov"), 304, 30), (three(*b"Sep"), 243, 30),
    NONE, NONE, (three(*b"Aug"), 212, 31), (three(*b"Mar"), 59, 31),
    (three(*b"Apr"), 90, 30), NONE, (three(*b"Jul"), 181, 31),
    (three(*b"Dec"), 334, 31), (three(*b"Oct"), 273, 31), NONE,
    (three(*b"Jan"), 0, 31), (three(*b"Jun"), 151, 30), (three(*b"May"), 120, 31),
];
const NONE: Month = (0, 0, 0);

fn month(name: u32) -> Option<&'static Month> {
    MONTHS.get((name.wrapping_mul(MIX) >> 28) as usize).filter(|month| month.0 == name)
}

/// Days from 1970-01-01 to this one.
fn day_of(century: i64, year: i64, month: &Month, day: i64) -> Option<i64> {
    let (_, before, days) = *month;
    let leap = i64::from((if year == 0 { century } else { year }) & 3 == 0);
    // In January and February it is still to come.
    let (days, to_come) = match before {
        0 => (days, leap),
        31 => (days + leap, leap),
        _ => (days, 0),
    };
    let first = days_to(century, year) - EPOCH + before - to_come;
    (1..=days).contains(&day).then_some(first + day - 1)
}

/// Seconds since midnight.
fn time(hour: [u8; 2], minute: [u8; 2], second: [u8; 2]) -> Option<i64> {
    time_of(two(hour)?, two(minute)?, two(second)?)
}

fn time_of(hour: i64, minute: i64, second: i64) -> Option<i64> {
    let is = hour < 24 && minute < 60 && second <= 60;
    is.then_some(hour * 3600 + minute * 60 + second.min(59))
}

/// A number of two digits.
fn two([a, b]: [u8; 2]) -> Option<i64> {
    let (a, b) = (a.wrapping_sub(b'0'), b.wrapping_sub(b'0'));
    (a < 10 && b < 10).then(|| i64::from(a) * 10 + i64::from(b))
}

/// The weekdays by the same bits, but the last.
static SHORT: [u32; 8] = [
    three(*b"Tue"),
    0,
    three(*b"Wed"),
    three(*b"Thu"),
    three(*b"Fri"),
    three(*b"Sat"),
    three(*b"Mon"),
    three(*b"Sun"),
];

fn is_short(weekday: u32) -> bool {
    weekday != 0 && SHORT.get((weekday.wrapping_mul(MIX) >> 29) as usize) == Some(&weekday)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

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
