//! Times and moments, as records write them and as people read them.

use std::fmt;
use std::time::{Duration, SystemTime};

use fourstep_terms::Wall;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::record::json::Json;
use crate::record::room::Room;

/// Whole microseconds, rounded up, and at least one: what took place never takes 0.
pub(crate) fn micros(duration: Duration) -> u64 {
    let micros = u64::from(duration.subsec_nanos().div_ceil(1000));
    duration.as_secs().saturating_mul(1_000_000).saturating_add(micros).max(1)
}

/// A moment as RFC 3339 writes it, in UTC: `2026-11-22T06:00:00.123456Z`. Not after the year 9999.
pub fn rfc3339(at: SystemTime) -> String {
    format!("{:.6}", timestamp(at))
}

/// A moment as records write it: as [`rfc3339`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Wall);

/// The text of a day: it is made once, for all moments of that day.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Day {
    /// The second it begins with, and its text from the quote to the `T`.
    begin: i64,
    text: [u8; 16],
    /// Not of a day before 1970, nor of one in which timestamps end.
    is_made: bool,
}

impl Day {
    /// The day of a moment.
    pub(crate) fn of(moment: Moment) -> Day {
        // The begin of the day in which the timestamps of `rfc3339` end.
        const LAST: u64 = 253_402_128_000;
        let mut text = [0; 16];
        match u64::try_from(moment.0.seconds()) {
            Ok(seconds @ 0..LAST) => {
                let (year, month, day) = date(seconds / 86_400);
                let out = Room::of(&mut text).put(b"\"").pair(year / 100).pair(year % 100);
                out.put(b"-").pair(month).put(b"-").pair(day).put(b"T");
                let begin = moment.0.seconds() - moment.0.seconds() % 86_400;
                Day { begin, text, is_made: true }
            }
            _ => Day::default(),
        }
    }

    /// Which second of it that is, if it is one.
    #[inline(always)]
    pub(crate) fn second(&self, moment: Moment) -> Option<u64> {
        let second = moment.0.seconds().wrapping_sub(self.begin).cast_unsigned();
        (self.is_made && second < 86_400).then_some(second)
    }
}

/// A moment, and a day that it most likely is on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dated<'d>(pub(crate) Moment, pub(crate) &'d Day);

impl Json for Dated<'_> {
    /// Writes no more than 40 octets.
    #[inline(always)]
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        let Dated(moment, day) = self;
        let Some(second) = day.second(*moment) else {
            let (octets, count) = apart(*moment);
            return out.put_first(octets, count.min(40));
        };
        let micros = moment.0.subsec_nanos() / 1000;
        out.within::<40>(|out| {
            let out = out.put_first(day.text, 12);
            let out = out.pair(second / 3600).put(b":").pair(second / 60 % 60);
            let out = out.put(b":").pair(second % 60).put(b".");
            out.three((micros / 1000).into()).three((micros % 1000).into()).put(b"Z\"")
        })
    }
}

/// A moment of another day, and how many octets that are.
#[cold]
#[inline(never)]
fn apart(moment: Moment) -> ([u8; 40], usize) {
    let day = Day::of(moment);
    if day.second(moment).is_none() {
        return far(moment.0.into());
    }
    let mut octets = [0; 40];
    let left = Dated(moment, &day).write(Room::of(&mut octets)).left();
    (octets, 40 - left)
}

impl Json for Moment {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        Dated(*self, &Day::of(*self)).write(out)
    }
}

/// A moment before 1970, or one that is to be the last of all, and how many octets that are.
#[cold]
#[inline(never)]
fn far(at: SystemTime) -> ([u8; 40], usize) {
    let (mut octets, text) = ([0; 40], format!("\"{}\"", rfc3339(at)));
    octets.iter_mut().zip(text.bytes()).for_each(|(to, octet)| *to = octet);
    (octets, text.len())
}

/// Year, month and day of a day since 1970, up to the year 9999. Years are counted from March on, so
/// that the day which may be missing is the last, and centuries in eras of four, which are alike.
/// Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms"
/// (2022), have the arithmetic: a product has a quotient in its upper half, and the remainder,
/// as often as it was multiplied, in its lower.
fn date(days: u64) -> (u64, u64, u64) {
    const YEAR: u64 = (1 << 32) / 1_461 + 1;
    const MONTH: u64 = 2_141;
    // Quarters of days since March of the year 0: in them a century, and a year, have no remainder.
    let quarters = 4 * (days + 719_468) + 3;
    let (century, quarters) = (quarters / 146_097, (quarters % 146_097) | 3);
    let years = YEAR * quarters;
    let (year, day) = (years >> 32, (years & 0xFFFF_FFFF) / YEAR / 4);
    // From March on, months of 31, 30, 31, 30 and 31 days come again after 153. March is the third.
    let months = MONTH * day + 197_913;
    let (year, month, day) = (100 * century + year, months >> 16, (months & 0xFFFF) / MONTH + 1);
    match month {
        0..13 => (year, month, day),
        _ => (year + 1, month - 12, day),
    }
}

/// As [`rfc3339`], to the second.
pub(crate) fn rfc3339_second(at: SystemTime) -> String {
    format!("{:.0}", timestamp(at))
}

/// A second that a certificate names, since 1970, as RFC 3339 writes it. The last of the year 9999,
/// which stands for "never" (RFC 5280 §4.1.2.5), is the last there is.
pub(crate) fn rfc3339_unix(seconds: u64) -> String {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    format!("{:.0}Z", DateTime::constant(1970, 1, 1, 0, 0, 0, 0).saturating_add(seconds))
}

/// Whole days from `at` until that second; negative when it has passed.
pub(crate) fn days_until(seconds: u64, at: SystemTime) -> Option<i64> {
    let at = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let left = i64::try_from(seconds).ok()?.checked_sub(i64::try_from(at).ok()?)?;
    Some(left.div_euclid(86_400))
}

fn timestamp(at: SystemTime) -> Timestamp {
    let clamped = if at < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::try_from(at).unwrap_or(clamped)
}

/// A duration for people, rounded to three digits: `0.030 ms`, `11.8 ms`, `340 ms`, `1.23 s`.
#[derive(Clone, Copy, Debug)]
pub struct Took(pub Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = micros(self.0);
        let (_, step, _) = scale(us);
        // Rounding may lead to the next scale: 9.999 ms are 10.0 ms.
        let us = us.saturating_add(step / 2) / step * step;
        let (digits, _, name) = scale(us);
        let unit = if name == "ms" { 1_000 } else { 1_000_000 };
        let (whole, fraction) = (us / unit, us % unit * 1_000 / unit);
        let fraction = format!("{fraction:03}");
        f.pad(&match fraction.get(..digits) {
            None | Some("") => format!("{whole} {name}"),
            Some(fraction) => format!("{whole}.{fraction} {name}"),
        })
    }
}

/// How many digits to show behind the point, what the last digit is worth in microseconds, and
/// the unit.
fn scale(us: u64) -> (usize, u64, &'static str) {
    match us {
        0..1_000 => (3, 1, "ms"),
        1_000..10_000 => (2, 10, "ms"),
        10_000..100_000 => (1, 100, "ms"),
        100_000..1_000_000 => (0, 1_000, "ms"),
        1_000_000..10_000_000 => (2, 10_000, "s"),
        10_000_000..100_000_000 => (1, 100_000, "s"),
        _ => (0, 1_000_000, "s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::room;

    #[test]
    fn microseconds_are_never_0_and_keep_their_order() {
        let rows = [(0, 1), (1, 1), (1000, 1), (1001, 2), (70_230_000, 70_230)];
        for (nanos, want) in rows {
            assert_eq!(micros(Duration::from_nanos(nanos)), want, "{nanos} ns");
        }
        assert_eq!(micros(Duration::MAX), u64::MAX);
        for (start, length) in [(500, 500), (999, 2), (1000, 1001), (1999, 999)] {
            let whole = micros(Duration::from_nanos(start + length));
            let end = start / 1000 + micros(Duration::from_nanos(length));
            assert!(end <= whole, "{start} ns + {length} ns");
        }
    }

    #[test]
    fn durations_read_well() {
        let rows = [
            (1, "0.001 ms"),
            (30, "0.030 ms"),
            (999, "0.999 ms"),
            (4_100, "4.10 ms"),
            (9_994, "9.99 ms"),
            (9_999, "10.0 ms"),
            (11_800, "11.8 ms"),
            (340_900, "341 ms"),
            (999_600, "1.00 s"),
            (1_000_000, "1.00 s"),
            (1_230_000, "1.23 s"),
            (30_000_000, "30.0 s"),
            (3_600_000_000, "3600 s"),
        ];
        for (us, want) in rows {
            assert_eq!(Took(Duration::from_micros(us)).to_string(), want);
        }
        assert_eq!(format!("{:>9}|", Took(Duration::from_millis(4))), "  4.00 ms|");
    }

    #[test]
    fn days_are_whole_ones() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let rows = [(0, 0), (86_399, 0), (86_400, 1), (-1, -1), (-86_400, -1), (-86_401, -2)];
        for (left, want) in rows {
            let until = 1_000_000_u64.checked_add_signed(left).unwrap();
            assert_eq!(days_until(until, at), Some(want), "{left} s");
        }
        assert_eq!(days_until(u64::MAX, at), None);
    }

    #[test]
    fn records_write_the_same_moments() {
        let days = (0..3_000_000).step_by(17).map(|day| day * 86_400 + 43_199);
        let odd = [0, 1, 59, 3_599, 86_399, 951_868_799, 951_868_800, 253_402_207_199, 1 << 40];
        for seconds in days.chain(odd) {
            let micros = Duration::from_nanos(seconds % 1_000_000 * 1_000 + 999);
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) + micros;
            let mut out = Vec::new();
            room::append(&Moment(at.into()), b"", &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{}\"", rfc3339(at)));
        }
        let mut out = Vec::new();
        let before = Moment(Wall::from_seconds(-1));
        room::append(&before, b"", &mut out);
        assert_eq!(out, br#""1969-12-31T23:59:59.000000Z""#);
        // The longest.
        for seconds in [i64::MIN, i64::MAX] {
            let mut out = Vec::new();
            room::append(&Moment(Wall::from_seconds(seconds)), b"", &mut out);
            assert!(out.len() <= 40 && out.starts_with(b"\"") && out.ends_with(b"Z\""));
        }
    }

    #[test]
    fn moments_are_rfc3339() {
        let epoch = SystemTime::UNIX_EPOCH;
        let at = epoch + Duration::from_micros(1_795_327_200_123_456);
        assert_eq!(rfc3339(at), "2026-11-22T06:00:00.123456Z");
        assert_eq!(rfc3339_second(at), "2026-11-22T06:00:00Z");
        assert_eq!(rfc3339(epoch), "1970-01-01T00:00:00.000000Z");
        let rows = [
            (0, "1970-01-01T00:00:00Z"),
            (1_780_272_000, "2026-06-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), // RFC 5280 §4.1.2.5: no end
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ];
        for (seconds, want) in rows {
            assert_eq!(rfc3339_unix(seconds), want);
        }
        let last = epoch + Duration::from_secs(1 << 50);
        assert!(rfc3339(last).starts_with("9999-12-30T"), "{}", rfc3339(last));
    }
}
