//! All that a target says, in one string.

use crate::authority::Authority;
use crate::octets::is_path_or_query;
use crate::piece::Piece;
use crate::scheme::Scheme;
use crate::shown::show;
use std::io::Write;
use std::num::NonZeroU16;

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
    text: String,
    /// Where the request target ends: visible ASCII only, it begins with `/`.
    end: u32,
    /// Where what is shown ends.
    shown_end: u32,
    /// Where the request target begins: a host has 253 octets at most.
    origin: u16,
    /// The port, as far as it was typed. It and the scheme fill what would else be padding.
    pub(crate) port: Option<NonZeroU16>,
    pub(crate) scheme: Scheme,
    /// Where what is shown begins: one of [`BEGINS`], or [`BEHIND`].
    shown_at: u8,
}

impl Text {
    /// One that says nothing, and holds nothing.
    pub(crate) const BLANK: Text = Text {
        text: String::new(),
        end: 0,
        shown_end: 0,
        origin: 0,
        port: None,
        scheme: Scheme::Http,
        shown_at: 0,
    };

    /// What was typed, where it is its own absolute form: nothing to change, to hide or to escape.
    /// `path` is what follows the authority.
    pub(crate) fn of_plain(
        typed: &[u8],
        scheme: Scheme,
        authority: &Authority<'_>,
        path: Piece<'_>,
    ) -> Option<Text> {
        let is_odd = |octet| !is_path_or_query(octet) || octet == b'@';
        let is_plain = authority.userinfo.is_none()
            && authority.verbatim.is_some()
            && path.octets.first() == Some(&b'/')
            && path.find(is_odd).is_none();
        let port = authority.port.and_then(NonZeroU16::new);
        is_plain.then(|| Some(Text::plain(str::from_utf8(typed).ok()?, scheme, port, path.at)))?
    }

    /// Visible ASCII that is its own absolute form, and whose path begins at `path_at`.
    pub(crate) fn plain(
        typed: &str,
        scheme: Scheme,
        port: Option<NonZeroU16>,
        path_at: usize,
    ) -> Text {
        let mut text = Text { port, scheme, ..Text::BLANK };
        text.become_plain(true, typed, path_at);
        text
    }

    /// Takes another text, in the memory that is there: visible ASCII that is its own absolute form,
    /// and whose path begins at `path_at`.
    #[inline(never)]
    pub(crate) fn become_typed(&mut self, typed: &str, path_at: usize) {
        if self.text.capacity() < typed.len() {
            self.text = String::with_capacity(typed.len());
        }
        self.text.clear();
        self.text.push_str(typed);
        self.end = place(typed.len());
        self.shown_end = self.end;
        self.shown_at = 0;
        self.origin = short(path_at);
    }

    /// The same of what may lack its scheme, for which `http://` is taken, or its path, for which `/`
    /// is (RFC 9112 §3.2.1).
    #[inline(never)]
    pub(crate) fn become_plain(&mut self, has_scheme: bool, typed: &str, path_at: usize) {
        let [with_scheme, _, behind_slashes] = BEGINS;
        let (before, shown_at) = match has_scheme {
            true => ("", with_scheme),
            false => ("http://", behind_slashes),
        };
        let after = if path_at < typed.len() { "" } else { "/" };
        self.text.clear();
        self.text.reserve_exact(before.len() + typed.len() + after.len());
        [before, typed, after].into_iter().for_each(|part| self.text.push_str(part));
        self.end = place(self.text.len());
        self.shown_end = place(before.len() + typed.len());
        self.shown_at = shown_at;
        self.origin = short(before.len() + path_at);
    }

    /// How many octets it has room for.
    pub(crate) fn room(&self) -> usize {
        self.text.capacity()
    }

    pub(crate) fn authority(&self) -> &str {
        let begin = self.scheme.as_str().len() + SLASHES.len();
        self.text.get(begin..self.origin.into()).unwrap_or_default()
    }

    pub(crate) fn request_target(&self) -> &[u8] {
        let end = usize::try_from(self.end).unwrap_or(usize::MAX);
        self.text.as_bytes().get(self.origin.into()..end).unwrap_or_default()
    }

    pub(crate) fn absolute(&self) -> &str {
        self.part(0, self.end)
    }

    pub(crate) fn shown(&self) -> &str {
        let at = if self.shown_at == BEHIND { self.end } else { self.shown_at.into() };
        self.part(at, self.shown_end)
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
const BEGINS: [u8; 3] = [0, 5, 7];

/// Of what is shown: it stands behind the absolute form.
const BEHIND: u8 = u8::MAX;

/// A text on its way: the origin, to which a request target is appended.
pub(crate) struct Draft {
    pub(crate) text: Vec<u8>,
    origin: usize,
    port: Option<NonZeroU16>,
    scheme: Scheme,
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
        let port = authority.port.and_then(NonZeroU16::new);
        Draft { origin: text.len(), text, port, scheme }
    }

    /// Of a target that nobody typed.
    pub(crate) fn shown_as_it_is(self) -> Text {
        let end = self.text.len();
        self.finish(0, end, end)
    }

    /// Of one that was typed so.
    pub(crate) fn typed_as(mut self, typed: &[u8]) -> Text {
        let end = self.text.len();
        // What is part of an absolute form has nothing to escape, and without an `@` nothing to hide.
        let is_at =
            |at: &u8| self.text.get((*at).into()..).is_some_and(|rest| rest.starts_with(typed));
        if let Some(at) = BEGINS.into_iter().find(is_at)
            && !typed.contains(&b'@')
        {
            return self.finish(at, usize::from(at) + typed.len(), end);
        }
        let shown = show(typed);
        self.text.reserve_exact(shown.len());
        self.text.extend_from_slice(shown.as_bytes());
        self.finish(BEHIND, end + shown.len(), end)
    }

    /// A scan holds many: none has more room than it takes.
    fn finish(self, shown_at: u8, shown_end: usize, end: usize) -> Text {
        let Draft { text, origin, port, scheme } = self;
        // Visible ASCII, and what is shown.
        let mut text = String::from_utf8(text).unwrap_or_default();
        text.shrink_to_fit();
        let [end, shown_end] = [end, shown_end].map(place);
        Text { text, end, shown_end, origin: short(origin), port, scheme, shown_at }
    }
}
