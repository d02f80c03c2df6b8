//! Names: `reg-name` of RFC 3986 §3.2.2, made fit for DNS.

use crate::error::Malformed;
use crate::fix::{Fixes, HOST_A_LABELS, HOST_CASE, HOST_FAKE_A_LABEL, HOST_PERCENT};
use crate::host::Host;
use crate::ipv4;
use crate::octets::{is_plain_in_name, is_sub_delim, is_unreserved, triplet};
use crate::piece::Piece;
use crate::refusal::{
    HOST_EMPTY, HOST_IDNA, HOST_LONG, HOST_NUMBER, HOST_OCTET, HOST_SPACE, HOST_TRIPLET, HOST_UTF8,
    LABEL_EMPTY, LABEL_LONG,
};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::borrow::Cow;

/// RFC 1035 §2.3.4.
const LABEL_OCTETS: usize = 63;
/// The 255 octets of RFC 1035 §2.3.4 as text: without the first length and the root's.
const NAME_OCTETS: usize = 253;

/// What letters beyond ASCII may not turn into: all of ASCII but `reg-name`'s.
const DENIED: AsciiDenyList = AsciiDenyList::new(true, "\"#%/:<>?@[\\]^`{|}");

/// Reads a name, or an IPv4 address.
///
/// ASCII stays as it is but for capitals. Anything else goes through UTS 46 ToASCII, without
/// transitional processing (`ß` stays itself), with CheckBidi and CheckJoiners, hyphens anywhere.
pub(crate) fn read(typed: Piece<'_>, fixes: &mut Fixes) -> Result<Host, Malformed> {
    if typed.is_empty() {
        return Err(typed.refuse(0, HOST_EMPTY));
    }
    if let Ok(address) = ipv4::read(typed.octets) {
        return Ok(Host::V4(address));
    }
    let text = match typed.find(|octet| !is_plain_in_name(octet)) {
        None => Cow::from(str::from_utf8(typed.octets).unwrap_or_default()),
        Some(_) => decode(typed, fixes)?.into(),
    };
    let name = match &text {
        Cow::Borrowed(plain) => Cow::from(*plain),
        Cow::Owned(text) => to_plain(typed, text, fixes)?.into(),
    };
    if ipv4::ends_in_number(name.as_bytes()) {
        let address = ipv4::read(name.as_bytes())
            .map_err(|index| typed.refuse(place(typed, &text, index), HOST_NUMBER))?;
        return Ok(Host::V4(address));
    }
    check_labels(typed, &text, &name, fixes)?;
    Ok(Host::Name(name.into()))
}

/// How many octets the name has that `octets` begin with, if it is asked for as it stands and no
/// closer look at it is needed.
pub(crate) fn prefix(octets: &[u8]) -> Option<usize> {
    let (mut label, mut end) = (0, octets.len());
    for (at, octet) in octets.iter().enumerate() {
        if *octet == b'.' {
            is_plain_label(octets.get(label..at)?).then_some(())?;
            label = at + 1;
        } else if !is_plain_in_name(*octet) {
            end = at;
            break;
        }
    }
    let last = octets.get(label..end)?;
    let is_plain = is_plain_label(last) && !ipv4::ends_in_number(last) && end <= NAME_OCTETS;
    is_plain.then_some(end)
}

/// Whether there is nothing to say of a label's length, and it is no A-label, which may be a fake.
fn is_plain_label(label: &[u8]) -> bool {
    (1..=LABEL_OCTETS).contains(&label.len()) && !label.starts_with(b"xn--")
}

/// Small letters for capitals, A-labels for letters beyond ASCII.
fn to_plain(typed: Piece<'_>, text: &str, fixes: &mut Fixes) -> Result<String, Malformed> {
    if !text.is_ascii() {
        fixes.note(typed.at, HOST_A_LABELS);
        return to_ascii(typed, text);
    }
    if let Some(capital) = text.bytes().position(|octet| octet.is_ascii_uppercase()) {
        fixes.note(typed.at + place(typed, text, capital), HOST_CASE);
    }
    Ok(text.to_ascii_lowercase())
}

/// Decodes `%XX` and refuses what no `reg-name` has, typed or decoded.
fn decode(typed: Piece<'_>, fixes: &mut Fixes) -> Result<String, Malformed> {
    let mut octets = Vec::with_capacity(typed.octets.len());
    let mut rest = typed;
    while let Some(&first) = rest.octets.first() {
        let (octet, length) = match triplet(rest.octets) {
            Some(octet) => {
                fixes.note(rest.at, HOST_PERCENT);
                (octet, 3)
            }
            None => (first, 1),
        };
        if !(is_unreserved(octet) || is_sub_delim(octet) || !octet.is_ascii()) {
            let refusal = match first {
                b'%' if length == 1 => HOST_TRIPLET,
                b' ' => HOST_SPACE,
                _ => HOST_OCTET,
            };
            return Err(rest.refuse(0, refusal));
        }
        octets.push(octet);
        rest = rest.cut(length).1;
    }
    String::from_utf8(octets).map_err(|error| {
        let index = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        typed.refuse(place(typed, &text, index), HOST_UTF8)
    })
}

/// ToASCII of UTS 46; a refusal names the first label that cannot stand alone.
fn to_ascii(typed: Piece<'_>, text: &str) -> Result<String, Malformed> {
    let ascii = |text: &str| {
        Uts46::new()
            .to_ascii(text.as_bytes(), DENIED, Hyphens::Allow, DnsLength::Ignore)
            .map(String::from)
    };
    ascii(text).map_err(|_| {
        let label = text.split(is_separator).position(|label| ascii(label).is_err());
        let index = label_start(text, label.unwrap_or(0));
        typed.refuse(place(typed, text, index), HOST_IDNA)
    })
}

/// A label that begins with `xn--` may be no A-label; DNS does not care, and RFC 5891 §5.3 lets
/// us ask for it.
fn note_fake_a_label(typed: Piece<'_>, text: &str, fixes: &mut Fixes) {
    let is_fake = |label: &str| {
        let prefix = label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"));
        prefix && to_ascii(typed, label).is_err()
    };
    if let Some(label) = text.split('.').position(is_fake) {
        fixes.note(typed.at + place(typed, text, label_start(text, label)), HOST_FAKE_A_LABEL);
    }
}

/// Labels of 1 to 63 octets, 253 in all, but for the dot of an absolute name (RFC 1035 §2.3.4).
///
/// Those that begin with `xn--` and were so typed are looked at more closely.
fn check_labels(
    typed: Piece<'_>,
    text: &str,
    name: &str,
    fixes: &mut Fixes,
) -> Result<(), Malformed> {
    let relative = name.strip_suffix('.').unwrap_or(name);
    let refuse = |label, beyond, refusal| {
        // Within a label the offset is that of the octet beyond the limit, if it was so typed.
        let beyond = if text.is_ascii() { beyond } else { 0 };
        let index = label_start(text, label) + beyond;
        Err(typed.refuse(place(typed, text, index), refusal))
    };
    let mut has_prefix = false;
    for (n, label) in relative.as_bytes().split(|&octet| octet == b'.').enumerate() {
        has_prefix |= label.starts_with(b"xn--");
        if label.is_empty() {
            return refuse(n, 0, LABEL_EMPTY);
        }
        if label.len() > LABEL_OCTETS {
            return refuse(n, LABEL_OCTETS, LABEL_LONG);
        }
    }
    if relative.len() > NAME_OCTETS {
        return refuse(0, NAME_OCTETS, HOST_LONG);
    }
    if has_prefix && text.is_ascii() {
        note_fake_a_label(typed, text, fixes);
    }
    Ok(())
}

/// What UTS 46 reads as a dot.
fn is_separator(character: char) -> bool {
    matches!(character, '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}')
}

/// Where label `n` of the decoded text starts.
fn label_start(text: &str, n: usize) -> usize {
    let mut separators = text.char_indices().filter(|&(_, c)| is_separator(c));
    let before = n.checked_sub(1).and_then(|last| separators.nth(last));
    before.map_or(0, |(index, separator)| index + separator.len_utf8())
}

/// Where octet `index` of the decoded text was typed.
fn place(typed: Piece<'_>, text: &str, index: usize) -> usize {
    let mut rest = typed;
    for _ in 0..index.min(text.len()) {
        rest = rest.cut(if triplet(rest.octets).is_some() { 3 } else { 1 }).1;
    }
    rest.at - typed.at
}
