//! How a target is shown: without its password, without what could move a terminal's cursor.

use crate::octets::ends_authority;
use crate::piece::Piece;
use crate::scheme;
use crate::target::Target;
use std::fmt::Write;
use std::ops::Range;

/// What was typed, as text, with `***` for a password: also for what cannot be read as a target.
///
/// Control characters, those that turn the direction of text, and octets that are not UTF-8 are
/// escaped (`\n`, `\u{202e}`, `\xff`). Of a target that cannot be read, everything that may be
/// part of a password is hidden, and so perhaps more.
///
/// ```
/// use fourstep_target::redact;
/// assert_eq!(redact(b"http://me:secret@a.test/"), "http://me:***@a.test/");
/// assert_eq!(redact(b"http://me:sec/ret@a.test/"), "http://me:***@a.test/");
/// ```
pub fn redact(typed: &[u8]) -> String {
    match Target::parse(typed) {
        Ok(target) => target.shown().to_owned(),
        Err(_) => hide(typed, suspected(typed)),
    }
}

/// A target's text.
pub(crate) fn show(typed: &[u8]) -> String {
    hide(typed, secret(typed, |ats, after| ats == 1 || is_port(after)))
}

/// Where a password may stand in what is no target: from the first colon to the last `@`, unless
/// a port follows the colon and no `@` precedes the path.
pub(crate) fn suspected(typed: &[u8]) -> Option<Range<usize>> {
    secret(typed, |ats, after| ats == 0 && is_port(after))
}

/// From the colon to the last `@`: of the authority, where that `is_all`, given the `@`s in the
/// authority and what follows its first colon; else of the whole, since what looks like a host
/// may be half a password (`me:sec/ret@a.test`, `me:/secret@a.test`).
fn secret(typed: &[u8], is_all: impl Fn(usize, &[u8]) -> bool) -> Option<Range<usize>> {
    let text = after_slashes(Piece::whole(typed).trimmed());
    let (authority, _) = text.until(ends_authority);
    let ats = authority.octets.iter().filter(|&&octet| octet == b'@').count();
    let password = authority.until(|octet| octet == b':').1.without(b":")?;
    let within = if is_all(ats, password.octets) { authority } else { text };
    let end = within.at + within.octets.iter().rposition(|&octet| octet == b'@')?;
    (password.at <= end).then_some(password.at..end)
}

fn hide(typed: &[u8], secret: Option<Range<usize>>) -> String {
    let Some(Range { start, end }) = secret else { return escape(typed) };
    let before = typed.get(..start).unwrap_or_default();
    let after = typed.get(end..).unwrap_or_default();
    [&escape(before), "***", &escape(after)].concat()
}

/// What follows the scheme and its slashes, whether or not they are as they should be.
fn after_slashes(text: Piece<'_>) -> Piece<'_> {
    let (word, rest) = scheme::split(text);
    let slash = |octet: u8| octet == b'/' || octet == b'\\';
    let after = match rest.without(b":") {
        Some(after) if scheme::Scheme::named(word.octets).is_some() => after,
        Some(after) if after.octets.starts_with(b"//") => after,
        _ => text,
    };
    after.until(|octet| !slash(octet)).1
}

fn is_port(octets: &[u8]) -> bool {
    let text = str::from_utf8(octets).unwrap_or_default();
    octets.iter().all(u8::is_ascii_digit) && text.parse::<u16>().is_ok()
}

/// Text that is safe to show: see [`redact`].
pub(crate) fn escape(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() || is_invisible(character) {
                out.extend(character.escape_default());
            } else {
                out.push(character);
            }
        }
        for octet in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{octet:02x}");
        }
    }
    out
}

/// Marks that turn the direction of text or break lines, unseen.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_passwords_wherever_they_are_typed() {
        let rows: [(&[u8], &str); 25] = [
            (b"http://a.test/", "http://a.test/"),
            (b"http://me:secret@a.test/x", "http://me:***@a.test/x"),
            (b"me:secret@a.test", "me:***@a.test"),
            (b"//me:secret@a.test", "//me:***@a.test"),
            (b"  https://me:secret@a.test\n", "  https://me:***@a.test\\n"),
            (b"http://me:@a.test", "http://me:***@a.test"),
            (b"http://me@a.test:80/", "http://me@a.test:80/"),
            (b"http://a.test:80/x@y", "http://a.test:80/x@y"),
            (b"http://a.test/u:p@y", "http://a.test/u:p@y"),
            (b"http://[::1]:80/", "http://[::1]:80/"),
            // What is no target.
            (b"http://me:se/cr@et@a.test/", "http://me:***@a.test/"),
            (b"http://me:se@c@r/et@a.test@b/", "http://me:***@b/"),
            (b"http://me:se@cret@a.test/", "http://me:***@a.test/"),
            (b"http://me@b.test:secret@a.test/", "http://me@b.test:***@a.test/"),
            (b"http://me:@/secret@a.test/", "http://me:***@a.test/"),
            (b"http://me:/secret@a.test", "http://me:***@a.test"),
            (b"http://me:99999/9@a.test", "http://me:***@a.test"),
            (b"http:/me:secret@a.test", "http:/me:***@a.test"),
            (b"http:me:secret@a.test", "http:me:***@a.test"),
            (b"http:\\\\me:secret@a.test", "http:\\\\me:***@a.test"),
            (b"http:///me:secret@a.test", "http:///me:***@a.test"),
            (b"ftp://me:secret@a.test/", "ftp://me:***@a.test/"),
            (b"http://me:se\ncret@a.test/", "http://me:***@a.test/"),
            (b"http://me:s e#c?r@a.test/", "http://me:***@a.test/"),
            (b"a\x1B[31m\xFF\xE2\x80\xAE", "a\\u{1b}[31m\\xff\\u{202e}"),
        ];
        for (typed, want) in rows {
            assert_eq!(redact(typed), want, "{}", typed.escape_ascii());
        }
    }
}
