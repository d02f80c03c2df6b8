//! Retry-After: when a server says to come back (RFC 9110 §10.2.3).

use std::time::{Duration, SystemTime};

use fourstep_verdict::http_date;

/// When to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    /// How long to wait; zero when the moment has passed.
    pub wait: Duration,
    /// The moment, on our clock for a delay, on the server's for a date.
    pub at: SystemTime,
}

/// The longest delay that is told apart from longer ones: 136 years. RFC 9111 §1.2.2 has a reader
/// take what is too large for the largest that it can conveniently hold.
const LONGEST_S: u64 = u32::MAX as u64;

/// Reads the value of a Retry-After field, received at `now`: seconds, or a date in one of the
/// three forms of RFC 9110 §5.6.7. `None`: it is neither.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_757);
/// for value in ["20", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"] {
///     let retry = fourstep_output::retry_after(value.as_bytes(), now).unwrap();
///     assert_eq!(retry.wait, Duration::from_secs(20));
/// }
/// assert_eq!(fourstep_output::retry_after(b"soon", now), None);
/// ```
pub fn retry_after(value: &[u8], now: SystemTime) -> Option<RetryAfter> {
    let value = value.trim_ascii();
    if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
        let seconds = str::from_utf8(value).ok()?.parse().unwrap_or(u64::MAX).min(LONGEST_S);
        let wait = Duration::from_secs(seconds);
        return Some(RetryAfter { wait, at: now.checked_add(wait)? });
    }
    let at = http_date(value, now)?;
    Some(RetryAfter { wait: at.duration_since(now).unwrap_or_default(), at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_the_three_dates() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let rows: [(&str, Option<u64>); 18] = [
            // value, seconds to wait          (RFC 9110 §10.2.3)
            ("120", Some(120)),
            ("0", Some(0)),
            ("007", Some(7)),
            (" 5\t", Some(5)),
            ("99999999999999999999999", Some(LONGEST_S)), // RFC 9111 §1.2.2
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("120, 60", None),
            ("0x10", None),
            ("٣", None),
            // The forms of RFC 9110 §5.6.7
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0)), // passed
            ("Thursday, 06-Nov-69 08:49:37 GMT", Some(0)), // 1969: 2069 is 75 years ahead
            ("Sun, 06 Nov 1994 08:50:37 CET", None),
        ];
        for (value, want) in rows {
            let got = retry_after(value.as_bytes(), now).map(|retry| retry.wait.as_secs());
            assert_eq!(got, want, "{value:?}");
        }
        let delay = retry_after(b"60", now).unwrap();
        assert_eq!(Some(delay), retry_after(b"Sun, 06 Nov 1994 08:50:37 GMT", now));
    }
}
