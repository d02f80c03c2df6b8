//! All that a target says, in one string.

use crate::authority::Authority;
use crate::octets::is_path_or_query;
use crate::piece::Piece;
use crate::scheme::Scheme;
use crate::shown::show;
use std::io::Write;
use std::ops::Range;

/// The absolute form of the request target (RFC 9112 §3.2.2), whose parts the others are:
///
/// ```text
///     http://a.test:8080/b?c
///     │      │          └─┴── request target
///     │      └────────┴ authority
///     └──────────────────┴── shown, as a rule
/// ```
///
/// What is shown stands behind it when it is no part of it (`http://A.test#top`). A scan holds a
/// target for each probe under way: one allocation serves them all.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Text {
    text: Box<str>,
    /// Where the request target ends: visible ASCII only, it begins with `/`.
    end: u32,
    /// From where to where.
    shown: (u32, u32),
    /// Where the request target begins: a host has 253 octets at most.
    origin: u16,
}

impl Text {
    /// What was typed, where it is its own absolute form: nothing to change, to hide or to escape.
    /// `path` is what follows the authority.
    pub(crate) fn of_plain(
        typed: &[u8],
        authority: &Authority<'_>,
        path: Piece<'_>,
    ) -> Option<Text> {
        let is_odd = |octet| !is_path_or_query(octet) || octet == b'@';
        let is_plain = authority.userinfo.is_none()
            && authority.verbatim.is_some()
            && path.octets.first() == Some(&b'/')
            && path.find(is_odd).is_none();
        is_plain.then(|| Some(Text::plain("", str::from_utf8(typed).ok()?, path.at)))?
    }

    /// Visible ASCII that with `before` is its own absolute form, but for the path where none was
    /// typed (RFC 9112 §3.2.1), which begins at `path_at`.
    pub(crate) fn plain(before: &str, typed: &str, path_at: usize) -> Text {
        let after = if path_at < typed.len() { "" } else { "/" };
        let text: Box<str> = match before.len() + after.len() {
            0 => typed.into(),
            _ => [before, typed, after].concat().into(),
        };
        let [from, to] = [before.len(), before.len() + typed.len()].map(place);
        Text {
            end: place(text.len()),
            text,
            shown: (from, to),
            origin: short(before.len() + path_at),
        }
    }

    pub(crate) fn authority(&self, scheme: Scheme) -> &str {
        let begin = scheme.as_str().len() + SLASHES.len();
        self.text.get(begin..self.origin.into()).unwrap_or_default()
    }

    pub(crate) fn request_target(&self) -> &str {
        self.part(self.origin.into(), self.end)
    }

    pub(crate) fn absolute(&self) -> &str {
        self.part(0, self.end)
    }

    pub(crate) fn shown(&self) -> &str {
        self.part(self.shown.0, self.shown.1)
    }

    /// How many it holds.
    #[cfg(test)]
    pub(crate) fn octets(&self) -> usize {
        self.text.len()
    }

    fn part(&self, from: u32, to: u32) -> &str {
        let [from, to] = [from, to].map(|place| usize::try_from(place).unwrap_or(usize::MAX));
        self.text.get(from..to).unwrap_or_default()
    }
}

/// A place in a text. What is typed has far less than 4 GiB; of more the rest is lost.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A place in an origin.
fn short(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

const SLASHES: &str = "://";

/// Where what is typed begins in the absolute form: with the scheme; without, at `//` or behind.
const BEGINS: [usize; 3] = [0, "http:".len(), "http://".len()];

/// A text on its way: the origin, to which a request target is appended.
pub(crate) struct Draft {
    pub(crate) text: Vec<u8>,
    origin: usize,
}

impl Draft {
    /// Scheme, host, and the port unless it is the scheme's. `after` is how much was typed behind
    /// the slashes: a text that needs no fix is as long, and is not moved when it is done.
    pub(crate) fn new(scheme: Scheme, authority: &Authority<'_>, after: usize) -> Draft {
        let mut text = Vec::with_capacity(scheme.as_str().len() + SLASHES.len() + after);
        text.extend_from_slice(scheme.as_str().as_bytes());
        text.extend_from_slice(SLASHES.as_bytes());
        // Writing to a Vec cannot fail.
        let _ = match (authority.verbatim, authority.port, &authority.host) {
            (Some(verbatim), ..) => text.write_all(verbatim),
            (None, Some(port), host) if port != scheme.default_port() => {
                write!(text, "{host}:{port}")
            }
            (None, _, host) => write!(text, "{host}"),
        };
        Draft { origin: text.len(), text }
    }

    /// Of a target that nobody typed.
    pub(crate) fn shown_as_it_is(self) -> Text {
        let end = self.text.len();
        self.finish(0..end, end)
    }

    /// Of one that was typed so.
    pub(crate) fn typed_as(mut self, typed: &[u8]) -> Text {
        let end = self.text.len();
        // What is part of an absolute form has nothing to escape, and without an `@` nothing to hide.
        let is_at = |at: &usize| self.text.get(*at..).is_some_and(|rest| rest.starts_with(typed));
        if let Some(at) = BEGINS.into_iter().find(is_at)
            && !typed.contains(&b'@')
        {
            return self.finish(at..at + typed.len(), end);
        }
        let shown = show(typed);
        self.text.reserve_exact(shown.len());
        self.text.extend_from_slice(shown.as_bytes());
        self.finish(end..end + shown.len(), end)
    }

    fn finish(self, shown: Range<usize>, end: usize) -> Text {
        let Draft { text, origin } = self;
        // Visible ASCII, and what is shown.
        let text = String::from_utf8(text).unwrap_or_default();
        let shown = (place(shown.start), place(shown.end));
        Text { text: text.into(), end: place(end), shown, origin: short(origin) }
    }
}
