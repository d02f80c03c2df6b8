//! When to come back: what the server says, in the fields that say it.

use std::time::Duration;

use fourstep_response::Head;
use fourstep_terms::Wall;

use crate::evidence::{Evidence, Fact};
use crate::fields::{AGE, DATE, Fields, QUOTAS, RETRY_AFTER};
use crate::grounds::Grounds;
use crate::http_date::date;
use crate::rate_limit::rate_limit;

/// Who says when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetryFrom {
    /// The server asks for it.
    Server,
    /// The server says nothing that can be used, and this is what we suggest.
    Suggested,
}

impl RetryFrom {
    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            RetryFrom::Server => "server",
            RetryFrom::Suggested => "suggested",
        }
    }
}

/// The longest delay that is told apart from longer ones: 68 years. RFC 9111 §1.2.2 has a reader
/// take what is too large for the largest that it can conveniently hold.
pub(crate) const LONGEST_S: u64 = 0x7FFF_FFFF;

/// A delay beyond this nobody means: it is reported, and doubted. A year.
pub(crate) const ABSURD_S: u64 = 366 * 24 * 3600;

/// A peer's clock may be this far from ours before it is worth a word. Date counts whole seconds
/// (RFC 9110 §5.6.7) and a response takes its time.
const SKEW_S: u64 = 5;

/// Beyond a day it is hardly the clock.
pub(crate) const DAY_S: u64 = 24 * 3600;

/// Seconds to wait from `now`, as the server asks in Retry-After, a RateLimit field or a vendor's;
/// `None` when it asks for nothing that can be read.
pub(crate) fn asked<'r>(
    head: &'r Head,
    fields: &Fields<'r>,
    now: Wall,
    out: &mut Grounds<'r>,
) -> Option<u64> {
    let clock = Clock::of(fields, now, out);
    let one = fields.first(RETRY_AFTER).filter(|_| !fields.repeats(RETRY_AFTER));
    let asked = match one.and_then(|value| Some((value, only_digits(value)?))) {
        // Mostly it is a number.
        Some((value, seconds)) => {
            let seconds = seconds.min(LONGEST_S);
            out.push(Evidence(Fact::Retry(value, Asks::Delay(seconds))));
            Some(seconds)
        }
        None if fields.has(RETRY_AFTER) => retry_after_field(head, clock, out),
        None => None,
    };
    // Mostly there is none.
    asked.or_else(|| if fields.has(QUOTAS) { rate_limit(head, clock, out) } else { None })
}

/// The peer's clock, as Date shows it, and ours at the same moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) ours: Wall,
    /// The moment of `ours` on the peer's clock.
    pub(crate) peers: Wall,
}

impl Clock {
    /// The origin wrote Date when it made the answer (RFC 9110 §6.6.1); a cache adds how long ago
    /// that was (Age, RFC 9111 §5.1).
    fn of<'r>(fields: &Fields<'r>, ours: Wall, out: &mut Grounds<'r>) -> Clock {
        let Some(value) = fields.first(DATE) else { return Clock { ours, peers: ours } };
        let Some(date) = date(value, ours) else { return Clock { ours, peers: ours } };
        let peers = match fields.first(AGE).and_then(digits) {
            Some(age) => date.checked_add(Duration::from_secs(age)).unwrap_or(date),
            None => date,
        };
        let (skew, ahead) = match ours.since(peers) {
            Ok(behind) => (behind.as_secs(), false),
            Err(ahead) => (ahead.as_secs(), true),
        };
        if skew > SKEW_S {
            out.push(Evidence(Fact::Clock { date: value, skew, ahead }));
        }
        Clock { ours, peers }
    }

    /// Seconds from now to a moment of the peer's clock, rounded up; 0 when it has passed.
    pub(crate) fn until(&self, moment: Wall) -> u64 {
        let left = moment.since(self.peers).unwrap_or_default();
        left.as_secs().saturating_add(u64::from(left.subsec_nanos() > 0)).min(LONGEST_S)
    }

    /// Seconds from now to a Unix time of the peer's clock.
    pub(crate) fn until_epoch(&self, seconds: u64) -> u64 {
        let moment = i64::try_from(seconds).map(Wall::from_seconds);
        moment.map_or(LONGEST_S, |moment| self.until(moment))
    }
}

/// Words about so many seconds that nobody means them.
macro_rules! absurd {
    ($words:literal) => {
        concat!($words, ": more than a year, which nobody means")
    };
}

/// What a value of Retry-After asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// So many seconds.
    Delay(u64),
    /// A moment, so many seconds from now; corrected by the clock of who sent it.
    Moment { seconds: u64, corrected: bool },
    /// Nothing that can be read.
    Nothing { negative: bool },
}

impl Asks {
    fn of(value: &[u8], clock: Clock) -> Asks {
        if let Some(seconds) = digits(value) {
            return Asks::Delay(seconds.min(LONGEST_S));
        }
        match date(value, clock.ours) {
            Some(moment) => {
                Asks::Moment { seconds: clock.until(moment), corrected: clock.peers != clock.ours }
            }
            None => Asks::Nothing { negative: value.strip_prefix(b"-").and_then(digits).is_some() },
        }
    }

    /// What it comes to, in words: in some there is a number, and more behind it.
    pub(crate) const fn words(self) -> (&'static str, Option<(u64, &'static str)>) {
        let (seconds, corrected) = match self {
            Asks::Nothing { negative: true } => return ("a negative delay: ignored", None),
            Asks::Nothing { negative: false } => {
                return ("neither seconds nor a date: ignored", None);
            }
            Asks::Delay(0) => return ("come back at once", None),
            Asks::Delay(seconds @ ABSURD_S..) => {
                return ("come back in ", Some((seconds, absurd!(" s"))));
            }
            Asks::Delay(seconds) => return ("come back in ", Some((seconds, " s"))),
            Asks::Moment { seconds: 0, corrected: false } => {
                return ("this moment has passed: come back at once", None);
            }
            Asks::Moment { seconds: 0, corrected: true } => {
                return ("this moment has passed, by its own Date: come back at once", None);
            }
            Asks::Moment { seconds, corrected } => (seconds, corrected),
        };
        let after = match (corrected, seconds) {
            (false, ABSURD_S..) => absurd!(" s from now"),
            (false, _) => " s from now",
            (true, ABSURD_S..) => absurd!(" s from now, by its own Date"),
            (true, _) => " s from now, by its own Date",
        };
        ("", Some((seconds, after)))
    }
}

/// Retry-After (RFC 9110 §10.2.3): a number of seconds, or a date. Of several the longest holds.
#[cold]
fn retry_after_field<'r>(head: &'r Head, clock: Clock, out: &mut Grounds<'r>) -> Option<u64> {
    let (mut longest, mut count) = (None, 0_u32);
    let mut see = |value: &'r [u8]| {
        let asks = Asks::of(value, clock);
        count = count.saturating_add(1);
        out.push(Evidence(Fact::Retry(value, asks)));
        if let Asks::Delay(seconds) | Asks::Moment { seconds, .. } = asks {
            longest = longest.max(Some(seconds));
        }
    };
    for line in head.values("Retry-After") {
        // A field that was sent once may hold several values when a proxy joined its lines (RFC 9110
        // §5.3): then all of them are numbers. A date has a comma of its own.
        let members = || line.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
        match line.contains(&b',') && members().all(|member| digits(member).is_some()) {
            true => members().for_each(&mut see),
            false => see(line.trim_ascii()),
        }
    }
    if let Some(longest) = longest.filter(|_| count > 1) {
        out.push(Evidence(Fact::Retries { count, longest }));
    }
    longest
}

/// A number that is nothing but digits, with space around it perhaps; one that is too large is the
/// largest.
pub(crate) fn digits(value: &[u8]) -> Option<u64> {
    only_digits(value.trim_ascii())
}

fn only_digits(value: &[u8]) -> Option<u64> {
    value.first()?;
    let number = |push: fn(u64, u64) -> u64| {
        value.iter().try_fold(0_u64, |number, digit| {
            let digit = digit.wrapping_sub(b'0');
            (digit < 10).then(|| push(number, digit.into()))
        })
    };
    match value.len() {
        // As many fit in any case.
        0..20 => number(|number, digit| number * 10 + digit),
        _ => number(|number, digit| number.saturating_mul(10).saturating_add(digit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::head;

    /// Sun, 06 Nov 1994 08:49:37 GMT
    fn now() -> Wall {
        Wall::from_seconds(784_111_777)
    }

    /// What is asked for, and what the evidence says.
    fn ask(fields: &str) -> (Option<u64>, Vec<String>) {
        let (head, mut out) = (head("503 x", fields), Grounds::none());
        let fields = Fields::of(&head, |_, _| {});
        let seconds = asked(&head, &fields, now(), &mut out);
        (seconds, out.iter().map(|it| it.says().to_string()).collect())
    }

    #[test]
    fn retry_after() {
        let rows: [(&str, Option<u64>, &str); 29] = [
            // fields, seconds, what one piece of evidence says   (RFC 9110 §10.2.3)
            ("", None, ""),
            ("Retry-After: 120", Some(120), "in 120 s"),
            ("Retry-After: 0", Some(0), "at once"),
            ("Retry-After: 007", Some(7), "in 7 s"),
            ("Retry-After:   5  ", Some(5), "in 5 s"),
            ("retry-after: 5", Some(5), "in 5 s"),
            // The three forms of a date (RFC 9110 §5.6.7)
            ("Retry-After: Sun, 06 Nov 1994 08:50:37 GMT", Some(60), "60 s from now"),
            ("Retry-After: Sunday, 06-Nov-94 08:50:37 GMT", Some(60), "60 s from now"),
            ("Retry-After: Sun Nov  6 08:50:37 1994", Some(60), "60 s from now"),
            ("Retry-After: Sun, 06 Nov 1994 08:48:37 GMT", Some(0), "has passed"),
            ("Retry-After: Thursday, 06-Nov-69 08:49:37 GMT", Some(0), "has passed"),
            ("Retry-After: Sun, 06 Nov 1994 08:50:37 CET", None, "neither"),
            // The peer's clock is an hour ahead, or behind (RFC 9110 §6.6.1)
            (
                "Date: Sun, 06 Nov 1994 09:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 09:50:37 GMT",
                Some(60),
                "3600 s ahead of ours",
            ),
            (
                "Date: Sun, 06 Nov 1994 07:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 07:50:37 GMT",
                Some(60),
                "by its own Date",
            ),
            ("Date: Sun, 06 Nov 1994 07:49:37 GMT\r\nRetry-After: 60", Some(60), "in 60 s"),
            // A cache had it for ten minutes (RFC 9111 §5.1)
            (
                "Date: Sun, 06 Nov 1994 08:39:37 GMT\r\nAge: 600\r\nRetry-After: Sun, 06 Nov 1994 08:50:37 GMT",
                Some(60),
                "60 s from now",
            ),
            (
                "Date: yesterday\r\nRetry-After: Sun, 06 Nov 1994 08:50:37 GMT",
                Some(60),
                "60 s from now",
            ),
            // Malformed: ignored, and said
            ("Retry-After: -1", None, "negative"),
            ("Retry-After: +1", None, "neither"),
            ("Retry-After: 1.5", None, "neither"),
            ("Retry-After: soon", None, "neither"),
            ("Retry-After: 60s", None, "neither"),
            ("Retry-After:", None, "neither"),
            // Absurd
            ("Retry-After: 31622400", Some(31_622_400), "more than a year"),
            ("Retry-After: 99999999999999999999999", Some(LONGEST_S), "more than a year"),
            ("Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST_S), "more than a year"),
            // Repeated: the longest
            ("Retry-After: 5\r\nRetry-After: 60", Some(60), "the longest holds, 60 s"),
            ("Retry-After: 60, 5", Some(60), "the longest holds, 60 s"),
            ("Retry-After: soon\r\nRetry-After: 5", Some(5), "neither"),
        ];
        for (fields, want, says) in rows {
            let (got, said) = ask(fields);
            assert_eq!(got, want, "{fields}");
            let found = says.is_empty() || said.iter().any(|it| it.contains(says));
            assert!(found, "{fields}: {said:?}");
        }
    }

    #[test]
    fn quotas() {
        let rows = [
            // fields, seconds
            (r#"RateLimit: "default";r=0;t=30"#, Some(30)),
            (r#"RateLimit: "default";r=5;t=30"#, None),
            (r#"RateLimit: "a";r=0;t=30, "b";r=0;t=90, "c";r=1;t=300"#, Some(90)),
            (r#"RateLimit: "default";t=30"#, Some(30)),
            (r#"RateLimit: "default";r=0"#, None),
            (r#"RateLimit: "default";r=0;t=-1"#, None),
            ("RateLimit: limit=100, remaining=0, reset=50", Some(50)), // the seventh draft
            ("RateLimit: limit=100, remaining=1, reset=50", None),
            ("RateLimit: ;;;", None),
            ("RateLimit-Limit: 10\r\nRateLimit-Remaining: 0\r\nRateLimit-Reset: 7", Some(7)),
            ("RateLimit-Remaining: 3\r\nRateLimit-Reset: 7", None),
            ("X-RateLimit-Reset: 60", Some(60)),
            ("X-Rate-Limit-Reset: 9", Some(9)),
            ("X-RateLimit-Reset-After: 1.25", Some(2)),
            ("X-RateLimit-Reset-Requests: 6m0s", Some(360)),
            ("Retry-After-Ms: 1500", Some(2)),
            ("X-Ms-Retry-After-Ms: 20", Some(1)),
            ("X-RateLimit-Reset: tomorrow", None),
            // Retry-After comes first, unless it cannot be read.
            ("Retry-After: 3\r\nX-RateLimit-Reset: 60", Some(3)),
            ("Retry-After: soon\r\nX-RateLimit-Reset: 60", Some(60)),
        ];
        for (fields, want) in rows {
            assert_eq!(ask(fields).0, want, "{fields}");
        }
    }

    #[test]
    fn unix_times_are_told_by_their_size() {
        let now = Wall::from_seconds(1_795_327_200); // 2026-11-22T06:00:00Z
        let rows = [
            // fields, seconds
            ("X-RateLimit-Reset: 1795327260", Some(60)),
            ("X-RateLimit-Reset: 1795327260000", Some(60)),
            ("X-RateLimit-Reset: 1795327100", Some(0)),
            ("X-RateLimit-Reset: 60", Some(60)),
            // By the peer's clock, which is an hour ahead
            ("Date: Sun, 22 Nov 2026 07:00:00 GMT\r\nX-RateLimit-Reset: 1795330860", Some(60)),
        ];
        for (fields, want) in rows {
            let head = head("429 x", fields);
            let read = Fields::of(&head, |_, _| {});
            assert_eq!(asked(&head, &read, now, &mut Grounds::none()), want, "{fields}");
        }
    }
}
