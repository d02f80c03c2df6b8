//! A response as the signs look at it.

use std::borrow::Cow;
use std::fmt::{self, Write};

use fourstep_probe::Received;
use fourstep_response::Head;

use crate::fields::Fields;
use crate::template::Blanks;

/// A final response: its head, and as much of its body as was kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'m, 'r> {
    pub(crate) head: &'r Head,
    pub(crate) fields: &'m Fields<'r>,
    /// As much of the content as is kept, content codings undone.
    pub(crate) content: &'m Cow<'r, [u8]>,
    /// How long the body is, if it came whole and was kept whole.
    kept_whole: Option<u64>,
}

impl<'m, 'r> Message<'m, 'r> {
    pub(crate) fn of(
        head: &'r Head,
        received: &'r Received,
        fields: &'m Fields<'r>,
        content: &'m Cow<'r, [u8]>,
    ) -> Message<'m, 'r> {
        let kept = u64::try_from(received.body.len()).unwrap_or(u64::MAX);
        let kept_whole = (received.complete && kept == received.body_octets).then_some(kept);
        Message { head, fields, content, kept_whole }
    }

    pub(crate) fn blanks(&self) -> Blanks<'r> {
        Blanks::of(self.head)
    }

    /// How long the body is, or would be if the request were no HEAD (RFC 9110 §8.6).
    pub(crate) fn length(&self) -> Option<u64> {
        let mut lengths = self.head.values("Content-Length");
        match (lengths.next(), lengths.next()) {
            (Some(length), None) => str::from_utf8(length).ok()?.trim().parse().ok(),
            (None, None) => self.kept_whole,
            _ => None,
        }
    }
}

/// Whether octets are printable ASCII, eight at a time: none borrows from the next, or carries into it,
/// unless it is odd itself.
pub(crate) fn is_plain(octets: &[u8]) -> bool {
    const fn all(octet: u8) -> u64 {
        u64::from_le_bytes([octet; 8])
    }
    let odd = |eight: &[u8; 8]| {
        let octets = u64::from_le_bytes(*eight);
        octets.wrapping_sub(all(b' ')) | octets.wrapping_add(all(1)) | octets
    };
    let Some(last) = octets.last_chunk() else {
        return octets.iter().all(|octet| matches!(octet, b' '..=b'~'));
    };
    let (chunks, _) = octets.as_chunks();
    chunks.iter().fold(odd(last), |all, eight| all | odd(eight)) & all(0x80) == 0
}

/// Octets of a peer's as text that can be shown: see [`show`].
pub(crate) fn shown(octets: &[u8], most: usize) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = show(octets, most, &mut text);
    text
}

/// Writes octets of a peer's as they can be shown: what is no plain text is escaped, and what is
/// longer than `most` characters is cut.
pub(crate) fn show(octets: &[u8], most: usize, out: &mut impl Write) -> fmt::Result {
    // Mostly it is short and plain.
    if octets.len() <= most && is_plain(octets) {
        return out.write_str(str::from_utf8(octets).unwrap_or_default());
    }
    let lossy = String::from_utf8_lossy(octets.get(..most.saturating_mul(4)).unwrap_or(octets));
    let mut count = 0;
    for c in lossy.chars() {
        if count >= most {
            return out.write_char('…');
        }
        if c.is_control() {
            let escaped = c.escape_default();
            count += escaped.len();
            write!(out, "{escaped}")?;
        } else {
            count += 1;
            out.write_char(c)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_octet_is_seen_wherever_it_stands() {
        for length in 0..20 {
            let mut octets = vec![b'x'; length];
            assert!(is_plain(&octets));
            for at in 0..length {
                for octet in 0..=u8::MAX {
                    octets[at] = octet;
                    assert_eq!(is_plain(&octets), matches!(octet, b' '..=b'~'), "{octet} at {at}");
                }
                octets[at] = b'x';
            }
        }
    }
}
