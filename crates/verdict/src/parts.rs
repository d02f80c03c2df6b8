//! What most evidence is made of: few words of a peer's, and ours around them.

use fourstep_response::Head;

use crate::evidence::{Evidence, Fact, REASON, SIGN, Seen, VALUE};
use crate::message::is_plain;
use crate::outlook::{clause, meaning};
use crate::retry::{ABSURD_S, Asks, DAY_S};
use crate::table::{Place, name};

/// A piece of evidence, taken apart: to put these together takes less than to have each text made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// As [`Evidence::sign`] gives it.
    pub sign: &'static str,
    /// What was seen.
    pub value: Value<'a>,
    /// What that says.
    pub says: Said,
    /// As [`Evidence::reference`] gives it.
    pub reference: &'static str,
}

/// What was seen: these one after the other. No octet of them is a control, or beyond ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// What stands before the octets.
    pub lead: Lead,
    /// Octets of a peer's.
    pub octets: &'a [u8],
    /// Whether there may be a quote or a backslash among them.
    pub may_be_quoted: bool,
}

/// What stands before octets of a peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// Words of ours; mostly none.
    Words(&'static str),
    /// A status code of three digits, and a space.
    Status(u16),
    /// The name of a field, a colon and a space.
    Field(&'static str),
}

/// Words of ours, of which none needs an escape; in some there is a number, and more behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// What is said, or what of it stands before the number.
    pub words: &'static str,
    /// The number, and what stands behind it.
    pub number: Option<(u64, &'static str)>,
}

/// What is done with parts.
pub trait Assemble {
    /// What comes of it.
    type Whole;

    /// Puts them together.
    fn assemble(self, parts: Parts<'_>) -> Self::Whole;

    /// The same of parts that all together have less than 400 octets, none of which needs an escape.
    #[inline(always)]
    fn assemble_short(self, parts: Parts<'_>) -> Self::Whole
    where
        Self: Sized,
    {
        self.assemble(parts)
    }
}

impl Evidence<'_> {
    /// Has its parts put together, if it is of the usual kinds and what a peer sent is plain. That is the
    /// same as the texts which [`Evidence::value`] and [`Evidence::says`] give.
    ///
    /// What most verdicts rest on is put together in a place of its own, for each: there the compiler
    /// sees our words, and how long they are.
    ///
    /// # Errors
    ///
    /// It has no such parts: this was not used.
    #[inline(always)]
    pub fn assemble<A: Assemble>(&self, by: A) -> Result<A::Whole, A> {
        match &self.0 {
            // The same six times, for those that are met most: but in each it is known what is said.
            Fact::Status(head) => match head.status() {
                404 => together(status(head, 404), by),
                429 => together(status(head, 429), by),
                500 => together(status(head, 500), by),
                502 => together(status(head, 502), by),
                503 => together(status(head, 503), by),
                504 => together(status(head, 504), by),
                _ => together(other(&self.0), by),
            },
            // And four times.
            Fact::Clock { date, skew: skew @ DAY_S.., ahead: true } => {
                short(clock(date, *skew, true), by)
            }
            Fact::Clock { date, skew: skew @ DAY_S.., ahead: false } => {
                short(clock(date, *skew, false), by)
            }
            Fact::Clock { date, skew, ahead: true } => short(clock(date, *skew, true), by),
            Fact::Clock { date, skew, ahead: false } => short(clock(date, *skew, false), by),
            Fact::Retry(value, Asks::Delay(seconds @ 1..ABSURD_S)) => {
                short(retry(value, Asks::Delay(*seconds)), by)
            }
            fact => together(other(fact), by),
        }
    }
}

#[inline(always)]
fn together<A: Assemble>(parts: Option<Parts<'_>>, by: A) -> Result<A::Whole, A> {
    match parts {
        Some(parts) => Ok(by.assemble(parts)),
        None => Err(by),
    }
}

/// The same of parts of which what a peer sent is a date or a number.
#[inline(always)]
fn short<A: Assemble>(parts: Option<Parts<'_>>, by: A) -> Result<A::Whole, A> {
    match parts {
        Some(parts) => Ok(by.assemble_short(parts)),
        None => Err(by),
    }
}

#[inline(always)]
fn status(head: &Head, status: u16) -> Option<Parts<'_>> {
    let reason = head.reason();
    let octets = reason.trim_ascii_end();
    let is = status >= 100
        && reason.len() <= REASON
        && !octets.is_empty()
        && (head.is_plain() || is_plain(reason));
    is.then_some(Parts {
        sign: "status",
        value: Value { lead: Lead::Status(status), octets, may_be_quoted: true },
        says: Said { words: meaning(status), number: None },
        reference: clause(status),
    })
}

#[inline(always)]
fn clock(date: &[u8], skew: u64, ahead: bool) -> Option<Parts<'_>> {
    Some(Parts {
        sign: "clock",
        value: read("Date", date)?,
        says: skewed(skew, ahead),
        reference: "RFC 9110 §6.6.1",
    })
}

/// What is said of a clock.
#[inline(always)]
fn skewed(skew: u64, ahead: bool) -> Said {
    let (words, after) = match (skew, ahead) {
        (DAY_S.., true) => ("", " s ahead of our clock: passed on, stored, or set wrong"),
        (DAY_S.., false) => ("", " s behind our clock: passed on, stored, or set wrong"),
        (_, true) => ("the clock that wrote it is ", " s ahead of ours"),
        (_, false) => ("the clock that wrote it is ", " s behind ours"),
    };
    Said { words, number: Some((skew, after)) }
}

#[inline(always)]
fn retry(value: &[u8], asks: Asks) -> Option<Parts<'_>> {
    let value = match asks {
        Asks::Nothing { .. } => shown(Lead::Field("Retry-After"), value, VALUE)?,
        _ => read("Retry-After", value)?,
    };
    let (words, number) = asks.words();
    Some(Parts {
        sign: "field",
        value,
        says: Said { words, number },
        reference: "RFC 9110 §10.2.3",
    })
}

/// The parts of what is seldom seen.
#[inline(never)]
fn other<'a>(fact: &'a Fact<'_>) -> Option<Parts<'a>> {
    let ours = |words| Value { lead: Lead::Words(words), octets: &[], may_be_quoted: false };
    let value = match fact {
        Fact::Status(head) => return status(head, head.status()),
        Fact::Clock { date, skew, ahead } => return clock(date, *skew, *ahead),
        Fact::Retry(value, asks) => return retry(value, *asks),
        Fact::Cause(cause, _) => ours(cause.as_str()),
        Fact::Overload(code, _) => ours(code.as_str()),
        Fact::Quota { name, value, .. } => shown(Lead::Field(name), value, VALUE)?,
        Fact::Sign(sign, Seen::Octets(octets)) => match sign.place() {
            Place::Field(number, _) => shown(Lead::Field(name(number)), octets, SIGN)?,
            Place::Body(_) | Place::Reason(_) | Place::OtherReason(_) => {
                shown(Lead::Words(""), octets, SIGN)?
            }
            _ => return None,
        },
        Fact::Sign(..) | Fact::Failure(_) | Fact::Hop { .. } | Fact::Retries { .. } => return None,
    };
    Some(Parts { sign: fact.sign(), value, says: said(fact)?, reference: fact.reference() })
}

/// The value of a field that could be read as a date or as a number: no other octets are in it.
#[inline(always)]
fn read<'a>(name: &'static str, octets: &'a [u8]) -> Option<Value<'a>> {
    let value = Value { lead: Lead::Field(name), octets, may_be_quoted: false };
    (octets.len() <= VALUE).then_some(value)
}

/// Any octets that are plain, and so few.
fn shown(lead: Lead, octets: &[u8], most: usize) -> Option<Value<'_>> {
    let is = octets.len() <= most && is_plain(octets);
    is.then_some(Value { lead, octets, may_be_quoted: true })
}

/// What a fact says, where all but a number of it is known.
pub(crate) fn said(fact: &Fact<'_>) -> Option<Said> {
    let (words, number) = match fact {
        Fact::Status(head) => (meaning(head.status()), None),
        Fact::Cause(cause, _) => match cause.temporary() {
            Some(true) => ("this usually passes by itself", None),
            _ => ("this does not pass by itself", None),
        },
        Fact::Failure(failure) => (failure.code().meaning(), None),
        Fact::Overload(_, says) => (*says, None),
        Fact::Sign(sign, _) => (sign.says(), None),
        Fact::Clock { skew, ahead, .. } => return Some(skewed(*skew, *ahead)),
        Fact::Retry(_, asks) => asks.words(),
        Fact::Quota { seconds, .. } => ("the quota is renewed in ", Some((*seconds, " s"))),
        Fact::Hop { .. } | Fact::Retries { .. } => return None,
    };
    Some(Said { words, number })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::testing::report;
    use crate::verdict::Verdict;

    /// Sees that parts are the same as texts.
    struct Alike<'e>(&'e Evidence<'e>);

    impl Assemble for Alike<'_> {
        type Whole = ();

        fn assemble(self, parts: Parts<'_>) {
            let Parts { sign, value, says, reference } = parts;
            let lead = match value.lead {
                Lead::Words(words) => words.to_owned(),
                Lead::Status(status) => format!("{status} "),
                Lead::Field(name) => format!("{name}: "),
            };
            let octets = str::from_utf8(value.octets).unwrap();
            assert_eq!(lead + octets, self.0.value().to_string());
            assert!(value.may_be_quoted || !octets.contains(['"', '\\']));
            let number = says.number.map(|(number, after)| format!("{number}{after}"));
            let text = says.words.to_owned() + &number.unwrap_or_default();
            assert_eq!(text, self.0.says().to_string());
            assert_eq!((sign, reference), (self.0.sign(), self.0.reference()));
        }
    }

    #[test]
    fn parts_are_the_same_as_texts() {
        let long = "x".repeat(60);
        let rows = [
            // status line, fields, body
            (
                "503 Service Unavailable",
                "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: 120",
                "",
            ),
            (
                "503 \"quoted\" \\ ",
                "Date: Sunday, 06-Nov-94 08:49:37 GMT\r\nRetry-After: soon\"",
                "",
            ),
            ("099 x", "Date: Sun Nov  6 08:49:37 1994\r\nRetry-After: 1, 2", ""),
            ("503 x\u{E9}", "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\nRetry-After: 5", ""),
            ("503", "RateLimit: limit=100, remaining=0, reset=50", ""),
            ("502 Bad Gateway", "Server: nginx/1.2\r\nVia: 1.1 a", "<center>nginx/1.2</center>"),
            ("404 Not Found", "", ""),
            ("500 Internal Server Error", "Date: Sun, 06 Nov 1994 08:49:37 GMT", ""),
            ("504 Gateway Timeout", "Date: Sun, 06 Nov 1994 08:49:37 GMT", ""),
            ("429 x", &format!("Retry-After: {}", "0".repeat(61)), ""),
            (&format!("503 {long}"), &format!("Retry-After: {}", "0".repeat(60)), ""),
            (&format!("503 {long}y"), "Server: Jetty(9.4)", ""),
        ];
        let mut apart = 0;
        for (status, fields, body) in rows {
            let report = report(status, fields, body);
            for at in
                [784_111_777, 784_111_787, 784_108_177, 900_000_000, 0].map(Duration::from_secs)
            {
                let verdict = Verdict::of(&report, UNIX_EPOCH + at);
                for evidence in verdict.evidence.iter() {
                    apart += usize::from(evidence.assemble(Alike(evidence)).is_ok());
                }
            }
        }
        assert!(apart > 40, "{apart}");
    }
}
