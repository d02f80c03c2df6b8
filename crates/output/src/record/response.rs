//! What was received.

use std::borrow::Cow;

use fourstep_probe::Received;
use serde::Serialize;

use crate::octets::text;

/// Name and value.
pub(crate) type Field<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The response. What is of the final head is null, or empty, when that did not come.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Response<'a> {
    pub(crate) version: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) reason: Option<Cow<'a, str>>,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) interim: Vec<Interim<'a>>,
    pub(crate) framing: Option<&'static str>,
    pub(crate) head_octets: Option<usize>,
    pub(crate) body_octets: Option<u64>,
    pub(crate) complete: bool,
    pub(crate) oddities: Vec<Oddity<'a>>,
    pub(crate) trailers: Vec<Field<'a>>,
}

/// A response before the final one (RFC 9110 §15.2).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Interim<'a> {
    pub(crate) status: u16,
    pub(crate) reason: Cow<'a, str>,
    pub(crate) fields: Vec<Field<'a>>,
}

/// What was read though a strict reader refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Oddity<'a> {
    pub(crate) rule: &'static str,
    pub(crate) offset: u64,
    pub(crate) says: &'static str,
    pub(crate) reference: &'static str,
    /// The field it is about, where it is about one.
    pub(crate) field: Option<Cow<'a, str>>,
}

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
    pub(crate) fn of(received: &'a Received) -> Response<'a> {
        let mut oddities: Vec<_> = received.oddities.iter().map(Oddity::of).collect();
        let mut start = 0;
        for head in received.interim.iter().chain(&received.head) {
            note_not_utf8(start, head.octets(), head.reason(), head.fields(), &mut oddities);
            start += head.octets().len();
        }
        // Where the trailers began is not kept; the body begins here.
        let trailers = || received.trailers.iter().map(|(name, value)| (&**name, &**value));
        note_not_utf8(start, &[], &[], trailers(), &mut oddities);
        let head = received.head.as_ref();
        Response {
            version: head.map(|head| head.version().to_string()),
            status: head.map(|head| head.status()),
            reason: head.map(|head| text(head.reason())),
            fields: head.map_or_else(Vec::new, |head| fields(head.fields())),
            interim: received
                .interim
                .iter()
                .map(|head| Interim {
                    status: head.status(),
                    reason: text(head.reason()),
                    fields: fields(head.fields()),
                })
                .collect(),
            framing: received.framing.map(|framing| framing.as_str()),
            head_octets: head.map(|head| head.octets().len()),
            body_octets: head.map(|_| received.body_octets),
            complete: received.complete,
            oddities,
            trailers: fields(trailers()),
        }
    }
}

fn fields<'a>(octets: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Vec<Field<'a>> {
    octets.map(|(name, value)| (text(name), text(value))).collect()
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
    use fourstep_probe::Plan;

    #[test]
    fn what_is_not_utf8_is_named_with_its_place() {
        let early: &[u8] = b"HTTP/1.1 103 Fr\xFCh\r\nA: 1\r\n\r\n";
        let last = b"HTTP/1.1 200 OK\r\nServer: caf\xE9\r\nX-Utf8: \xC3\xA9\r\n\r\n";
        let mut drive = Drive::start("http://192.0.2.1/", Plan::default());
        drive.connected(1, 0, "").sent(2, 0).received(3, 0, &[early, last].concat()).closed(4, 0);
        let (report, _) = drive.report();
        let response = Response::of(report.response.as_ref().unwrap());
        assert_eq!(response.interim[0].reason, "Fr\u{FC}h");
        assert_eq!(response.fields[0].1, "caf\u{E9}");
        assert_eq!(response.fields[1].1, "\u{E9}");
        let odd = response.oddities.iter();
        let named: Vec<_> = odd.map(|o| (o.rule, o.offset, o.field.as_deref())).collect();
        assert_eq!(named, [("not-utf8", 13, None), ("not-utf8", 44, Some("Server"))]);
    }

    #[test]
    fn trailers_that_are_not_utf8_are_named_too() {
        let octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: \xFF\r\n\r\n";
        let mut drive = Drive::start("http://192.0.2.1/", Plan::default());
        drive.connected(1, 0, "").sent(2, 0).received(3, 0, octets);
        let (report, _) = drive.report();
        let response = Response::of(report.response.as_ref().unwrap());
        assert_eq!(response.trailers[0].1, "\u{FF}");
        let odd = response.oddities.first().unwrap();
        assert_eq!((odd.rule, odd.offset, odd.field.as_deref()), ("not-utf8", 47, Some("A")));
    }

    #[test]
    fn a_head_that_did_not_come_is_null() {
        let mut drive = Drive::start("http://192.0.2.1/", Plan::default());
        drive.connected(1, 0, "").sent(2, 0).received(3, 0, b"HTTP/1.1 2").closed(4, 0);
        let (report, _) = drive.report();
        let response = Response::of(report.response.as_ref().unwrap());
        assert_eq!((response.status, response.body_octets, response.framing), (None, None, None));
        assert!(!response.complete && response.fields.is_empty());
    }
}
