//! Certificates, keys and lists as people hand them in: PEM text (RFC 7468) or bare DER.

use crate::error::ConfigError;

/// One thing that PEM text or DER octets held.
pub(crate) struct Block {
    /// What stands between `BEGIN` and the dashes: `CERTIFICATE`; empty for bare DER.
    pub(crate) label: Box<str>,
    /// The DER octets.
    pub(crate) der: Vec<u8>,
    /// The line of `BEGIN`, from 1; 0 for bare DER.
    pub(crate) line: usize,
}

/// Every block of PEM text, or the whole as one when it begins as DER does.
///
/// Text outside the blocks is skipped, as in RFC 7468 §2. `what` names the whole in errors.
pub(crate) fn read(what: &'static str, octets: &[u8]) -> Result<Vec<Block>, ConfigError> {
    // Each of the structures is a SEQUENCE whose length takes more than one octet.
    if matches!(octets, [0x30, 0x80..=0xff, ..]) {
        return Ok(vec![Block { label: "".into(), der: octets.to_vec(), line: 0 }]);
    }
    let wrong = |line: usize, says: &str| ConfigError::new(what, line, says);
    let mut blocks = Vec::new();
    let mut open: Option<(Block, Vec<u8>)> = None;
    for (line, text) in (1..).zip(octets.split(|&octet| octet == b'\n')) {
        let text = text.trim_ascii();
        if let Some(label) = dashed(text, b"-----BEGIN ") {
            if let Some((block, _)) = &open {
                return Err(wrong(block.line, "BEGIN without END"));
            }
            open = Some((Block { label, der: Vec::new(), line }, Vec::new()));
        } else if let Some(label) = dashed(text, b"-----END ") {
            let Some((mut block, body)) = open.take() else {
                return Err(wrong(line, "END without BEGIN"));
            };
            if block.label != label {
                return Err(wrong(line, "END of something else than began"));
            }
            block.der = base64(&body).ok_or_else(|| wrong(block.line, "no base64 inside"))?;
            blocks.push(block);
        } else if let Some((_, body)) = &mut open {
            // The fields of RFC 1421 §4.4 before the body: an old way to encrypt a key.
            if text.contains(&b':') {
                return Err(wrong(line, "the block is encrypted, or has header fields"));
            }
            body.extend_from_slice(text);
        }
    }
    match open {
        Some((block, _)) => Err(wrong(block.line, "BEGIN without END")),
        None if blocks.is_empty() => Err(wrong(0, "neither PEM nor DER")),
        None => Ok(blocks),
    }
}

/// Every block of the kinds in `labels`; another kind is an error, as is none at all.
pub(crate) fn read_only(
    what: &'static str,
    labels: &[&str],
    octets: &[u8],
) -> Result<Vec<Block>, ConfigError> {
    let blocks = read(what, octets)?;
    for block in &blocks {
        if !block.label.is_empty() && !labels.contains(&&*block.label) {
            let says = format!("a block of another kind: {}", block.label.escape_debug());
            return Err(ConfigError::new(what, block.line, &says));
        }
    }
    Ok(blocks)
}

fn dashed(text: &[u8], before: &[u8]) -> Option<Box<str>> {
    let label = text.strip_prefix(before)?.strip_suffix(b"-----")?;
    std::str::from_utf8(label).ok().map(Into::into)
}

/// The octets that padded base64 stands for (RFC 4648 §4); `None` when it is none.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut octets = Vec::with_capacity(text.len() / 4 * 3);
    let mut quads = text.chunks_exact(4).peekable();
    while let Some(quad) = quads.next() {
        let digits = match quad {
            [_, _, b'=', b'='] if quads.peek().is_none() => 2,
            [_, _, _, b'='] if quads.peek().is_none() => 3,
            _ => 4,
        };
        let mut bits = 0_u32;
        for &digit in quad.iter().take(digits) {
            bits = bits << 6 | u32::from(value(digit)?);
        }
        bits <<= 6 * (4 - digits);
        let [_, three @ ..] = bits.to_be_bytes();
        let (kept, spare) = three.split_at_checked(digits - 1)?;
        // RFC 4648 §3.5: the bits that stand for nothing are zero.
        if spare.iter().any(|&octet| octet != 0) {
            return None;
        }
        octets.extend_from_slice(kept);
    }
    Some(octets)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// `octets` as padded base64 (RFC 4648 §4).
pub(crate) fn to_base64(octets: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for three in octets.chunks(3) {
        let at = |n: usize| u32::from(three.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for n in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * n) & 63) as usize).copied();
            text.push(if n <= three.len() { digit.map_or('=', char::from) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_and_written() {
        let rows: [(&str, Option<&[u8]>); 11] = [
            // text, octets                    (RFC 4648 §10)
            ("", Some(b"")),
            ("Zg==", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("+/+/", Some(b"\xfb\xff\xbf")),
            ("Zg=", None),      // RFC 4648 §3.2: padding
            ("Zh==", None),     // RFC 4648 §3.5: spare bits
            ("Zg==Zg==", None), // padding only at the end
            ("Z===", None),
            ("Zm9-", None), // RFC 4648 §5 is another alphabet
        ];
        for (text, want) in rows {
            assert_eq!(base64(text.as_bytes()).as_deref(), want, "{text}");
            if let Some(octets) = want {
                assert_eq!(to_base64(octets), text);
            }
        }
    }

    #[test]
    fn blocks_are_found_and_faults_have_a_line() {
        type Found<'a> = Result<&'a [(&'a str, usize)], &'a str>;
        let rows: [(&str, Found<'_>); 9] = [
            // text, labels and lines or the error          (RFC 7468 §2)
            ("-----BEGIN A-----\nZg==\n-----END A-----\n", Ok(&[("A", 1)])),
            (
                "words\r\n-----BEGIN A-----\r\nZ\r\ng==\r\n-----END A-----\r\n\
                 -----BEGIN B C-----\n-----END B C-----",
                Ok(&[("A", 2), ("B C", 6)]),
            ),
            ("\u{30}\u{7f}", Err("x: neither PEM nor DER")),
            ("", Err("x: neither PEM nor DER")),
            ("\n-----BEGIN A-----\nZg==\n", Err("x: line 2: BEGIN without END")),
            ("-----BEGIN A-----\n-----BEGIN A-----", Err("x: line 1: BEGIN without END")),
            ("-----END A-----", Err("x: line 1: END without BEGIN")),
            (
                "-----BEGIN A-----\n-----END B-----",
                Err("x: line 2: END of something else than began"),
            ),
            ("-----BEGIN A-----\n??\n-----END A-----", Err("x: line 1: no base64 inside")),
        ];
        for (text, want) in rows {
            let blocks = read("x", text.as_bytes());
            let found = blocks.as_ref().map(|blocks| {
                blocks.iter().map(|block| (&*block.label, block.line)).collect::<Vec<_>>()
            });
            match (found, want) {
                (Ok(found), Ok(want)) => assert_eq!(found, want, "{text:?}"),
                (Err(error), Err(want)) => assert_eq!(error.to_string(), want, "{text:?}"),
                (found, _) => panic!("{text:?}: {found:?}"),
            }
        }
    }
}
