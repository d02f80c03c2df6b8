//! What a verdict rests on.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::mem::take;

use fourstep_probe::Failure;
use fourstep_response::Head;
use fourstep_terms::Code;

use crate::cause::Cause;
use crate::message::{is_plain, number, show, shown};
use crate::outlook::clause;
use crate::parts::{Said, said};
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

/// A piece of [`Words`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words of ours: they need no escape, on a terminal or in JSON.
    Ours(&'static str),
    /// Octets of a peer's that are printable ASCII: a quote or a backslash may be among them.
    Printable(&'a [u8]),
    /// Any text that can be shown.
    Text(&'a str),
    /// A number, to be written in decimal digits.
    Number(u64),
}

impl Words<'_> {
    /// Hands over each of its pieces, in order, together with what the one before came to: room that
    /// is left, say.
    ///
    /// ```
    /// # use fourstep_verdict::{Evidence, Piece};
    /// fn length(evidence: &Evidence<'_>) -> usize {
    ///     evidence.says().fold(0, |length, piece| match piece {
    ///         Piece::Ours(text) | Piece::Text(text) => length + text.len(),
    ///         Piece::Printable(octets) => length + octets.len(),
    ///         Piece::Number(number) => length + number.to_string().len(),
    ///     })
    /// }
    /// ```
    #[inline]
    pub fn fold<T: Default>(&self, to: T, put: impl FnMut(T, Piece<'_>) -> T) -> T {
        let pen = Pen { to, put };
        let pen = if self.says { says(self.fact, pen) } else { value(self.fact, pen) };
        pen.to
    }

    /// Writes it, without the detour of a format.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_to(&self, out: &mut impl Write) -> fmt::Result {
        let mut written = Ok(());
        self.fold((), |(), piece| {
            if written.is_ok() {
                written = match piece {
                    Piece::Ours(text) | Piece::Text(text) => out.write_str(text),
                    Piece::Printable(octets) => {
                        out.write_str(str::from_utf8(octets).unwrap_or_default())
                    }
                    Piece::Number(value) => number(value, out),
                };
            }
        });
        written
    }
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

/// Hands pieces over.
struct Pen<T, P> {
    /// What those so far came to.
    to: T,
    put: P,
}

impl<T: Default, P: FnMut(T, Piece<'_>) -> T> Pen<T, P> {
    #[inline]
    fn put(mut self, piece: Piece<'_>) -> Self {
        Pen { to: (self.put)(self.to, piece), put: self.put }
    }

    #[inline]
    fn ours(self, text: &'static str) -> Self {
        self.put(Piece::Ours(text))
    }

    #[inline]
    fn number(self, number: u64) -> Self {
        self.put(Piece::Number(number))
    }

    /// Octets of a peer's, as they can be shown.
    #[inline]
    fn peers(self, octets: &[u8], most: usize) -> Self {
        // Mostly they are few and plain.
        match octets.len() <= most && is_plain(octets) {
            true => self.put(Piece::Printable(octets)),
            false => self.formatted(|out| show(octets, most, out)),
        }
    }

    /// What is formatted: there is little of it.
    #[cold]
    fn formatted(mut self, write: impl FnOnce(&mut Self) -> fmt::Result) -> Self {
        // Handing over cannot fail.
        let _ = write(&mut self);
        self
    }
}

impl<T: Default, P: FnMut(T, Piece<'_>) -> T> Write for Pen<T, P> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.to = (self.put)(take(&mut self.to), Piece::Text(text));
        Ok(())
    }
}

fn value<T: Default, P>(fact: &Fact<'_>, pen: Pen<T, P>) -> Pen<T, P>
where
    P: FnMut(T, Piece<'_>) -> T,
{
    match fact {
        Fact::Status(head) => first_line(head, pen),
        Fact::Cause(cause, _) => pen.ours(cause.as_str()),
        Fact::Failure(failure) => {
            let pen = pen.ours(failure.code().as_str());
            pen.formatted(|out| write!(out, ": {failure}"))
        }
        Fact::Overload(code, _) => pen.ours(code.as_str()),
        Fact::Sign(sign, seen) => seen_in(sign, seen, pen),
        Fact::Hop { name, error: Some(error) } => {
            let pen = pen.ours("Proxy-Status: ").put(Piece::Text(name));
            pen.ours("; error=").put(Piece::Text(error))
        }
        Fact::Hop { name, error: None } => pen.ours("Via: ").put(Piece::Text(name)),
        Fact::Clock { date, .. } => pen.ours("Date: ").peers(date, VALUE),
        Fact::Retry(value, _) => pen.ours("Retry-After: ").peers(value, VALUE),
        Fact::Retries { .. } => pen.ours("Retry-After: "),
        Fact::Quota { name, value, .. } => pen.ours(name).ours(": ").peers(value, VALUE),
    }
}

fn says<T: Default, P>(fact: &Fact<'_>, pen: Pen<T, P>) -> Pen<T, P>
where
    P: FnMut(T, Piece<'_>) -> T,
{
    match (fact, said(fact)) {
        (_, Some(Said { words, number: None })) => pen.ours(words),
        (_, Some(Said { words, number: Some((number, after)) })) => {
            pen.ours(words).number(number).ours(after)
        }
        (Fact::Hop { name, error }, None) => {
            let met = error.is_some();
            let says = if met { " met this error itself" } else { " passed this answer on" };
            pen.put(Piece::Text(name)).ours(says)
        }
        (Fact::Retries { count, longest }, None) => pen
            .ours("there are ")
            .number((*count).into())
            .ours(", where one may be: the longest holds, ")
            .number(*longest)
            .ours(" s"),
        (_, None) => pen,
    }
}

/// Status code and reason phrase.
fn first_line<T: Default, P>(head: &Head, pen: Pen<T, P>) -> Pen<T, P>
where
    P: FnMut(T, Piece<'_>) -> T,
{
    let status = head.status();
    let pen = match status {
        100.. => pen,
        10..100 => pen.ours("0"),
        _ => pen.ours("00"),
    };
    let pen = pen.number(status.into());
    match head.reason() {
        plain if plain.len() <= REASON && is_plain(plain) => match plain.trim_ascii_end() {
            [] => pen,
            reason => pen.ours(" ").put(Piece::Printable(reason)),
        },
        odd => match shown(odd, REASON).trim_end() {
            "" => pen,
            reason => pen.ours(" ").put(Piece::Text(reason)),
        },
    }
}

/// Characters of a reason phrase that are shown.
pub(crate) const REASON: usize = 60;

/// Characters of a value that are shown of a field which tells when to come back; a date has fewer.
pub(crate) const VALUE: usize = 60;

/// Characters that are shown of what a sign was seen in.
pub(crate) const SIGN: usize = 80;

fn seen_in<T: Default, P>(sign: &Sign, seen: &Seen<'_>, pen: Pen<T, P>) -> Pen<T, P>
where
    P: FnMut(T, Piece<'_>) -> T,
{
    let (octets, count) = match seen {
        Seen::Octets(octets) => (&**octets, 0),
        Seen::Fields(count) => (&[][..], u64::try_from(*count).unwrap_or(u64::MAX)),
    };
    match sign.place() {
        Place::Body(_) | Place::Reason(_) | Place::OtherReason(_) => pen.peers(octets, SIGN),
        Place::Field(number, _) => pen.ours(name(number)).ours(": ").peers(octets, SIGN),
        Place::Absent(number) => pen.ours("no ").ours(name(number)),
        Place::Repeated(number) => pen.number(count).ours(" ").ours(name(number)).ours(" fields"),
        Place::Length(length) => pen.number(length).ours(" octets"),
        Place::Order(names) => names.list().enumerate().fold(pen, |pen, (at, name)| {
            let pen = if at > 0 { pen.ours(", ") } else { pen };
            pen.peers(name, usize::MAX)
        }),
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
