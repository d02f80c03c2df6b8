//! A response as the signs look at it.

use std::borrow::Cow;

use fourstep_probe::Received;
use fourstep_response::OwnedHead;

use crate::decode::content;
use crate::template::Blanks;

/// A final response: its head, and as much of its body as was kept.
#[derive(Clone, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) head: &'a OwnedHead,
    /// As much of the content as is kept, content codings undone.
    pub(crate) content: Cow<'a, [u8]>,
    /// How long the body is, if it came whole and was kept whole.
    kept_whole: Option<u64>,
    /// The status code in three digits.
    status: [u8; 3],
}

impl<'a> Message<'a> {
    pub(crate) fn of(received: &'a Received) -> Option<Message<'a>> {
        let head = received.head.as_ref()?;
        let kept = u64::try_from(received.body.len()).unwrap_or(u64::MAX);
        let digit = |value: u16| b'0'.saturating_add(u8::try_from(value % 10).unwrap_or_default());
        let status = head.status();
        Some(Message {
            head,
            content: content(head, &received.body),
            kept_whole: (received.complete && kept == received.body_octets).then_some(kept),
            status: [digit(status / 100), digit(status / 10), digit(status)],
        })
    }

    pub(crate) fn status(&self) -> u16 {
        self.head.status()
    }

    pub(crate) fn blanks(&self) -> Blanks<'_> {
        Blanks { status: &self.status, reason: self.head.reason() }
    }

    /// Status code and reason phrase, as they can be shown.
    pub(crate) fn first_line(&self) -> String {
        let mut line = String::with_capacity(4 + self.head.reason().len().min(60));
        line.extend(self.status.map(char::from));
        line.push(' ');
        show(self.head.reason(), 60, &mut line);
        line.truncate(line.trim_end().len());
        line
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

/// Octets of a peer's as text that can be shown: what is no plain text is escaped, and what is
/// longer than `most` characters is cut.
pub(crate) fn shown(octets: &[u8], most: usize) -> String {
    let mut text = String::new();
    show(octets, most, &mut text);
    text
}

/// A field as it can be shown, its value cut like that.
pub(crate) fn field(name: &str, value: &[u8], most: usize) -> String {
    let mut text = String::with_capacity(name.len() + 2 + value.len().min(most));
    text.push_str(name);
    text.push_str(": ");
    show(value, most, &mut text);
    text
}

/// A number between two texts.
pub(crate) fn counted(before: &str, mut number: u64, after: &str) -> String {
    let (mut digits, mut count) = ([b'0'; 20], 0);
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10).to_le_bytes()[0];
        number /= 10;
        count += 1;
        if number == 0 {
            break;
        }
    }
    let digits = digits.get(digits.len() - count..).unwrap_or_default();
    [before, str::from_utf8(digits).unwrap_or_default(), after].concat()
}

fn show(octets: &[u8], most: usize, out: &mut String) {
    // Mostly it is short and plain. All of it is looked at without a stop, which is faster.
    let odd = octets.iter().fold(false, |odd, octet| odd | !matches!(octet, b' '..=b'~'));
    if octets.len() <= most && !odd {
        return out.push_str(str::from_utf8(octets).unwrap_or_default());
    }
    let lossy = String::from_utf8_lossy(octets.get(..most.saturating_mul(4)).unwrap_or(octets));
    let mut count = 0;
    for c in lossy.chars() {
        if count >= most {
            out.push('…');
            break;
        }
        if c.is_control() {
            let escaped = c.escape_default();
            count += escaped.len();
            out.extend(escaped);
        } else {
            count += 1;
            out.push(c);
        }
    }
}
