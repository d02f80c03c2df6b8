//! What was received.

use std::borrow::Cow;

use fourstep_probe::{Received, Trailer};
use fourstep_response::{Head, Version};

use super::json::{Json, List, Plain, quoted};
use super::object::{members, object};
use super::room::{self, Room, is_unquoted};
use crate::lines::tree::Node;
use crate::lines::walk;
use crate::octets::{Octets, text};

/// A head, and whether its lines stand in JSON as they are: what is known of the whole need not be looked for in
/// each part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    head: &'a Head,
    is_plain: bool,
}

impl<'a> Seen<'a> {
    fn of(head: &'a Head) -> Seen<'a> {
        Seen { head, is_plain: head.is_plain() && !is_quoted(head.octets()) }
    }

    fn reason(self) -> Part<'a> {
        Part { octets: self.head.reason(), head: self.is_plain.then_some(self.head.octets()) }
    }
}

/// Whether one of these octets has to be escaped, all of which can be printed: many are taken at once, without
/// a stop, the last of them among those before.
fn is_quoted(printable: &[u8]) -> bool {
    let Some(last) = printable.last_chunk() else { return !is_unquoted(printable) };
    let (chunks, _) = printable.as_chunks();
    let mut found = [0; 32];
    chunks.iter().for_each(|chunk| look(chunk, &mut found));
    look(last, &mut found);
    found != [0; 32]
}

/// Marks the places of quotes and backslashes.
#[inline(always)]
fn look(octets: &[u8; 32], found: &mut [u8; 32]) {
    for (found, octet) in found.iter_mut().zip(octets) {
        *found |= u8::from((*octet == b'"') | (*octet == b'\\')).wrapping_neg();
    }
}

/// A part of a head that is plain, or of another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) octets: &'a [u8],
    head: Option<&'a [u8]>,
}

quoted! {
    [] Part<'_>: |part, out| match part.head {
        Some(head) => out.piece(part.octets, head),
        None => out.text(part.octets),
    };
}

/// The fields of a head, or of trailers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Section<'a> {
    Head(Seen<'a>),
    Trailers(&'a [Trailer]),
}

impl<'a> Section<'a> {
    const NONE: Section<'a> = Section::Trailers(&[]);

    fn octets(self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let (head, trailers) = match self {
            Section::Head(seen) => (Some(seen.head), &[][..]),
            Section::Trailers(trailers) => (None, trailers),
        };
        let trailers = trailers.iter().map(|(name, value)| (&**name, &**value));
        head.into_iter().flat_map(Head::fields).chain(trailers)
    }

    /// Name and value of each, as text.
    pub(crate) fn iter(self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        self.octets().map(|(name, value)| (text(name), text(value)))
    }
}

impl Json for Section<'_> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        match self {
            Section::Head(Seen { head, is_plain: true }) => plain(head, out),
            _ => pairs(self.octets(), out),
        }
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        let is_asked = |name: &[u8]| asked.field(&inside(name)).is_some();
        pairs(self.octets().filter(|(name, _)| is_asked(name)), out)
    }

    #[inline]
    fn is(&self, written: &str) -> bool {
        matches!(self, Section::Trailers([])) && written == "[]"
    }
}

/// What stands between the quotes of a text.
fn inside(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::new();
    room::append(&Octets(text), b"", &mut quoted);
    walk::inside(&quoted).unwrap_or_default().to_vec()
}

/// Writes lists of two texts.
fn pairs<'a, 'o>(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>, out: Room<'o>) -> Room<'o> {
    let mut out = out.put(b"[");
    let mut is_first = true;
    for (name, value) in pairs {
        out = if is_first { out.put(b"[\"") } else { out.put(b"\"],[\"") };
        is_first = false;
        out = out.text(name).put(b"\",\"").text(value);
    }
    if is_first { out.put(b"]") } else { out.put(b"\"]]") }
}

/// So many octets of a name, and of a value, are copied at once: most have fewer.
const SHORT: usize = 32;

/// The same of the fields of a head that needs no escape.
fn plain<'o>(head: &Head, out: Room<'o>) -> Room<'o> {
    let mut fields = head.starts();
    let Some(first) = fields.next() else { return out.put(b"[]") };
    let mut out = field(b"[[\"", first, (head, fields.len()), out);
    while let Some(next) = fields.next() {
        out = field(b"\"],[\"", next, (head, fields.len()), out);
    }
    out.put(b"\"]]")
}

/// Writes a field that needs no escape: if it is short, in copies of a known length.
#[inline(always)]
fn field<'o>(
    before: &[u8],
    short: Option<[(&[u8; SHORT], usize); 2]>,
    (head, left): (&Head, usize),
    out: Room<'o>,
) -> Room<'o> {
    let Some([name, value]) = short else { return long(head, left, out.put(before)) };
    out.within::<{ 2 * SHORT + 16 }>(|out| {
        let out = out.put(before).put_first(*name.0, name.1).put(b"\",\"");
        out.put_first(*value.0, value.1)
    })
}

/// The same of one that is longer, with so many left behind it.
#[inline(never)]
fn long<'o>(head: &Head, left: usize, out: Room<'o>) -> Room<'o> {
    let fields = head.fields();
    let at = fields.len().saturating_sub(left + 1);
    let (name, value) = head.fields().nth(at).unwrap_or_default();
    out.word(name).put(b"\",\"").word(value)
}

/// The response. What is of the final head is null, or empty, when that did not come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response<'a>(pub(crate) &'a Received);

object! {
    Response<'_>: |response| {
        let head = response.head();
        let seen = head.map(Seen::of);
        version: head.map(Head::version),
        status: head.map(Head::status),
        reason: seen.map(Seen::reason),
        fields: seen.map_or(Section::NONE, Section::Head),
        [interim: List(response.interim()) => [], framing: response.framing().map(Plain) => "length"],
        within 96 {
            head_octets: head.map(|head| head.octets().len()),
            body_octets: response.body_octets(),
        }
        // As it should be.
        if response.is_usual(seen), [complete: response.0.complete => true, oddities: response.oddities() => [], trailers: response.trailers() => []],
    }
}

quoted! {
    [] Version: |version, out| match version {
        Version::Http(1, 1) => out.put(b"HTTP/1.1"),
        version => out.word(version.to_string().as_bytes()),
    };
}

/// A response before the final one (RFC 9110 §15.2).
#[derive(Clone, Debug)]
pub(crate) struct Interim<'a> {
    pub(crate) status: u16,
    pub(crate) reason: Part<'a>,
    pub(crate) fields: Section<'a>,
}

members!(Interim<'_> { status, reason, fields });

/// What was read though a strict reader refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Oddity<'a> {
    pub(crate) rule: &'static str,
    pub(crate) offset: u64,
    pub(crate) says: &'static str,
    pub(crate) reference: &'static str,
    /// The field it is about, where it is about one.
    pub(crate) field: Option<Cow<'a, str>>,
}

members!(Oddity<'_> { rule, offset, says, reference, field });

impl<'a> Oddity<'a> {
    pub(crate) fn of(seen: &fourstep_terms::Oddity) -> Oddity<'a> {
        let fourstep_terms::Oddity { rule, offset, says, reference } = *seen;
        Oddity { rule, offset, says, reference, field: None }
    }

    /// The same of a target, whose offsets count from the first octet typed.
    pub(crate) fn of_fix(fix: &fourstep_target::Fix) -> Oddity<'a> {
        let fourstep_target::Fix { rule, offset, says, reference } = *fix;
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        Oddity { rule, offset, says, reference, field: None }
    }

    /// Octets that HTTP allows and no character encoding explains (RFC 9110 §5.5).
    fn not_utf8(offset: u64, field: Option<Cow<'a, str>>) -> Oddity<'a> {
        Oddity {
            rule: "not-utf8",
            offset,
            says: "octets that are not UTF-8 were written as U+0080 to U+00FF, one each",
            reference: "RFC 9110 §5.5",
            field,
        }
    }
}

impl<'a> Response<'a> {
    pub(crate) fn head(self) -> Option<&'a Head> {
        self.0.head.as_ref()
    }

    pub(crate) fn fields(self) -> Section<'a> {
        self.head().map_or(Section::NONE, |head| Section::Head(Seen::of(head)))
    }

    pub(crate) fn interim(self) -> impl ExactSizeIterator<Item = Interim<'a>> + Clone {
        self.0.interim.iter().map(|head| {
            let (status, seen) = (head.status(), Seen::of(head));
            Interim { status, reason: seen.reason(), fields: Section::Head(seen) }
        })
    }

    pub(crate) fn framing(self) -> Option<&'static str> {
        self.0.framing.map(|framing| framing.as_str())
    }

    pub(crate) fn body_octets(self) -> Option<u64> {
        self.head().map(|_| self.0.body_octets)
    }

    pub(crate) fn trailers(self) -> Section<'a> {
        Section::Trailers(&self.0.trailers)
    }

    /// Whether it came whole, and nothing is odd in it: that needs no look where the head is plain.
    #[inline]
    fn is_usual(self, seen: Option<Seen<'_>>) -> bool {
        let Received { interim, oddities, trailers, complete, .. } = self.0;
        let is_empty = interim.is_empty() && oddities.is_empty() && trailers.is_empty();
        *complete && is_empty && seen.is_some_and(|seen| seen.is_plain)
    }

    pub(crate) fn oddities(self) -> Vec<Oddity<'a>> {
        let Received { interim, head, oddities, .. } = self.0;
        let mut oddities: Vec<_> = oddities.iter().map(Oddity::of).collect();
        let mut start = 0;
        for head in interim.iter().chain(head) {
            if !head.octets().is_ascii() {
                note_not_utf8(start, head.octets(), head.reason(), head.fields(), &mut oddities);
            }
            start += head.octets().len();
        }
        // Where the trailers began is not kept; the body begins here.
        note_not_utf8(start, &[], &[], self.trailers().octets(), &mut oddities);
        oddities
    }
}

/// Names what [`text`] could not take as it is, in a head that begins `start` octets into the
/// response.
fn note_not_utf8<'a>(
    start: usize,
    head: &'a [u8],
    reason: &'a [u8],
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    oddities: &mut Vec<Oddity<'a>>,
) {
    let is_odd = |octets: &[u8]| str::from_utf8(octets).is_err();
    let offset = |part: &[u8]| {
        let within = part.as_ptr().addr().saturating_sub(head.as_ptr().addr());
        // A folded field was copied and joined, and trailers have no head: the nearest place known.
        let within = if within < head.len() { within } else { 0 };
        u64::try_from(start + within).unwrap_or(u64::MAX)
    };
    if is_odd(reason) {
        oddities.push(Oddity::not_utf8(offset(reason), None));
    }
    for (name, _) in fields.filter(|(name, value)| is_odd(name) || is_odd(value)) {
        oddities.push(Oddity::not_utf8(offset(name), Some(text(name))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::Drive;
    use crate::record::object::Chosen;
    use fourstep_probe::Plan;

    #[test]
    fn what_is_not_utf8_is_named_with_its_place() {
        let early: &[u8] = b"HTTP/1.1 103 Fr\xFCh\r\nA: 1\r\n\r\n";
        let last = b"HTTP/1.1 200 OK\r\nServer: caf\xE9\r\nX-Utf8: \xC3\xA9\r\n\r\n";
        let mut drive = Drive::start("http://192.0.2.1/", Plan::default());
        drive.connected(1, 0, "").sent(2, 0).received(3, 0, &[early, last].concat()).closed(4, 0);
        let (report, _) = drive.report();
        let response = Response(report.response.as_deref().unwrap());
        assert_eq!(text(response.interim().next().unwrap().reason.octets), "Fr\u{FC}h");
        assert_eq!(response.fields().iter().next().unwrap().1, "caf\u{E9}");
        assert_eq!(response.fields().iter().nth(1).unwrap().1, "\u{E9}");
        let oddities = response.oddities();
        let odd = oddities.iter();
        let named: Vec<_> = odd.map(|o| (o.rule, o.offset, o.field.as_deref())).collect();
        assert_eq!(named, [("not-utf8", 13, None), ("not-utf8", 44, Some("Server"))]);
    }

    #[test]
    fn trailers_that_are_not_utf8_are_named_too() {
        let octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: \xFF\r\n\r\n";
        let mut drive = Drive::start("http://192.0.2.1/", Plan::default());
        drive.connected(1, 0, "").sent(2, 0).received(3, 0, octets);
        let (report, _) = drive.report();
        let response = Response(report.response.as_deref().unwrap());
        assert_eq!(response.trailers().iter().next().unwrap().1, "\u{FF}");
        let odd = &response.oddities()[0];
        assert_eq!((odd.rule, odd.offset, odd.field.as_deref()), ("not-utf8", 47, Some("A")));
    }

    #[test]
    fn fields_are_asked_for_by_the_names_that_are_shown() {
        let names: [&[u8]; 5] = [b"Server", b"a\"b", b"caf\xE9", "\u{202E}".as_bytes(), b"x"];
        let trailers = names.map(|name| (name.into(), b"1"[..].into()));
        let mut whole = Vec::new();
        room::append(&Section::Trailers(&trailers), b"", &mut whole);
        for name in ["server", r#"a\"b"#, "caf\u{E9}", r"\u202e", "y"] {
            let mut asked = Node::default();
            asked.add(&[name.to_owned()], 0);
            let (mut want, mut got) = (Vec::new(), Vec::new());
            asked.project(&whole, &mut want);
            room::append(&Chosen(Section::Trailers(&trailers), &asked), b"", &mut got);
            assert_eq!(str::from_utf8(&got), str::from_utf8(&want), "{name}");
            assert_eq!(got == b"[]", name == "y", "{name}");
        }
    }

    #[test]
    fn a_head_that_did_not_come_is_null() {
        let mut drive = Drive::start("http://192.0.2.1/", Plan::default());
        drive.connected(1, 0, "").sent(2, 0).received(3, 0, b"HTTP/1.1 2").closed(4, 0);
        let (report, _) = drive.report();
        let response = Response(report.response.as_deref().unwrap());
        assert_eq!(
            (response.head().map(Head::status), response.body_octets(), response.framing()),
            (None, None, None)
        );
        assert!(!response.0.complete && response.fields().iter().next().is_none());
    }
}
