//! JSON on one line that is safe on a terminal (RFC 8259).
//!
//! What stands in a record writes itself: `object!` puts the names of members, which are in the code
//! and so plain, between the values. serde_json looks at each octet of each name and text
//! through a table, and formats numbers and addresses: a line cost 40,000 instructions. Nearly every
//! text is plain ASCII, which is told many octets at a time and copied whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

use fourstep_probe::{Endpoint, Few};
use fourstep_terms::{Blame, Clock, Code, Step};

use crate::octets::is_unsafe;

/// Something that stands in a record.
pub(crate) trait Json {
    /// Appends it.
    fn append(&self, out: &mut Vec<u8>);
}

/// Appends an object: `object!(out, name: value, …)`.
macro_rules! object {
    ($out:expr, $first:ident: $value:expr $(, $name:ident: $more:expr)* $(,)?) => {{
        $out.extend_from_slice(concat!("{\"", stringify!($first), "\":").as_bytes());
        $crate::record::json::Json::append(&$value, $out);
        $(
            $out.extend_from_slice(concat!(",\"", stringify!($name), "\":").as_bytes());
            $crate::record::json::Json::append(&$more, $out);
        )*
        $out.push(b'}');
    }};
}
pub(crate) use object;

/// Has a struct write itself as an object of its fields, in this order; a field that is forgotten is
/// an error of the compiler's. What stands behind a `;` is left out.
macro_rules! members {
    ($type:ty { $first:ident $(, $name:ident)* $(,)? $(; $($hidden:ident),*)? }) => {
        impl $crate::record::json::Json for $type {
            fn append(&self, out: &mut Vec<u8>) {
                let Self { $first $(, $name)* $($(, $hidden: _)*)? } = self;
                $crate::record::json::object!(out, $first: $first $(, $name: $name)*);
            }
        }
    };
}
pub(crate) use members;

impl<T: Json + ?Sized> Json for &T {
    fn append(&self, out: &mut Vec<u8>) {
        (**self).append(out);
    }
}

impl<T: Json> Json for Option<T> {
    fn append(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.append(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl Json for bool {
    fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Json for u64 {
    fn append(&self, out: &mut Vec<u8>) {
        digits(*self, out);
    }
}

impl Json for i64 {
    fn append(&self, out: &mut Vec<u8>) {
        if *self < 0 {
            out.push(b'-');
        }
        digits(self.unsigned_abs(), out);
    }
}

/// What is written as another type is.
macro_rules! alike {
    ($($type:ty: $value:ident => $other:expr;)*) => {
        $(impl Json for $type {
            fn append(&self, out: &mut Vec<u8>) {
                let $value = self;
                $other.append(out);
            }
        })*
    };
}

alike! {
    u8: value => u64::from(*value);
    u16: value => u64::from(*value);
    u32: value => u64::from(*value);
    usize: value => u64::try_from(*value).unwrap_or(u64::MAX);
    i32: value => i64::from(*value);
    NonZeroU32: value => value.get();
    String: value => value.as_str();
    Box<str>: value => **value;
    Cow<'_, str>: value => **value;
    Code: value => Plain(value.as_str());
    Step: value => Plain(value.as_str());
    Blame: value => Plain(value.as_str());
    Clock: value => Plain(value.as_str());
}

impl Json for str {
    fn append(&self, out: &mut Vec<u8>) {
        if is_plain(self.as_bytes()) {
            return Plain(self).append(out);
        }
        out.push(b'"');
        escape(self, out);
        out.push(b'"');
    }
}

/// Text that is known to need no escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain<T>(pub(crate) T);

impl<T: AsRef<[u8]>> Json for Plain<T> {
    fn append(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(self.0.as_ref());
        out.push(b'"');
    }
}

/// Text that is made as it is written.
pub(crate) struct Shown<T>(pub(crate) T);

impl<T: Display> Json for Shown<T> {
    fn append(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        // Writing to a list of octets cannot fail.
        let _ = write!(Escaped(out), "{}", self.0);
        out.push(b'"');
    }
}

struct Escaped<'a>(&'a mut Vec<u8>);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(text, self.0);
        Ok(())
    }
}

impl Json for IpAddr {
    fn append(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        ip(*self, out);
        out.push(b'"');
    }
}

impl Json for SocketAddr {
    fn append(&self, out: &mut Vec<u8>) {
        match self {
            SocketAddr::V4(address) => {
                out.push(b'"');
                ip(self.ip(), out);
                out.push(b':');
                digits(address.port().into(), out);
                out.push(b'"');
            }
            SocketAddr::V6(address) => Shown(address).append(out),
        }
    }
}

impl Json for Endpoint {
    fn append(&self, out: &mut Vec<u8>) {
        match self {
            Endpoint::Ip(address) => address.append(out),
            Endpoint::Unix(_) => Shown(self).append(out),
        }
    }
}

fn ip(address: IpAddr, out: &mut Vec<u8>) {
    match address {
        IpAddr::V4(v4) => {
            for (at, octet) in v4.octets().into_iter().enumerate() {
                if at > 0 {
                    out.push(b'.');
                }
                digits(octet.into(), out);
            }
        }
        // Writing to a list of octets cannot fail.
        IpAddr::V6(v6) => _ = write!(Escaped(out), "{v6}"),
    }
}

impl<T: Json> Json for [T] {
    fn append(&self, out: &mut Vec<u8>) {
        list(self, out);
    }
}

impl<T: Json> Json for Vec<T> {
    fn append(&self, out: &mut Vec<u8>) {
        list(self, out);
    }
}

impl<T: Json> Json for Few<T> {
    fn append(&self, out: &mut Vec<u8>) {
        list(self, out);
    }
}

impl<A: Json, B: Json> Json for (A, B) {
    fn append(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        self.0.append(out);
        out.push(b',');
        self.1.append(out);
        out.push(b']');
    }
}

impl<T: Json> Json for BTreeMap<&'static str, T> {
    fn append(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (at, (name, value)) in self.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            name.append(out);
            out.push(b':');
            value.append(out);
        }
        out.push(b'}');
    }
}

/// Appends a list.
pub(crate) fn list<T: Json>(items: impl IntoIterator<Item = T>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        item.append(out);
    }
    out.push(b']');
}

/// Appends the decimal digits of a number, four at a time.
fn digits(number: u64, out: &mut Vec<u8>) {
    let digit = |power: u64| b'0' + (number / power % 10).to_le_bytes()[0];
    match number {
        0..10 => out.push(digit(1)),
        10..100 => out.extend_from_slice(&[digit(10), digit(1)]),
        100..1000 => out.extend_from_slice(&[digit(100), digit(10), digit(1)]),
        1000.. => {
            if number >= 10_000 {
                digits(number / 10_000, out);
            }
            out.extend_from_slice(&[digit(1000), digit(100), digit(10), digit(1)]);
        }
    }
}

/// Whether octets stand in JSON as they are, and do nothing to a terminal.
pub(crate) fn is_plain(octets: &[u8]) -> bool {
    none(octets, is_odd)
}

/// The same of each line of several.
pub(crate) fn are_plain_lines(octets: &[u8]) -> bool {
    none(octets, |octet| is_odd(octet) & u8::from(octet != b'\r') & u8::from(octet != b'\n'))
}

/// 1 for what JSON or a terminal takes for more than a character.
fn is_odd(octet: u8) -> u8 {
    u8::from(octet.wrapping_sub(b' ') > b'~' - b' ')
        | u8::from(octet == b'"')
        | u8::from(octet == b'\\')
}

/// Whether it is 0 of each octet. Chunks without an early end are looked at all at once; the last one
/// may overlap the one before it.
#[inline]
fn none(octets: &[u8], which: impl Fn(u8) -> u8) -> bool {
    let any = |octets: &[u8]| octets.iter().fold(0, |any, octet| any | which(*octet));
    let (chunks, rest) = octets.as_chunks::<16>();
    let rest = match (octets.last_chunk::<16>(), octets.first_chunk::<8>()) {
        (Some(last), _) => any(last),
        (None, Some(first)) => any(first) | octets.last_chunk::<8>().map_or(0, |last| any(last)),
        (None, None) => any(rest),
    };
    chunks.iter().fold(rest, |found, chunk| found | any(chunk)) == 0
}

/// Appends what stands between the quotes: with `\u` for every character that a terminal may act on
/// (RFC 8259 §7).
fn escape(mut text: &str, out: &mut Vec<u8>) {
    loop {
        // Run by run: what is plain is copied whole.
        let run = text.bytes().position(|octet| is_odd(octet) != 0).unwrap_or(text.len());
        let (plain, odd) = text.split_at_checked(run).unwrap_or((text, ""));
        out.extend_from_slice(plain.as_bytes());
        let Some(c) = odd.chars().next() else { return };
        text = odd.strip_prefix(c).unwrap_or_default();
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\u{C}' => out.extend_from_slice(b"\\f"),
            '\r' => out.extend_from_slice(b"\\r"),
            c if is_unsafe(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a list of octets cannot fail.
                    let _ = io::Write::write_fmt(out, format_args!("\\u{unit:04x}"));
                }
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json<T: Json + ?Sized>(value: &T) -> String {
        let mut out = Vec::new();
        value.append(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_text_comes_back_and_the_terminal_stays_as_it_is() {
        let rows = [
            ("plain", r#""plain""#),
            ("plain, and more than sixteen octets", r#""plain, and more than sixteen octets""#),
            ("sixteen octets and\tone", r#""sixteen octets and\tone""#),
            ("a\"\\\n\u{1B}", r#""a\"\\\n\u001b""#),
            ("\u{8}\u{C}\r\t\0", r#""\b\f\r\t\u0000""#),
            ("\u{7F}\u{9B}2J", r#""\u007f\u009b2J""#),
            ("é漢\u{202E}x", r#""é漢\u202ex""#),
            ("tag \u{E0041}", r#""tag \udb40\udc41""#),
        ];
        for (sent, want) in rows {
            assert_eq!(json(sent), want);
            assert_eq!(serde_json::from_str::<String>(want).unwrap(), sent);
            // Made as it is written, in whatever pieces.
            let (first, rest) = sent.split_at(sent.chars().next().map_or(0, char::len_utf8));
            assert_eq!(json(&Shown(format_args!("{first}{rest}"))), want);
        }
    }

    #[test]
    fn what_records_are_made_of_is_written_as_serde_json_writes_it() {
        for number in [0, 7, 10, 99, 65_535, i64::MAX, -1, -10, i64::MIN] {
            assert_eq!(json(&number), serde_json::to_string(&number).unwrap());
        }
        assert_eq!(json(&u64::MAX), u64::MAX.to_string());
        let list = vec![Some(true), None, Some(false)];
        assert_eq!(json(&list), serde_json::to_string(&list).unwrap());
        assert_eq!(json(&[0_u8; 0][..]), "[]");
        assert_eq!(json(&("a\"b", 1_u16)), r#"["a\"b",1]"#);
        let map = BTreeMap::from([("x", 1_u32), ("y", 2)]);
        assert_eq!(json(&map), serde_json::to_string(&map).unwrap());
        for address in ["192.0.2.1:80", "10.255.0.9:65535", "[2001:db8::1]:443", "[::1]:1"] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(json(&address), format!("\"{address}\""));
            assert_eq!(json(&address.ip()), format!("\"{}\"", address.ip()));
        }
    }
}
