//! JSON that is safe on a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::octets::is_unsafe;

/// Appends `value` as JSON on one line.
pub(crate) fn write(value: &impl Serialize, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail, nor can what is only structs, lists and text.
    let _ = value.serialize(&mut Serializer::with_formatter(out, Safe));
}

/// Compact, and with `\u` for every character that a terminal may act on (RFC 8259 §7).
struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // JSON itself has escaped what is below SP.
        if fragment.bytes().all(|octet| octet < 0x7F) {
            return writer.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            if is_unsafe(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                writer.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        Ok(())
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
            ("\u{7F}\u{9B}2J", r#""\u007f\u009b2J""#),
            ("é漢\u{202E}x", r#""é漢\u202ex""#),
            ("tag \u{E0041}", r#""tag \udb40\udc41""#),
        ];
        for (sent, want) in rows {
            let mut out = Vec::new();
            write(&sent, &mut out);
            assert_eq!(str::from_utf8(&out), Ok(want));
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), sent);
        }
    }
}
