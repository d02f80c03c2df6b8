//! What a verdict rests on.

use std::borrow::Cow;
use std::fmt::{self, Write};

use fourstep_probe::Failure;
use fourstep_response::OwnedHead;
use fourstep_terms::Code;

use crate::cause::Cause;
use crate::message::{is_plain, number, show, shown};
use crate::outlook::{clause, meaning};
use crate::retry::{ABSURD_S, Asks, DAY_S};
use crate::table::{Place, Sign, name};

/// One thing that was seen, and what it says: a person can look both up.
///
/// It keeps what was seen as it stands in the report, and finds words when it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence<'r>(pub(crate) Fact<'r>);

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact<'r> {
    /// The status line.
    Status(&'r OwnedHead),
    /// What tells whether it passes, of an answer with this status.
    Cause(Cause, u16),
    Failure(&'r Failure),
    /// What an overloaded server does instead of answering.
    Overload(Code, &'static str),
    /// A sign of the table.
    Sign(Sign, Seen<'r>),
    /// A hop in Via; in Proxy-Status with the error that it met.
    Hop {
        name: Box<str>,
        error: Option<Box<str>>,
    },
    /// Date, and by how many seconds it is ahead of our clock or behind it.
    Clock {
        date: &'r [u8],
        skew: u64,
        ahead: bool,
    },
    /// A value of Retry-After.
    Retry(&'r [u8], Asks),
    /// More than one of them, and the longest that they ask for.
    Retries {
        count: u32,
        longest: u64,
    },
    /// A field that tells when a quota is renewed.
    Quota {
        name: &'static str,
        value: Box<[u8]>,
        seconds: u64,
        reference: &'static str,
    },
}

/// What a sign of the table was seen in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen<'r> {
    Octets(Cow<'r, [u8]>),
    /// So many fields.
    Fields(usize),
}

impl Evidence<'_> {
    /// What kind of thing: `status`, `failure`, `cause`, `body`, `reason`, `field`, `absent field`,
    /// `repeated field`, `field order`, `length`, `clock`.
    pub fn sign(&self) -> &'static str {
        match &self.0 {
            Fact::Status(_) => "status",
            Fact::Cause(..) => "cause",
            Fact::Failure(_) | Fact::Overload(..) => "failure",
            Fact::Sign(sign, _) => sign.kind(),
            Fact::Clock { .. } => "clock",
            Fact::Hop { .. } | Fact::Retry(..) | Fact::Retries { .. } | Fact::Quota { .. } => {
                "field"
            }
        }
    }

    /// What was seen, as it can be shown on a terminal.
    pub fn value(&self) -> Words<'_> {
        Words { fact: &self.0, says: false }
    }

    /// What that says.
    pub fn says(&self) -> Words<'_> {
        Words { fact: &self.0, says: true }
    }

    /// Where that is written: a clause of an RFC, or the source that a row of the table gives. It
    /// needs no escape anywhere.
    pub fn reference(&self) -> &'static str {
        match &self.0 {
            Fact::Status(head) => clause(head.status()),
            Fact::Cause(_, status) => clause(*status),
            Fact::Failure(_) => "the table of failure codes",
            Fact::Overload(..) => "listen(2), tcp(7)",
            Fact::Sign(sign, _) => sign.source(),
            Fact::Hop { error: Some(_), .. } => "RFC 9209 §2.1.1",
            Fact::Hop { error: None, .. } => "RFC 9110 §7.6.3",
            Fact::Clock { .. } => "RFC 9110 §6.6.1",
            Fact::Retry(..) | Fact::Retries { .. } => "RFC 9110 §10.2.3",
            Fact::Quota { reference, .. } => reference,
        }
    }
}

/// Text of a piece of evidence, made as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    fact: &'a Fact<'a>,
    says: bool,
}

impl Words<'_> {
    /// Writes it, without the detour of a format.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_to(&self, out: &mut impl Write) -> fmt::Result {
        match self.says {
            true => says(self.fact, out),
            false => value(self.fact, out),
        }
    }
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

fn value(fact: &Fact<'_>, out: &mut impl Write) -> fmt::Result {
    match fact {
        Fact::Status(head) => first_line(head, out),
        Fact::Cause(cause, _) => out.write_str(cause.as_str()),
        Fact::Failure(failure) => write!(out, "{}: {failure}", failure.code()),
        Fact::Overload(code, _) => out.write_str(code.as_str()),
        Fact::Sign(sign, seen) => seen_in(sign, seen, out),
        Fact::Hop { name, error: Some(error) } => {
            write!(out, "Proxy-Status: {name}; error={error}")
        }
        Fact::Hop { name, error: None } => write!(out, "Via: {name}"),
        Fact::Clock { date, .. } => field("Date", date, 40, out),
        Fact::Retry(value, _) => field("Retry-After", value, 60, out),
        Fact::Retries { .. } => field("Retry-After", b"", 0, out),
        Fact::Quota { name, value, .. } => field(name, value, 60, out),
    }
}

fn says(fact: &Fact<'_>, out: &mut impl Write) -> fmt::Result {
    match fact {
        Fact::Status(head) => out.write_str(meaning(head.status())),
        Fact::Cause(cause, _) => out.write_str(match cause.temporary() {
            Some(true) => "this usually passes by itself",
            _ => "this does not pass by itself",
        }),
        Fact::Failure(failure) => out.write_str(failure.code().meaning()),
        Fact::Overload(_, says) => out.write_str(says),
        Fact::Sign(sign, _) => out.write_str(sign.says()),
        Fact::Hop { name, error: Some(_) } => write!(out, "{name} met this error itself"),
        Fact::Hop { name, error: None } => write!(out, "{name} passed this answer on"),
        Fact::Clock { skew, ahead, .. } => {
            let side = if *ahead { " s ahead of " } else { " s behind " };
            let (before, after) = match skew {
                DAY_S.. => ("", "our clock: passed on, stored, or set wrong"),
                _ => ("the clock that wrote it is ", "ours"),
            };
            out.write_str(before)?;
            number(*skew, out)?;
            out.write_str(side)?;
            out.write_str(after)
        }
        Fact::Retry(_, asks) => retry(*asks, out),
        Fact::Retries { count, longest } => {
            write!(out, "there are {count}, where one may be: the longest holds, {longest} s")
        }
        Fact::Quota { seconds, .. } => write!(out, "the quota is renewed in {seconds} s"),
    }
}

/// Status code and reason phrase.
fn first_line(head: &OwnedHead, out: &mut impl Write) -> fmt::Result {
    let digit = |value: u16| b'0'.saturating_add((value % 10).to_le_bytes()[0]);
    let status = head.status();
    let digits = [digit(status / 100), digit(status / 10), digit(status)];
    out.write_str(str::from_utf8(&digits).unwrap_or_default())?;
    let reason = match head.reason() {
        plain if is_plain(plain) && plain.len() <= REASON => plain.trim_ascii_end(),
        other => {
            let shown = shown(other, REASON);
            return match shown.trim_end() {
                "" => Ok(()),
                reason => write!(out, " {reason}"),
            };
        }
    };
    if reason.is_empty() {
        return Ok(());
    }
    out.write_char(' ')?;
    show(reason, REASON, out)
}

/// Characters of a reason phrase that are shown.
const REASON: usize = 60;

fn seen_in(sign: &Sign, seen: &Seen<'_>, out: &mut impl Write) -> fmt::Result {
    let octets = match seen {
        Seen::Octets(octets) => octets,
        Seen::Fields(_) => &[][..],
    };
    match sign.place() {
        Place::Body(_) | Place::Reason(_) | Place::OtherReason(_) => show(octets, 80, out),
        Place::Field(number, _) => field(name(number), octets, 80, out),
        Place::Absent(number) => write!(out, "no {}", name(number)),
        Place::Repeated(number) => {
            let count = if let Seen::Fields(count) = seen { *count } else { 0 };
            write!(out, "{count} {} fields", name(number))
        }
        Place::Length(length) => write!(out, "{length} octets"),
        Place::Order(names) => {
            for (at, name) in names.list().enumerate() {
                out.write_str(if at > 0 { ", " } else { "" })?;
                show(name, usize::MAX, out)?;
            }
            Ok(())
        }
    }
}

/// What a value of Retry-After comes to.
fn retry(asks: Asks, out: &mut impl Write) -> fmt::Result {
    let (before, seconds, after) = match asks {
        Asks::Nothing { negative: true } => return out.write_str("a negative delay: ignored"),
        Asks::Nothing { negative: false } => {
            return out.write_str("neither seconds nor a date: ignored");
        }
        Asks::Delay(0) => return out.write_str("come back at once"),
        Asks::Delay(seconds) => ("come back in ", seconds, " s"),
        Asks::Moment { seconds: 0, corrected } => {
            out.write_str("this moment has passed")?;
            out.write_str(if corrected { BY_DATE } else { "" })?;
            return out.write_str(": come back at once");
        }
        Asks::Moment { seconds, .. } => ("", seconds, " s from now"),
    };
    out.write_str(before)?;
    number(seconds, out)?;
    out.write_str(after)?;
    if let Asks::Moment { corrected: true, .. } = asks {
        out.write_str(BY_DATE)?;
    }
    match seconds {
        ABSURD_S.. => out.write_str(": more than a year, which nobody means"),
        _ => Ok(()),
    }
}

/// A moment by the clock of the peer's.
const BY_DATE: &str = ", by its own Date";

/// A field, its value cut.
fn field(name: &str, value: &[u8], most: usize, out: &mut impl Write) -> fmt::Result {
    out.write_str(name)?;
    out.write_str(": ")?;
    show(value, most, out)
}
