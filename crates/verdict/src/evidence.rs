//! What a verdict rests on.

use std::borrow::Cow;
use std::fmt;

use fourstep_probe::Failure;
use fourstep_response::Head;
use fourstep_terms::Code;

use crate::cause::Cause;
use crate::message::{show, shown};
use crate::outlook::clause;
use crate::parts::{Said, said};
use crate::rate_limit::defined;
use crate::retry::Asks;
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
    Status(&'r Head),
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
        self.0.sign()
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
        self.0.reference()
    }
}

impl Fact<'_> {
    pub(crate) fn sign(&self) -> &'static str {
        match self {
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

    pub(crate) fn reference(&self) -> &'static str {
        match self {
            Fact::Status(head) => clause(head.status()),
            Fact::Cause(_, status) => clause(*status),
            Fact::Failure(_) => "the table of failure codes",
            Fact::Overload(..) => "listen(2), tcp(7)",
            Fact::Sign(sign, _) => sign.source(),
            Fact::Hop { error: Some(_), .. } => "RFC 9209 §2.1.1",
            Fact::Hop { error: None, .. } => "RFC 9110 §7.6.3",
            Fact::Clock { .. } => "RFC 9110 §6.6.1",
            Fact::Retry(..) | Fact::Retries { .. } => "RFC 9110 §10.2.3",
            Fact::Quota { name, .. } => defined(name),
        }
    }
}

/// Text of a piece of evidence, made as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    fact: &'a Fact<'a>,
    says: bool,
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.says { says(self.fact, f) } else { value(self.fact, f) }
    }
}

fn value(fact: &Fact<'_>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        Fact::Clock { date, .. } => field("Date", date, VALUE, out),
        Fact::Retry(value, _) => field("Retry-After", value, VALUE, out),
        Fact::Retries { .. } => field("Retry-After", b"", VALUE, out),
        Fact::Quota { name, value, .. } => field(name, value, VALUE, out),
    }
}

fn says(fact: &Fact<'_>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (fact, said(fact)) {
        (_, Some(Said { words, number: None })) => out.write_str(words),
        (_, Some(Said { words, number: Some((number, after)) })) => {
            write!(out, "{words}{number}{after}")
        }
        (Fact::Hop { name, error: Some(_) }, None) => write!(out, "{name} met this error itself"),
        (Fact::Hop { name, error: None }, None) => write!(out, "{name} passed this answer on"),
        (Fact::Retries { count, longest }, None) => {
            write!(out, "there are {count}, where one may be: the longest holds, {longest} s")
        }
        (_, None) => Ok(()),
    }
}

/// A field, its value cut.
fn field(name: &str, value: &[u8], most: usize, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(out, "{name}: ")?;
    show(value, most, out)
}

/// Status code and reason phrase.
fn first_line(head: &Head, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(out, "{:03}", head.status())?;
    match shown(head.reason(), REASON).trim_end() {
        "" => Ok(()),
        reason => write!(out, " {reason}"),
    }
}

/// Characters of a reason phrase that are shown.
pub(crate) const REASON: usize = 60;

/// Characters of a value that are shown of a field which tells when to come back; a date has fewer.
pub(crate) const VALUE: usize = 60;

/// Characters that are shown of what a sign was seen in.
pub(crate) const SIGN: usize = 80;

fn seen_in(sign: &Sign, seen: &Seen<'_>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (octets, count) = match seen {
        Seen::Octets(octets) => (&**octets, 0),
        Seen::Fields(count) => (&[][..], *count),
    };
    match sign.place() {
        Place::Body(_) | Place::Reason(_) | Place::OtherReason(_) => show(octets, SIGN, out),
        Place::Field(number, _) => field(name(number), octets, SIGN, out),
        Place::Absent(number) => write!(out, "no {}", name(number)),
        Place::Repeated(number) => write!(out, "{count} {} fields", name(number)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outlook::meaning;
    use crate::table::{NAMES, emitters};

    #[test]
    fn words_of_ours_need_no_escape() {
        let plain = |text: &str| {
            assert!(!text.contains(['"', '\\']) && !text.chars().any(char::is_control), "{text}");
        };
        NAMES.iter().for_each(|name| plain(name.text()));
        emitters().flat_map(|it| it.signs()).for_each(|sign| plain(sign.says()));
        (0..1000).for_each(|status| plain(meaning(status)));
        for code in Code::ALL {
            plain(code.as_str());
            plain(code.meaning());
        }
    }
}
