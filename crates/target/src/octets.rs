//! The classes of octets that RFC 3986 §2 names.

/// ALPHA, DIGIT, `-`, `.`, `_`, `~` (RFC 3986 §2.3).
pub(crate) fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
}

/// The delimiters that mean something only inside one component (RFC 3986 §2.2).
pub(crate) fn is_sub_delim(octet: u8) -> bool {
    b"!$&'()*+,;=".contains(&octet)
}

/// What a path, a query or a fragment may hold besides `%XX` (RFC 3986 §3.3, §3.4).
pub(crate) fn is_path_or_query(octet: u8) -> bool {
    is_unreserved(octet) || is_sub_delim(octet) || b":@/?".contains(&octet)
}

/// Control octets of ASCII: CR, LF, NUL and their kin. No URI has them (RFC 3986 §2).
pub(crate) fn is_control(octet: u8) -> bool {
    octet.is_ascii_control()
}

/// What ends an authority (RFC 3986 §3.2).
pub(crate) fn ends_authority(octet: u8) -> bool {
    b"/?#".contains(&octet)
}

/// The octet that `%XX` at the start of `octets` stands for (RFC 3986 §2.1); `None` when
/// there is no such triplet.
pub(crate) fn triplet(octets: &[u8]) -> Option<u8> {
    let &[b'%', high, low, ..] = octets else { return None };
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Appends `octet` as `%XX`, with the capitals that RFC 3986 §2.1 prefers.
pub(crate) fn push_triplet(octet: u8, out: &mut String) {
    out.push('%');
    for nibble in [octet >> 4, octet & 0xF] {
        let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        out.push(digit.to_ascii_uppercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triplets() {
        let rows: [(&[u8], _); 7] = [
            (b"%41", Some(0x41)), // RFC 3986 §2.1
            (b"%fF/", Some(0xFF)),
            (b"%00", Some(0)),
            (b"%4", None),
            (b"%g1", None),
            (b"%+1", None),
            (b"41", None),
        ];
        for (octets, want) in rows {
            assert_eq!(triplet(octets), want, "{}", octets.escape_ascii());
        }
        for octet in 0..=255 {
            let mut out = String::new();
            push_triplet(octet, &mut out);
            assert_eq!(triplet(out.as_bytes()), Some(octet));
        }
    }
}
