//! JSON on one line that is safe on a terminal (RFC 8259).
//!
//! What stands in a record writes itself: `object!` ([`super::object`]) puts the names of members, which are in the code
//! and so plain, between the values. serde_json looks at each octet of each name and text
//! through a table, and formats numbers and addresses: a line cost 40,000 instructions. Nearly every
//! text is plain ASCII, which is told many octets at a time while it is copied.
//!
//! All write into [`Room`] that is there before, handed on from one to the next in two registers: a
//! list of octets would look at its capacity, and write down its length, for each comma.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

use fourstep_probe::{Endpoint, Few};
use fourstep_terms::{Blame, Clock, Code, Step};

use super::object::Chosen;
use super::room::Room;
use crate::lines::tree::Node;
use crate::lines::walk;
use crate::octets::{Octets, is_unsafe, text};

/// Something that stands in a record.
pub(crate) trait Json {
    /// Writes it.
    fn write<'o>(&self, out: Room<'o>) -> Room<'o>;

    /// Writes it as a member of an object, behind its name.
    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        self.write(out.put(N::VALUE))
    }

    /// Writes of it what is asked for, if it has parts.
    fn write_chosen<'o>(&self, _asked: &Node, out: Room<'o>) -> Room<'o> {
        self.write(out)
    }

    /// Whether that is what it is written as. To say no is never wrong, only slower.
    #[inline]
    fn is(&self, _written: &str) -> bool {
        false
    }
}

/// The name of a member with the comma before it, joined at compile time with what its value begins
/// with, or mostly is: what stands between two values is one copy of a known length.
pub(crate) trait Name {
    const VALUE: &[u8];
    const TEXT: &[u8];
    const NULL: &[u8];
    const TRUE: &[u8];
    const FALSE: &[u8];
    const EMPTY: &[u8];
}

impl<T: Json> Json for Option<T> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        match self {
            Some(value) => value.write(out),
            None => out.put(b"null"),
        }
    }

    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        match self {
            Some(value) => value.write_member::<N>(out),
            None => out.put(N::NULL),
        }
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        match self {
            Some(value) => value.write_chosen(asked, out),
            None => out.put(b"null"),
        }
    }

    #[inline]
    fn is(&self, written: &str) -> bool {
        match self {
            Some(value) => value.is(written),
            None => written == "null",
        }
    }
}

impl Json for bool {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        if *self { out.put(b"true") } else { out.put(b"false") }
    }

    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        if *self { out.put(N::TRUE) } else { out.put(N::FALSE) }
    }

    #[inline]
    fn is(&self, written: &str) -> bool {
        written == if *self { "true" } else { "false" }
    }
}

impl Json for u64 {
    #[inline]
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        out.digits(*self)
    }

    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        out.digits_behind(N::VALUE, *self)
    }

    #[inline]
    fn is(&self, written: &str) -> bool {
        *self == 0 && written == "0"
    }
}

impl Json for i64 {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        let out = if *self < 0 { out.put(b"-") } else { out };
        out.digits(self.unsigned_abs())
    }
}

/// What is written as another type is.
macro_rules! alike {
    ($([$($of:tt)*] $type:ty: $value:ident => $other:expr;)*) => {
        $(impl<$($of)*> Json for $type {
            fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
                let $value = self;
                $other.write(out)
            }

            #[inline(always)]
            fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
                let $value = self;
                $other.write_member::<N>(out)
            }

            fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
                let $value = self;
                $other.write_chosen(asked, out)
            }

            #[inline]
            fn is(&self, written: &str) -> bool {
                let $value = self;
                $other.is(written)
            }
        })*
    };
}

alike! {
    [T: Json + ?Sized] &T: value => **value;
    [] u8: value => u64::from(*value);
    [] u16: value => u64::from(*value);
    [] u32: value => u64::from(*value);
    [] usize: value => u64::try_from(*value).unwrap_or(u64::MAX);
    [] i32: value => i64::from(*value);
    [] NonZeroU32: value => value.get();
    [] String: value => value.as_str();
    [] Box<str>: value => **value;
    [] Cow<'_, str>: value => **value;
    [] Code: value => Plain(value.as_str());
    [] Step: value => Plain(value.as_str());
    [] Blame: value => Plain(value.as_str());
    [] Clock: value => Plain(value.as_str());
    [T: Json] Vec<T>: value => **value;
    [T: Json] Few<T>: value => **value;
}

/// What stands between quotes, given how that is written.
macro_rules! quoted {
    ($([$($of:tt)*] $type:ty: |$value:ident, $out:ident| $inside:expr;)*) => {
        $(impl<$($of)*> $crate::record::json::Json for $type {
            fn write<'o>(
                &self,
                out: $crate::record::room::Room<'o>,
            ) -> $crate::record::room::Room<'o> {
                let ($value, $out) = (self, out.put(b"\""));
                $inside.put(b"\"")
            }

            #[inline(always)]
            fn write_member<'o, N: $crate::record::json::Name>(
                &self,
                out: $crate::record::room::Room<'o>,
            ) -> $crate::record::room::Room<'o> {
                let ($value, $out) = (self, out.put(N::TEXT));
                $inside.put(b"\"")
            }
        })*
    };
}
pub(crate) use quoted;

/// Text that is known to need no escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain<T>(pub(crate) T);

/// Text that is made as it is written.
pub(crate) struct Shown<T>(pub(crate) T);

quoted! {
    [] Octets<'_>: |octets, out| out.text(octets.0);
    [T: Display] Shown<T>: |text, out| shown(&text.0, out);
    [] IpAddr: |address, out| match address {
        IpAddr::V4(v4) => out.ipv4(*v4),
        IpAddr::V6(v6) => shown(v6, out),
    };
    [] SocketAddr: |address, out| socket(*address, out);
    [] Endpoint: |end, out| match end {
        Endpoint::Ip(address) => socket(*address, out),
        Endpoint::Unix(_) => shown(end, out),
    };
}

impl Json for str {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        out.put(b"\"").text(self.as_bytes()).put(b"\"")
    }

    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        out.put(N::TEXT).text(self.as_bytes()).put(b"\"")
    }

    #[inline]
    fn is(&self, written: &str) -> bool {
        walk::inside(written.as_bytes()) == Some(self.as_bytes())
    }
}

impl<T: AsRef<str>> Json for Plain<T> {
    #[inline]
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        out.put(b"\"").word(self.0.as_ref().as_bytes()).put(b"\"")
    }

    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        out.put(N::TEXT).word(self.0.as_ref().as_bytes()).put(b"\"")
    }

    #[inline]
    fn is(&self, written: &str) -> bool {
        self.0.as_ref().is(written)
    }
}

fn socket(address: SocketAddr, out: Room<'_>) -> Room<'_> {
    match address {
        SocketAddr::V4(v4) => {
            out.within::<64>(|out| out.ipv4(*v4.ip()).put(b":").digits(v4.port().into()))
        }
        SocketAddr::V6(v6) => shown(&v6, out),
    }
}

/// Writes what stands between the quotes, as it is made.
#[cold]
fn shown<'o>(text: &dyn Display, out: Room<'o>) -> Room<'o> {
    out.pieces(|pieces| write!(pieces, "{text}"))
}

impl<T: Json> Json for [T] {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        list(self, out)
    }

    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        if self.is_empty() { out.put(N::EMPTY) } else { list(self, out.put(N::VALUE)) }
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        list(self.iter().map(|item| Chosen(item, asked)), out)
    }

    #[inline]
    fn is(&self, written: &str) -> bool {
        self.is_empty() && written == "[]"
    }
}

/// What is written as a list.
pub(crate) struct List<I>(pub(crate) I);

impl<I: ExactSizeIterator<Item: Json> + Clone> Json for List<I> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        list(self.0.clone(), out)
    }

    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        if self.0.len() == 0 { out.put(N::EMPTY) } else { self.write(out.put(N::VALUE)) }
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        list(self.0.clone().map(|item| Chosen(item, asked)), out)
    }

    #[inline]
    fn is(&self, written: &str) -> bool {
        self.0.len() == 0 && written == "[]"
    }
}

/// Writes a list.
pub(crate) fn list<T: Json>(items: impl IntoIterator<Item = T>, out: Room<'_>) -> Room<'_> {
    let mut out = out.put(b"[");
    for (at, item) in items.into_iter().enumerate() {
        out = item.write(if at > 0 { out.put(b",") } else { out });
    }
    out.put(b"]")
}

impl<T: Json> Json for BTreeMap<&'static str, T> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        let mut out = out.put(b"{");
        for (at, (name, value)) in self.iter().enumerate() {
            out = name.write(if at > 0 { out.put(b",") } else { out });
            out = value.write(out.put(b":"));
        }
        out.put(b"}")
    }
}

/// Writes what stands between the quotes: with `\u` for every character that a terminal may act on
/// (RFC 8259 §7).
#[cold]
pub(crate) fn escape<'o>(octets: &[u8], mut out: Room<'o>) -> Room<'o> {
    for c in text(octets).chars() {
        out = match c {
            '"' => out.put(b"\\\""),
            '\\' => out.put(b"\\\\"),
            '\u{8}' => out.put(b"\\b"),
            '\t' => out.put(b"\\t"),
            '\n' => out.put(b"\\n"),
            '\u{C}' => out.put(b"\\f"),
            '\r' => out.put(b"\\r"),
            c if is_unsafe(c) => {
                let escaped = |unit: &u16| format!("\\u{unit:04x}");
                let units: String = c.encode_utf16(&mut [0; 2]).iter().map(escaped).collect();
                out.word(units.as_bytes())
            }
            c => out.word(c.encode_utf8(&mut [0; 4]).as_bytes()),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::room;

    fn json<T: Json + ?Sized>(value: &T) -> String {
        let mut out = Vec::new();
        room::append(value, b"", &mut out);
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
        let map = BTreeMap::from([("x", 1_u32), ("y", 2)]);
        assert_eq!(json(&map), serde_json::to_string(&map).unwrap());
        for address in ["192.0.2.1:80", "10.255.0.9:65535", "[2001:db8::1]:443", "[::1]:1"] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(json(&address), format!("\"{address}\""));
            assert_eq!(json(&address.ip()), format!("\"{}\"", address.ip()));
        }
    }
}
