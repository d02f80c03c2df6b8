//! Service bindings as zone files write them (RFC 9460 §2.1, appendix A).
//!
//! ```text
//!     16 foo.example.org. alpn="f\\\\oo\\,bar,h2" port=53
//!     │  │                │    └ char-string: quotes and `\DDD` come off, octets are left (A.1);
//!     │  TargetName       │      of some keys they are a list, with commas and `\,` (A.2)
//!     SvcPriority         SvcParamKey
//! ```

use std::fmt::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::binding::{Binding, BindingError};
use crate::name::Name;
use crate::params::{
    ALPN, ECH, IPV4HINT, IPV6HINT, KEYS, MANDATORY, NO_DEFAULT_ALPN, PORT, Params, key_text,
};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `1 svc.test. alpn=h2 port=8443`: as the RDATA of a line of a zone file, on one line, without
/// comments and parentheses. A TargetName without a dot at its end is absolute too. A record that
/// is not self-consistent is refused (RFC 9460 §2.4.3).
impl FromStr for Binding {
    type Err = BindingError;

    fn from_str(text: &str) -> Result<Binding, BindingError> {
        let wrong = |offset, says, reference| BindingError { offset, says, reference };
        let mut fields = fields(text).into_iter();
        let mut next = |says| fields.next().ok_or(wrong(text.len(), says, "RFC 9460 §2.1"));
        let (at, priority) = next("a priority is missing")?;
        let priority = decimal(priority.as_bytes()).ok_or(wrong(
            at,
            "the priority is no number up to 65535",
            "RFC 9460 §2.1",
        ))?;
        let (at, target) = next("a target is missing")?;
        let target = name(target).ok_or(wrong(at, "the target is no name", "RFC 1035 §5.1"))?;
        let mut entries = vec![];
        for (at, field) in fields {
            let (key, value) = match field.split_once('=') {
                Some((key, value)) => (key, value),
                None => (field, ""),
            };
            let number = key_number(key).ok_or(wrong(at, "no key is named so", "RFC 9460 §2.1"))?;
            let value = octets(value, true)
                .and_then(|octets| rdata(number, key, octets))
                .ok_or(wrong(at, "the value does not fit its key", "RFC 9460 §7"))?;
            entries.push((number, value, at));
        }
        entries.sort_unstable();
        let mut params = Params::default();
        let mut last = None;
        for (key, value, at) in entries {
            if last == Some(key) {
                return Err(wrong(at, "a key stands twice", "RFC 9460 §2.1"));
            }
            params.take(key, &value).map_err(|(says, by)| wrong(at, says, by))?;
            last = Some(key);
        }
        match params.conflict() {
            Some((says, by)) => Err(wrong(text.len(), says, by)),
            None => Ok(Binding { priority, target, params }),
        }
    }
}

/// In the order of the keys; octets that are not graphic ASCII escaped, so that it is safe to
/// print.
impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.target.is_root() { "" } else { "." };
        write!(f, "{} {}{dot}", self.priority, self.target.text())?;
        if self.params == Params::default() {
            return Ok(());
        }
        write!(f, " {}", self.params)
    }
}

/// `alpn=h2,h3 port=8443`, as in [`Binding`].
impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (key, value)) in self.entries().into_iter().enumerate() {
            if place > 0 {
                f.write_char(' ')?;
            }
            f.write_str(&key_text(key))?;
            let shown = match key {
                MANDATORY => list(self.mandatory.iter().map(|key| key_text(*key))),
                ALPN => self.alpn.iter().map(|id| item(id)).collect::<Vec<_>>().join(","),
                NO_DEFAULT_ALPN => continue,
                PORT => list(self.port.iter()),
                IPV4HINT => list(self.ipv4hint.iter()),
                ECH => base64(&value),
                IPV6HINT => list(self.ipv6hint.iter()),
                _ => escaped(&value),
            };
            if !shown.is_empty() {
                write!(f, "={shown}")?;
            }
        }
        Ok(())
    }
}

/// The fields of a line with their places: apart by white space that is neither quoted nor
/// escaped.
fn fields(text: &str) -> Vec<(usize, &str)> {
    let (mut fields, mut begin) = (vec![], None);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        let ends = character.is_ascii_whitespace() && !is_escaped && !is_quoted;
        match (begin, ends || at == text.len()) {
            (Some(from), true) => {
                fields.extend(text.get(from..at).map(|field| (from, field)));
                begin = None;
            }
            (None, false) => begin = Some(at),
            (Some(_), false) | (None, true) => {}
        }
        is_quoted ^= character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
    }
    fields
}

/// The octets of a char-string (RFC 9460 appendix A.1); `None` for a quote or a backslash that
/// should not be there.
fn octets(text: &str, may_be_quoted: bool) -> Option<Vec<u8>> {
    let inner = match text.strip_prefix('"').filter(|_| may_be_quoted) {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => text,
    };
    let mut octets = vec![];
    let mut rest = inner.as_bytes();
    while let Some((octet, tail)) = rest.split_first() {
        rest = tail;
        match (octet, tail.split_first()) {
            (b'"', _) | (b'\\', None) => return None,
            (b'\\', Some((b'0'..=b'9', _))) => {
                let (digits, tail) = tail.split_at_checked(3)?;
                octets.push(std::str::from_utf8(digits).ok()?.parse().ok()?);
                rest = tail;
            }
            (b'\\', Some((escaped, tail))) => {
                octets.push(*escaped);
                rest = tail;
            }
            (plain, _) => octets.push(*plain),
        }
    }
    Some(octets)
}

/// A name, in which dots may be escaped (RFC 1035 §5.1).
fn name(text: &str) -> Option<Name> {
    let mut labels = vec![];
    let (mut from, mut is_escaped) = (0, false);
    let text = if text == "." { "" } else { text.strip_suffix('.').unwrap_or(text) };
    for (at, character) in text.char_indices().chain([(text.len(), '.')]) {
        if character == '.' && !is_escaped && !text.is_empty() {
            labels.push(octets(text.get(from..at)?, false)?);
            from = at + 1;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    Name::from_labels(labels.iter().map(Vec::as_slice))
}

/// The number of a key: by its name, or of `key667`.
fn key_number(key: &str) -> Option<u16> {
    let known = KEYS.iter().position(|name| *name == key);
    match (known, key.strip_prefix("key")) {
        (Some(number), _) => u16::try_from(number).ok(),
        (None, Some(digits)) if digits == "0" || !digits.starts_with('0') => {
            decimal(digits.as_bytes())
        }
        (None, _) => None,
    }
}

/// A value as it stands in RDATA; under the name `keyNNNNN` it does so already.
fn rdata(key: u16, typed: &str, value: Vec<u8>) -> Option<Vec<u8>> {
    if KEYS.get(usize::from(key)) != Some(&typed) {
        return Some(value);
    }
    let items = || value.split(|octet| *octet == b',').map(|it| std::str::from_utf8(it).ok());
    let is_empty = value.is_empty();
    let mut octets = vec![];
    match key {
        _ if is_empty => {}
        MANDATORY => {
            let keys: Option<Vec<u16>> = items().map(|it| key_number(it?)).collect();
            let mut keys = keys?;
            keys.sort_unstable();
            octets.extend(keys.iter().flat_map(|key| key.to_be_bytes()));
        }
        ALPN => {
            for id in value_list(&value)? {
                octets.push(u8::try_from(id.len()).ok()?);
                octets.extend(id);
            }
        }
        PORT => octets.extend(decimal(&value)?.to_be_bytes()),
        IPV4HINT => {
            for it in items() {
                octets.extend(it?.parse::<Ipv4Addr>().ok()?.octets());
            }
        }
        IPV6HINT => {
            for it in items() {
                octets.extend(it?.parse::<Ipv6Addr>().ok()?.octets());
            }
        }
        ECH => octets = unbase64(&value)?,
        _ => octets = value,
    }
    Some(octets)
}

/// Digits only: no sign, at most 65535.
fn decimal(digits: &[u8]) -> Option<u16> {
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|_| all)
}

/// Items between commas, in which `\,` and `\\` stand for themselves (RFC 9460 appendix A.2).
fn value_list(value: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut list, mut item, mut rest) = (vec![], vec![], value);
    while let Some((octet, tail)) = rest.split_first() {
        rest = tail;
        match octet {
            b',' => list.push(std::mem::take(&mut item)),
            b'\\' => {
                let (escaped, tail) = tail.split_first()?;
                item.push(Some(*escaped).filter(|it| matches!(it, b',' | b'\\'))?);
                rest = tail;
            }
            plain => item.push(*plain),
        }
    }
    list.push(item);
    Some(list)
}

fn list(items: impl Iterator<Item = impl fmt::Display>) -> String {
    items.map(|it| it.to_string()).collect::<Vec<_>>().join(",")
}

/// An item of a value-list, then escaped as a char-string.
fn item(octets: &[u8]) -> String {
    let mut octets_escaped = vec![];
    for octet in octets {
        if matches!(octet, b',' | b'\\') {
            octets_escaped.push(b'\\');
        }
        octets_escaped.push(*octet);
    }
    escaped(&octets_escaped)
}

/// A char-string that needs no quotes.
fn escaped(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in octets {
        match octet {
            b'"' | b'\\' | b';' | b'(' | b')' => text.extend(['\\', char::from(*octet)]),
            b'!'..=b'~' => text.push(char::from(*octet)),
            other => text.push_str(&format!("\\{other:03}")),
        }
    }
    text
}

/// RFC 4648 §4.
fn base64(octets: &[u8]) -> String {
    let mut text = String::new();
    for chunk in octets.chunks(3) {
        let of = |at| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = of(0) << 16 | of(1) << 8 | of(2);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let sextet = usize::try_from(bits >> shift & 63).unwrap_or_default();
            let digit = BASE64.get(sextet).filter(|_| place <= chunk.len());
            text.push(digit.map_or('=', |it| char::from(*it)));
        }
    }
    text
}

/// RFC 4648 §4, with its padding.
fn unbase64(text: &[u8]) -> Option<Vec<u8>> {
    let mut octets = vec![];
    let (chunks, []) = text.as_chunks::<4>() else { return None };
    for (place, chunk) in chunks.iter().enumerate() {
        let digits = chunk.iter().position(|it| *it == b'=').unwrap_or(4);
        let is_padded = chunk.iter().skip(digits).all(|it| *it == b'=');
        if digits < 2 || !is_padded || digits < 4 && place + 1 < chunks.len() {
            return None;
        }
        let mut bits = 0u32;
        for digit in chunk {
            let sextet = BASE64.iter().position(|it| it == digit).or((*digit == b'=').then_some(0));
            bits = bits << 6 | u32::try_from(sextet?).ok()?;
        }
        octets.extend(bits.to_be_bytes().iter().skip(1).take(digits - 1));
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_in_the_order_of_the_keys() {
        let rows = [
            // typed, shown                                                RFC 9460 §2.1
            ("0 svc.test.", "0 svc.test."),
            ("1 .", "1 ."),
            ("1\t SVC.test   port=53", "1 svc.test. port=53"),
            ("1 . port=\"53\" alpn=\"h2,h3\"", "1 . alpn=h2,h3 port=53"),
            ("1 . alpn=h2 no-default-alpn", "1 . alpn=h2 no-default-alpn"),
            ("1 . alpn=h2 no-default-alpn=\"\"", "1 . alpn=h2 no-default-alpn"),
            ("1 . mandatory=port,alpn port=1 alpn=h2", "1 . mandatory=alpn,port alpn=h2 port=1"),
            ("1 . key1=\\002h2 key3=\"\\000\\053\"", "1 . alpn=h2 port=53"), // the opaque form
            ("1 . key667", "1 . key667"),
            ("1 . key667=\"a b;\\\"\"", "1 . key667=a\\032b\\;\\\""),
            ("1 . ech=AEX+DQ==", "1 . ech=AEX+DQ=="), // RFC 4648 §4
            ("1 . ech=AEX+", "1 . ech=AEX+"),
            ("1 . alpn=f\\\\\\\\oo\\\\,bar,h2", "1 . alpn=f\\\\\\\\oo\\\\,bar,h2"), // appendix A.2
            ("1 a\\.b\\032.test.", "1 a\\.b\\032.test."),
            (
                "1 . ipv6hint=2001:db8::1 ipv4hint=192.0.2.1,192.0.2.2",
                "1 . ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1",
            ),
        ];
        for (typed, shown) in rows {
            let binding: Binding = typed.parse().unwrap_or_else(|e| panic!("{typed}: {e}"));
            assert_eq!(binding.to_string(), shown, "{typed}");
            assert_eq!(shown.parse::<Binding>().as_ref(), Ok(&binding), "{typed}");
            let mut rdata = vec![];
            binding.write(&mut rdata);
            assert_eq!(Binding::read(&rdata), Ok(binding), "{typed}");
        }
    }

    #[test]
    fn a_text_that_is_none_says_where() {
        let rows = [
            // typed, where                                                RFC 9460 §2.1
            ("", 0),
            ("1", 1),
            ("+1 .", 0),
            ("65536 .", 0),
            ("1 a..test", 2),
            ("1 . PORT=53", 4),
            ("1 . key0667=x", 4),
            ("1 . key65536=x", 4),
            ("1 . port=53 key3=\\000\\053", 12), // the same key
            ("1 . port=65536", 4),
            ("1 . port=+53", 4),
            ("1 . alpn=h2,", 4),
            ("1 . alpn=\"h2", 4),
            ("1 . key667=a\"b", 4),
            ("1 . key667=\\256", 4),
            ("1 . key667=\\25", 4),
            ("1 . alpn=h2\\\\x", 4), // in a list a backslash is for a comma or itself
            ("1 . ipv4hint=192.0.2.1,", 4),
            ("1 . ech=AEX", 4),
            ("1 . ech=A===", 4),
            ("1 . no-default-alpn", 19),
        ];
        for (typed, offset) in rows {
            assert_eq!(typed.parse::<Binding>().unwrap_err().offset, offset, "{typed}");
        }
    }
}
