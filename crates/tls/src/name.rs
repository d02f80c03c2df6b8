//! A distinguished name as text: `CN=a.test,O=A` (RFC 4514 §2).

use x509_cert::der::{Decode, Encode, Result, Tag, Tagged};
use x509_cert::name::Name;
use x509_cert::spki::ObjectIdentifier;

use crate::certificate::hex;

/// The types that have a word (RFC 4514 §3), and the two more that certificates often have.
const WORDS: [(ObjectIdentifier, &str); 11] = [
    (ObjectIdentifier::new_unwrap("2.5.4.3"), "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.10"), "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), "DC"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"), "UID"),
    (ObjectIdentifier::new_unwrap("2.5.4.5"), "SERIALNUMBER"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1"), "EMAILADDRESS"),
];

/// A name in DER, its last part first (RFC 4514 §2.1), control characters escaped.
pub(crate) fn text(der: &[u8]) -> Result<Box<str>> {
    let name = Name::from_der(der)?;
    let mut text = String::new();
    let parts: Vec<_> = name.iter_rdn().collect();
    for part in parts.into_iter().rev() {
        // Several values of one part are joined (RFC 4514 §2.2).
        for (n, pair) in part.iter().enumerate() {
            text.push_str(if n > 0 {
                "+"
            } else if text.is_empty() {
                ""
            } else {
                ","
            });
            let word = WORDS.iter().find(|(oid, _)| *oid == pair.oid).map(|(_, word)| *word);
            let value = string(pair.value.tag(), pair.value.value());
            // What is no string is hexadecimal, its type in digits (RFC 4514 §2.4).
            match (word, value) {
                (Some(word), Some(value)) => {
                    text.push_str(word);
                    text.push('=');
                    escape(&value, &mut text);
                }
                (_, _) => {
                    text.push_str(&pair.oid.to_string());
                    text.push_str("=#");
                    text.push_str(&hex(&pair.value.to_der().unwrap_or_default()));
                }
            }
        }
    }
    Ok(text.into())
}

/// The characters of a DirectoryString (RFC 5280 §4.1.2.4), in whatever encoding it has.
fn string(tag: Tag, octets: &[u8]) -> Option<String> {
    match tag {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            std::str::from_utf8(octets).ok().map(str::to_owned)
        }
        // T.61 has long been written as Latin-1.
        Tag::TeletexString => Some(octets.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units = octets.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0, // a chunk is two octets
            });
            char::decode_utf16(units).collect::<std::result::Result<_, _>>().ok()
        }
        _ => None,
    }
}

/// Appends `value` with what separates parts escaped (RFC 4514 §2.4), and control characters.
fn escape(value: &str, text: &mut String) {
    let last = value.chars().count().saturating_sub(1);
    for (n, c) in value.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', c]),
            '#' if n == 0 => text.push_str("\\#"),
            ' ' if n == 0 || n == last => text.push_str("\\ "),
            _ if c.is_control() => {
                for octet in c.encode_utf8(&mut [0; 4]).bytes() {
                    text.push('\\');
                    text.push_str(&hex(&[octet]));
                }
            }
            _ => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_rfc_4514_says() {
        let rows: [(&[u8], &str); 8] = [
            // name in DER, text                                              (RFC 4514 §2, §4)
            (b"\x30\0", ""),
            (b"\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02ab", "CN=ab"),
            (
                b"\x30\x1a\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02DE\
                  \x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02ab",
                "CN=ab,C=DE",
            ),
            (
                b"\x30\x16\x31\x14\x30\x08\x06\x03\x55\x04\x03\x0c\x01a\
                  \x30\x08\x06\x03\x55\x04\x0b\x0c\x01b",
                "CN=a+OU=b",
            ),
            (b"\x30\x10\x31\x0e\x30\x0c\x06\x03\x55\x04\x03\x0c\x05#a,\\ ", r"CN=\#a\,\\\ "),
            (b"\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04\x1b[2J", r"CN=\1b[2J"),
            (b"\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x1e\x04\0a\x20\xac", "CN=a€"),
            (b"\x30\x0c\x31\x0a\x30\x08\x06\x03\x2a\x03\x04\x0c\x01a", "1.2.3.4=#0c0161"),
        ];
        for (der, want) in rows {
            assert_eq!(&*text(der).unwrap(), want, "{}", der.escape_ascii());
        }
    }
}
