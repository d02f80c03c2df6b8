//! JSON that is safe on a terminal, written straight into the line.
//!
//! serde walks the record; what stands here is the other end. serde_json's own writer looks at
//! each octet of each text through a table, and asks the formatter of each token: most of what a
//! record costs. Nearly every text in a record is plain ASCII, which is told at sixteen octets a
//! step and copied whole.

use std::fmt::{self, Display, Write};

use serde::Serialize;
use serde::ser::{self, Impossible};

use crate::octets::is_unsafe;

/// Appends `value` as JSON on one line.
pub(crate) fn write(value: &impl Serialize, out: &mut Vec<u8>) {
    // Records are structs, lists, numbers and text: nothing that this cannot write.
    let _ = value.serialize(Json(out));
}

/// Compact, and with `\u` for every character that a terminal may act on (RFC 8259 §7).
struct Json<'a>(&'a mut Vec<u8>);

/// An object or a list that is being written.
struct Items<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
    /// What ends it.
    end: u8,
}

impl<'a> Items<'a> {
    fn begin(out: &'a mut Vec<u8>, begin: u8, end: u8) -> Items<'a> {
        out.push(begin);
        Items { out, is_first: true, end }
    }

    fn separate(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push(b',');
        }
    }
}

/// Whether a text stands in JSON as it is, and does nothing to a terminal.
fn is_plain(octets: &[u8]) -> bool {
    let odd = |octet: &u8| {
        u8::from(octet.wrapping_sub(b' ') > b'~' - b' ')
            | u8::from(*octet == b'"')
            | u8::from(*octet == b'\\')
    };
    // Chunks without an early end are looked at all at once.
    let (chunks, rest) = octets.as_chunks::<16>();
    chunks.iter().all(|chunk| chunk.iter().fold(0, |found, octet| found | odd(octet)) == 0)
        && rest.iter().all(|octet| odd(octet) == 0)
}

/// Appends what stands between the quotes.
fn escape(text: &str, out: &mut Vec<u8>) {
    if is_plain(text.as_bytes()) {
        return out.extend_from_slice(text.as_bytes());
    }
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\u{C}' => out.extend_from_slice(b"\\f"),
            '\r' => out.extend_from_slice(b"\\r"),
            c if c < ' ' || is_unsafe(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(b"\\u");
                    for shift in [12, 8, 4, 0] {
                        let digit = u32::from((*unit >> shift) & 0xF);
                        out.extend(
                            char::from_digit(digit, 16).map(|it| u8::try_from(it).unwrap_or(b'0')),
                        );
                    }
                }
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Appends the decimal digits of a number.
fn digits(mut number: u64, out: &mut Vec<u8>) {
    let begin = out.len();
    loop {
        out.push(b'0' + u8::try_from(number % 10).unwrap_or_default());
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(begin..) {
        digits.reverse();
    }
}

/// Text that is made as it is written.
struct Escaped<'a>(&'a mut Vec<u8>);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(text, self.0);
        Ok(())
    }
}

/// What has no place in a record.
#[derive(Debug)]
struct Misfit;

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this has no place in a record")
    }
}

impl std::error::Error for Misfit {}

impl ser::Error for Misfit {
    fn custom<T: Display>(_: T) -> Misfit {
        Misfit
    }
}

type Written = Result<(), Misfit>;

impl<'a> ser::Serializer for Json<'a> {
    type Ok = ();
    type Error = Misfit;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Impossible<(), Misfit>;
    type SerializeMap = Items<'a>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Impossible<(), Misfit>;

    fn serialize_bool(self, value: bool) -> Written {
        self.0.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        if value < 0 {
            self.0.push(b'-');
        }
        digits(value.unsigned_abs(), self.0);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        digits(value, self.0);
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Written {
        Err(Misfit)
    }

    fn serialize_f64(self, _: f64) -> Written {
        Err(Misfit)
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        self.0.push(b'"');
        escape(value, self.0);
        self.0.push(b'"');
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        Err(Misfit)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Written {
        Err(Misfit)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Misfit> {
        Ok(Items::begin(self.0, b'[', b']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, Misfit> {
        Ok(Items::begin(self.0, b'[', b']'))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Misfit> {
        Ok(Items::begin(self.0, b'[', b']'))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Misfit> {
        Err(Misfit)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Items<'a>, Misfit> {
        Ok(Items::begin(self.0, b'{', b'}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Misfit> {
        Ok(Items::begin(self.0, b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Misfit> {
        Err(Misfit)
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> Written {
        self.0.push(b'"');
        write!(Escaped(self.0), "{value}").map_err(|_| Misfit)?;
        self.0.push(b'"');
        Ok(())
    }
}

impl ser::SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        self.separate();
        value.serialize(Json(self.out))
    }

    fn end(self) -> Written {
        self.out.push(self.end);
        Ok(())
    }
}

impl ser::SerializeTuple for Items<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Written {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for Items<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Written {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeStruct for Items<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Written {
        self.separate();
        self.out.push(b'"');
        // A name in the code: it is plain.
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        value.serialize(Json(self.out))
    }

    fn end(self) -> Written {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Written {
        self.separate();
        // Keys are text: anything else is no JSON, and no map in a record has it.
        key.serialize(Json(self.out))
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        self.out.push(b':');
        value.serialize(Json(self.out))
    }

    fn end(self) -> Written {
        ser::SerializeSeq::end(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_comes_back_and_the_terminal_stays_as_it_is() {
        let rows = [
            ("plain", r#""plain""#),
            ("a\"\\\n\u{1B}", r#""a\"\\\n\u001b""#),
            ("\u{8}\u{C}\r\t\0", r#""\b\f\r\t\u0000""#),
            ("\u{7F}\u{9B}2J", r#""\u007f\u009b2J""#),
            ("é漢\u{202E}x", r#""é漢\u202ex""#),
            ("tag \u{E0041}", r#""tag \udb40\udc41""#),
        ];
        for (sent, want) in rows {
            let mut out = Vec::new();
            write(&sent, &mut out);
            assert_eq!(str::from_utf8(&out), Ok(want));
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), sent);
            // Made as it is written, in whatever pieces.
            let mut out = Vec::new();
            let (first, rest) = sent.split_at(sent.chars().next().map_or(0, char::len_utf8));
            let pieces = format_args!("{first}{rest}");
            ser::Serializer::collect_str(Json(&mut out), &pieces).unwrap();
            assert_eq!(str::from_utf8(&out), Ok(want));
        }
    }

    #[test]
    fn what_records_are_made_of_is_written_as_serde_json_writes_it() {
        #[derive(Serialize)]
        struct Nested {
            empty: Vec<u8>,
            list: Vec<Option<i64>>,
            pair: (&'static str, u16),
            map: std::collections::BTreeMap<&'static str, bool>,
            unit: (),
        }
        let nested = Nested {
            empty: vec![],
            list: vec![None, Some(0), Some(-7), Some(i64::MIN), Some(i64::MAX)],
            pair: ("a\"b", 65535),
            map: [("x", true), ("y", false)].into(),
            unit: (),
        };
        let both = [Some(&nested), None];
        let mut out = Vec::new();
        write(&both, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&both).unwrap());
        let mut out = Vec::new();
        write(&u64::MAX, &mut out);
        assert_eq!(out, u64::MAX.to_string().as_bytes());
    }

    #[test]
    fn what_has_no_place_in_a_record_is_refused() {
        assert!(1.5.serialize(Json(&mut Vec::new())).is_err());
    }
}
