//! What the octets that come first hold: mostly all of a response.

use crate::event::{Asked, Limits};
use crate::framing::Framing;
use crate::head::Head;
use crate::oddities::octets as count;
use crate::parse;

/// What [`begin`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun<'a> {
    /// A whole response and nothing else: how the end of its body is known, which is
    /// [`Framing::Length`] or [`Framing::Absent`], and the body.
    Whole(Framing, &'a [u8]),
    /// Its final head, how the end of the body is known, and what came behind the head: that is for
    /// [`Reader::behind`](crate::Reader::behind).
    Headed(Framing, &'a [u8]),
    /// All else: an interim response, one that is odd or refused, a head of which a part is still to
    /// come. It is for [`Reader::new`](crate::Reader::new).
    Open,
}

/// Reads what the octets that come first hold: of a response that comes at once, as most do that are
/// short, everything, which takes no state. A [`Reader`](crate::Reader) would tell the same.
///
/// What is found of the final head is put into `head`, which is to be `None`. It is kept in `room`,
/// which is taken for it: memory of another one ([`Head::into_room`]), or none. It stays there when
/// there is no final head.
#[inline]
pub fn begin<'a>(
    asked: Asked,
    limits: &Limits,
    octets: &'a [u8],
    room: &mut Vec<u8>,
    head: &mut Option<Head>,
) -> Begun<'a> {
    let within = octets.get(..limits.head_octets()).unwrap_or(octets);
    let seen = parse::strict(within, asked, limits.fields, room, head);
    let (Some(framing), Some(found)) = (seen, head.as_ref()) else {
        return open(head, room);
    };
    // What follows a 101 is not HTTP (RFC 9110 §15.2.2).
    let is_final = found.status() >= 200;
    let Some(behind) = octets.get(found.length()..).filter(|_| is_final) else {
        return open(head, room);
    };
    let length = match framing {
        Framing::Absent => 0,
        Framing::Length(length) if length <= limits.body_bytes => length,
        _ => return Begun::Headed(framing, behind),
    };
    match count(behind.len()) == length {
        true => Begun::Whole(framing, behind),
        false => Begun::Headed(framing, behind),
    }
}

/// A reader will look again: at few responses, and at what comes in pieces.
#[inline(never)]
fn open<'a>(head: &mut Option<Head>, room: &mut Vec<u8>) -> Begun<'a> {
    if let Some(head) = head.take() {
        *room = head.into_room();
    }
    Begun::Open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Reader, ResponseError};

    /// What a reader tells of octets that come at once, after what was told before.
    #[derive(Debug, Default, PartialEq)]
    struct Told {
        heads: Vec<(Head, Option<Framing>)>,
        body: Vec<u8>,
        complete: bool,
        error: Option<ResponseError>,
        oddities: Vec<&'static str>,
        octets: u64,
    }

    impl Told {
        fn read(mut self, mut reader: Reader, mut rest: &[u8]) -> Told {
            loop {
                let (taken, event) = match reader.read(rest) {
                    Ok(read) => read,
                    Err(error) => {
                        self.error = Some(error);
                        break;
                    }
                };
                rest = &rest[taken..];
                match event {
                    Event::Interim(head) => self.heads.push((head, None)),
                    Event::Final(head, framing) => self.heads.push((head, framing)),
                    Event::Body(octets) => self.body.extend(octets),
                    Event::Complete { .. } => self.complete = true,
                    Event::More => break,
                }
            }
            self.oddities = reader.oddities().iter().map(|oddity| oddity.rule).collect();
            self.octets = reader.progress().octets;
            self
        }
    }

    /// What is told by way of [`begin`], and what that finds.
    fn begun(asked: Asked, limits: Limits, octets: &[u8]) -> (Told, char) {
        let mut head = None;
        let found = begin(asked, &limits, octets, &mut b"left over".to_vec(), &mut head);
        match (found, head) {
            (Begun::Whole(framing, body), Some(head)) => {
                let told = Told {
                    heads: vec![(head, Some(framing))],
                    body: body.to_vec(),
                    complete: true,
                    octets: octets.len() as u64,
                    ..Told::default()
                };
                (told, 'W')
            }
            (Begun::Headed(framing, behind), Some(head)) => {
                let reader = Reader::behind(asked, limits, &head, framing);
                let told = Told { heads: vec![(head, Some(framing))], ..Told::default() };
                (told.read(reader, behind), 'H')
            }
            (found, head) => {
                assert_eq!((found, head), (Begun::Open, None), "{}", octets.escape_ascii());
                (Told::default().read(Reader::new(asked, limits), octets), 'O')
            }
        }
    }

    #[test]
    fn what_begins_is_read_as_by_a_reader() {
        use Asked::{Connect, Head as Bodiless, Other};
        let rows: [(&str, Asked, &str, char); 17] = [
            // why, asked, octets, what it is: W(hole), H(eaded) or O(pen)
            (
                "RFC 9112 §6.3 item 6",
                Other,
                "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy",
                'W',
            ),
            ("an empty body", Other, "HTTP/1.0 404 \r\ncontent-length: 0\r\n\r\n", 'W'),
            ("item 1", Bodiless, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", 'W'),
            ("item 1", Other, "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", 'W'),
            ("item 1", Other, "HTTP/1.1 204 No Content\r\n\r\n", 'O'),
            ("item 2", Connect, "HTTP/1.1 200 OK\r\n\r\n", 'O'),
            (
                "item 3",
                Other,
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                'O',
            ),
            (
                "item 4",
                Other,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                'H',
            ),
            ("item 5", Other, "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nb", 'O'),
            ("item 8", Other, "HTTP/1.1 200 OK\r\n\r\nbody", 'H'),
            ("octets after it", Other, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nbb", 'H'),
            ("octets after it", Bodiless, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb", 'H'),
            ("RFC 9110 §15.2", Other, "HTTP/1.1 100 Continue\r\n\r\n", 'O'),
            ("RFC 9110 §15.2.2", Bodiless, "HTTP/1.1 101 Switching Protocols\r\n\r\n", 'O'),
            (
                "a longer body than is read",
                Other,
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789",
                'H',
            ),
            (
                "more fields than are read",
                Other,
                "HTTP/1.1 304 \r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n",
                'O',
            ),
            ("odd line ends", Other, "HTTP/1.1 304 Not Modified\nA: 1\n\n", 'O'),
        ];
        let limits = Limits { fields: 2, body_bytes: 8, ..Limits::default() };
        let short = Limits { head_bytes: 16, ..limits };
        for (why, asked, octets, want) in rows {
            let octets = octets.as_bytes();
            assert_eq!(begun(asked, limits, octets).1, want, "{why}");
            let followed = [octets, b"\0"].concat();
            let cut = (0..octets.len()).map(|cut| &octets[..cut]);
            for octets in cut.chain([octets, &followed]) {
                for limits in [limits, short] {
                    let read = Told::default().read(Reader::new(asked, limits), octets);
                    assert_eq!(begun(asked, limits, octets).0, read, "{why}");
                }
            }
        }
    }
}
