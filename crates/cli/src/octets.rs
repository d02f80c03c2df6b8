//! Octets of a peer for whoever reads standard output.

use std::io::{self, Write};

/// Writes octets to a terminal: line feeds and tabs as they are, a CR before a line feed left
/// out, and whatever else could do more than show itself escaped.
pub(crate) fn write_safe(octets: &[u8], out: &mut impl Write) -> io::Result<()> {
    for chunk in octets.utf8_chunks() {
        let mut rest = chunk.valid().chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\r' if rest.peek() == Some(&'\n') => {}
                '\n' | '\t' | '\\' | '"' | '\'' => write!(out, "{c}")?,
                // Control characters, and those of Unicode that are not shown or turn the
                // direction of text.
                _ => write!(out, "{}", c.escape_debug())?,
            }
        }
        for octet in chunk.invalid() {
            write!(out, "\\x{octet:02x}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_a_terminal() {
        let rows: [(&[u8], &str); 6] = [
            (b"HTTP/1.1 200 OK\r\nA: 'b' \\ \"c\"\r\n\r\n", "HTTP/1.1 200 OK\nA: 'b' \\ \"c\"\n\n"),
            ("tab\there, Grüße 漢字".as_bytes(), "tab\there, Grüße 漢字"),
            (b"\x1B[31mred\x07\r", "\\u{1b}[31mred\\u{7}\\r"),
            ("\u{9B}2J\u{202E}gpj".as_bytes(), "\\u{9b}2J\\u{202e}gpj"),
            (b"\xFF\x00\x7F", "\\xff\\0\\u{7f}"),
            (b"", ""),
        ];
        for (octets, want) in rows {
            let mut out = Vec::new();
            write_safe(octets, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), want);
        }
    }
}
