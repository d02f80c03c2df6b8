//! Octets of a peer as text: in records, and on a terminal.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Octets as records write them: what is UTF-8 as it is; else each octet above 0x7F as the
/// character U+0080 to U+00FF, so that nothing is lost. Owned exactly when it was not UTF-8.
pub(crate) fn text(octets: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(octets.iter().copied().map(char::from).collect()),
    }
}

/// Octets that are mostly text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Octets<'a>(pub(crate) &'a [u8]);

impl<'a> Octets<'a> {
    /// See [`text`].
    pub(crate) fn text(self) -> Cow<'a, str> {
        text(self.0)
    }
}

/// Whether a terminal may do something else with it than show it: the control characters (C0,
/// DEL, C1), separators of lines and paragraphs, and the format characters of Unicode (Cf), which
/// turn the direction of text or stand unseen in it.
pub(crate) fn is_unsafe(c: char) -> bool {
    match c {
        ' '..='\u{7E}' => false,
        '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' => true,
        '\u{890}' | '\u{891}' | '\u{8E2}' | '\u{180E}' | '\u{200B}'..='\u{200F}' => true,
        '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' => true,
        '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}' => true,
        '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' => true,
        '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E007F}' => true,
        _ => c.is_control(),
    }
}

/// Text that is safe on a terminal: what [`is_unsafe`] is escaped (`\n`, `\u{1b}`).
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| escape(c, f))
    }
}

/// As [`Shown`], cut after so many characters, with the count of octets that are left out.
pub(crate) struct Cut<'a>(pub(crate) &'a str, pub(crate) usize);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cut(text, most) = *self;
        let Some((end, _)) = text.char_indices().nth(most) else { return Shown(text).fmt(f) };
        let (kept, left) = text.split_at(end);
        write!(f, "{}... (+{} octets)", Shown(kept), left.len())
    }
}

fn escape(c: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match is_unsafe(c) {
        true => write!(f, "{}", c.escape_default()),
        false => f.write_char(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_are_not_utf8_lose_nothing() {
        let rows: [(&[u8], &str, bool); 4] = [
            (b"Apache/2.4", "Apache/2.4", true),
            ("Grüße".as_bytes(), "Grüße", true),
            (b"caf\xE9", "caf\u{E9}", false),
            (b"\xC3\xA9 \xE9", "\u{C3}\u{A9} \u{E9}", false),
        ];
        for (octets, want, utf8) in rows {
            assert_eq!(text(octets), want);
            assert_eq!(matches!(text(octets), Cow::Borrowed(_)), utf8, "{want}");
        }
    }

    #[test]
    fn nothing_moves_a_terminal() {
        let rows = [
            // sent, shown
            ("plain \\ text, naïve 漢字", "plain \\ text, naïve 漢字"),
            ("\u{1B}[31mred\u{7}", r"\u{1b}[31mred\u{7}"),
            ("a\r\nb\tc\u{0}", r"a\r\nb\tc\u{0}"),
            ("\u{7F}\u{9B}2J", r"\u{7f}\u{9b}2J"),
            ("\u{202E}gpj.exe\u{2066}", r"\u{202e}gpj.exe\u{2066}"),
            ("zero\u{200B}width\u{FEFF}", r"zero\u{200b}width\u{feff}"),
        ];
        for (sent, shown) in rows {
            assert_eq!(Shown(sent).to_string(), shown);
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let rows = [
            ("12345", 5, "12345"),
            ("123456", 5, "12345... (+1 octets)"),
            ("ééé", 2, "éé... (+2 octets)"),
            ("\u{1B}\u{1B}", 1, "\\u{1b}... (+1 octets)"),
        ];
        for (text, most, want) in rows {
            assert_eq!(Cut(text, most).to_string(), want);
        }
    }
}
