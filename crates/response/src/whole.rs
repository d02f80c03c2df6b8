//! A response that is whole in one read.

use crate::event::{Asked, Limits};
use crate::framing::Framing;
use crate::head::Head;
use crate::parse;

/// A response that came whole: what [`whole`] has read.
#[derive(Clone, Debug)]
pub struct Whole<'a> {
    /// The head of the final response.
    pub head: Head,
    /// Where the body ends: [`Framing::Length`] or [`Framing::Absent`].
    pub framing: Framing,
    /// The body, borrowed from the octets that brought it.
    pub body: &'a [u8],
}

/// Reads a response that these octets are all of, as most are that are short: no state is needed for
/// what comes at once.
///
/// `None` says nothing of the octets but that they are for a [`Reader`](crate::Reader): an interim
/// response, one that is odd or refused, whose length only its end tells, of which a part is still to
/// come, or that something follows. Of what this reads, a [`Reader`](crate::Reader) would tell the same.
///
/// The head is kept in `room`, which is taken for it: memory of another one
/// ([`Head::into_room`]), or none.
#[inline]
pub fn whole<'a>(
    asked: Asked,
    limits: &Limits,
    octets: &'a [u8],
    room: &mut Vec<u8>,
) -> Option<Whole<'a>> {
    let most = limits.head_bytes.min(u32::MAX as usize);
    let (head, framing) =
        parse::strict(octets.get(..most).unwrap_or(octets), asked, limits.fields, room)?;
    let framing = framing?;
    let (_, body) = octets.split_at_checked(head.octets().len())?;
    let length = match framing {
        Framing::Absent => 0,
        Framing::Length(length) if length <= limits.body_bytes => length,
        _ => return None,
    };
    // What follows a 101 is not HTTP (RFC 9110 §15.2.2), and where nothing may follow, that is odd.
    let is_final = head.status() >= 200;
    (is_final && body.len() as u64 == length).then_some(Whole { head, framing, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Reader};

    /// What a [`Reader`] tells of octets that come at once: the final head with its framing, and the
    /// body; `None` where it tells anything else, or finds something odd.
    fn read(asked: Asked, limits: Limits, mut rest: &[u8]) -> Option<(Head, Framing, Vec<u8>)> {
        let mut reader = Reader::new(asked, limits);
        let (mut last, mut body) = (None, Vec::new());
        loop {
            let (taken, event) = reader.read(rest).ok()?;
            rest = &rest[taken..];
            match event {
                Event::Final(head, framing) => last = Some((head, framing?)),
                Event::Body(octets) => body.extend(octets),
                Event::Complete { trailers } => {
                    assert_eq!(trailers.count(), 0);
                    break;
                }
                _ => return None,
            }
        }
        let (head, framing) = last?;
        (rest.is_empty() && reader.oddities().is_empty()).then_some((head, framing, body))
    }

    #[test]
    fn what_is_whole_is_read_as_by_a_reader_and_nothing_else_is() {
        use Asked::{Connect, Head as Bodiless, Other};
        let rows: [(&str, Asked, &str, bool); 17] = [
            // why, asked, octets, read
            (
                "RFC 9112 §6.3 item 6",
                Other,
                "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy",
                true,
            ),
            ("an empty body", Other, "HTTP/1.0 404 \r\ncontent-length: 0\r\n\r\n", true),
            ("item 1", Bodiless, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", true),
            ("item 1", Other, "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", true),
            ("item 1", Other, "HTTP/1.1 204 No Content\r\n\r\n", false),
            ("item 2", Connect, "HTTP/1.1 200 OK\r\n\r\n", false),
            (
                "item 3",
                Other,
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                false,
            ),
            (
                "item 4",
                Other,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                false,
            ),
            ("item 5", Other, "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nb", false),
            ("item 8", Other, "HTTP/1.1 200 OK\r\n\r\nbody", false),
            ("octets after it", Other, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nbb", false),
            ("octets after it", Bodiless, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb", false),
            ("RFC 9110 §15.2", Other, "HTTP/1.1 100 Continue\r\n\r\n", false),
            ("RFC 9110 §15.2.2", Bodiless, "HTTP/1.1 101 Switching Protocols\r\n\r\n", false),
            (
                "a longer body than is read",
                Other,
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789",
                false,
            ),
            (
                "more fields than are read",
                Other,
                "HTTP/1.1 304 \r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n",
                false,
            ),
            ("odd line ends", Other, "HTTP/1.1 304 Not Modified\nA: 1\n\n", false),
        ];
        let limits = Limits { fields: 2, body_bytes: 8, ..Limits::default() };
        for (why, asked, octets, is_whole) in rows {
            let octets = octets.as_bytes();
            let found = whole(asked, &limits, octets, &mut b"left over".to_vec());
            assert_eq!(found.is_some(), is_whole, "{why}: {}", octets.escape_ascii());
            let Some(Whole { head, framing, body }) = found else { continue };
            let read = read(asked, limits, octets);
            assert_eq!(Some((head, framing, body.to_vec())), read, "{why}");
            for cut in 0..octets.len() {
                assert!(
                    whole(asked, &limits, &octets[..cut], &mut Vec::new()).is_none(),
                    "{why}: cut at {cut}"
                );
            }
            let followed = [octets, b"\0"].concat();
            assert!(
                whole(asked, &limits, &followed, &mut Vec::new()).is_none(),
                "{why}: with octets after"
            );
            let short = Limits { head_bytes: 16, ..limits };
            assert!(
                whole(asked, &short, octets, &mut Vec::new()).is_none(),
                "{why}: a head that is too large"
            );
        }
    }
}
