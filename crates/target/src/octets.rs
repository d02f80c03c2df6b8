//! The classes of octets that RFC 3986 §2 names.

// One bit a question: of a list of a million targets, each octet is asked several.
const UNRESERVED: u8 = 1 << 0;
const SUB_DELIM: u8 = 1 << 1;
const PLAIN_IN_NAME: u8 = 1 << 2;
const IN_SCHEME: u8 = 1 << 3;
const PATH_OR_QUERY: u8 = 1 << 4;
const CONTROL: u8 = 1 << 5;
const ENDS_AUTHORITY: u8 = 1 << 6;
const ODD_IN_AUTHORITY: u8 = 1 << 7;

const ANSWERS: [u8; 256] = {
    let mut answers = [0; 256];
    let mut octet = 0;
    // Beyond ASCII every answer is no.
    while octet < 128 {
        #[expect(clippy::indexing_slicing, reason = "any octet is below 256")]
        (answers[octet as usize] = answer(octet));
        octet += 1;
    }
    answers
};

const fn answer(octet: u8) -> u8 {
    let pchar = PLAIN_IN_NAME | PATH_OR_QUERY;
    match octet {
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' => UNRESERVED | IN_SCHEME | pchar,
        b'A'..=b'Z' => UNRESERVED | IN_SCHEME | PATH_OR_QUERY,
        b'_' | b'~' => UNRESERVED | pchar,
        b'+' => SUB_DELIM | IN_SCHEME | pchar,
        b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b',' | b';' | b'=' => SUB_DELIM | pchar,
        b':' => PATH_OR_QUERY,
        b'@' => PATH_OR_QUERY | ODD_IN_AUTHORITY,
        b'/' | b'?' => PATH_OR_QUERY | ENDS_AUTHORITY,
        b'#' => ENDS_AUTHORITY,
        b'\\' => ODD_IN_AUTHORITY,
        0..=0x1F | 0x7F => CONTROL | ODD_IN_AUTHORITY,
        _ => 0,
    }
}

fn is(octet: u8, question: u8) -> bool {
    answers(octet) & question != 0
}

fn answers(octet: u8) -> u8 {
    ANSWERS.get(usize::from(octet)).copied().unwrap_or_default()
}

/// ALPHA, DIGIT, `-`, `.`, `_`, `~` (RFC 3986 §2.3).
pub(crate) fn is_unreserved(octet: u8) -> bool {
    is(octet, UNRESERVED)
}

/// The delimiters that mean something only inside one component (RFC 3986 §2.2).
pub(crate) fn is_sub_delim(octet: u8) -> bool {
    is(octet, SUB_DELIM)
}

/// What stays as it is in a name: `reg-name` of RFC 3986 §3.2.2 without capitals and `%XX`.
pub(crate) fn is_plain_in_name(octet: u8) -> bool {
    is(octet, PLAIN_IN_NAME)
}

/// What the name of a scheme may hold (RFC 3986 §3.1).
pub(crate) fn is_in_scheme(octet: u8) -> bool {
    is(octet, IN_SCHEME)
}

/// What a path, a query or a fragment may hold besides `%XX` (RFC 3986 §3.3, §3.4).
pub(crate) fn is_path_or_query(octet: u8) -> bool {
    is(octet, PATH_OR_QUERY)
}

/// How many such octets these begin with.
#[inline(always)]
pub(crate) fn path_or_query(octets: &[u8]) -> usize {
    // One look at the end for each eight.
    let (eights, rest) = octets.as_chunks::<8>();
    let mut at = 0;
    for eight in eights {
        for (octet, count) in eight.iter().zip(0..) {
            if !is_path_or_query(*octet) {
                return at + count;
            }
        }
        at += 8;
    }
    at + rest.iter().take_while(|octet| is_path_or_query(**octet)).count()
}

/// What no digit stands for.
pub(crate) const NO_DIGIT: u32 = 10;

/// What a decimal digit stands for; of any other octet, [`NO_DIGIT`] or more.
#[inline(always)]
pub(crate) fn digit(octet: u8) -> u32 {
    u32::from(octet).wrapping_sub(u32::from(b'0'))
}

/// Control octets of ASCII: CR, LF, NUL and their kin. No URI has them (RFC 3986 §2).
pub(crate) fn is_control(octet: u8) -> bool {
    is(octet, CONTROL)
}

/// What ends an authority (RFC 3986 §3.2).
pub(crate) fn ends_authority(octet: u8) -> bool {
    is(octet, ENDS_AUTHORITY)
}

/// What a host and a port alone never have: control octets, `\`, `@`.
pub(crate) fn is_odd_in_authority(octet: u8) -> bool {
    is(octet, ODD_IN_AUTHORITY)
}

/// The octet that `%XX` at the start of `octets` stands for (RFC 3986 §2.1); `None` when
/// there is no such triplet.
pub(crate) fn triplet(octets: &[u8]) -> Option<u8> {
    let &[b'%', high, low, ..] = octets else { return None };
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Appends `octet` as `%XX`, with the capitals that RFC 3986 §2.1 prefers.
pub(crate) fn push_triplet(octet: u8, out: &mut Vec<u8>) {
    out.push(b'%');
    for nibble in [octet >> 4, octet & 0xF] {
        out.push(if nibble < 10 { b'0' + nibble } else { b'A' + (nibble - 10) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_the_grammar() {
        for octet in 0..=u8::MAX {
            let letter = octet.is_ascii_alphanumeric();
            let unreserved = letter || b"-._~".contains(&octet);
            let sub_delim = b"!$&'()*+,;=".contains(&octet);
            let rows = [
                (is_unreserved(octet), unreserved),
                (is_sub_delim(octet), sub_delim),
                (is_plain_in_name(octet), unreserved && !octet.is_ascii_uppercase() || sub_delim),
                (is_in_scheme(octet), letter || b"+-.".contains(&octet)),
                (is_path_or_query(octet), unreserved || sub_delim || b":@/?".contains(&octet)),
                (is_control(octet), octet.is_ascii_control()),
                (ends_authority(octet), b"/?#".contains(&octet)),
                (is_odd_in_authority(octet), octet.is_ascii_control() || b"\\@".contains(&octet)),
            ];
            for (n, (got, want)) in rows.into_iter().enumerate() {
                assert_eq!(got, want, "row {n}: {}", octet.escape_ascii());
            }
        }
    }

    #[test]
    fn octets_of_a_path_are_counted() {
        for length in 0..40 {
            let mut octets = vec![b'a'; length];
            assert_eq!(path_or_query(&octets), length);
            for at in 0..length {
                octets.splice(at.., [b'\n'].into_iter().chain(vec![b'a'; length - at]));
                assert_eq!(path_or_query(&octets), at, "of {length}");
                octets = vec![b'a'; length];
            }
        }
    }

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
            let mut out = Vec::new();
            push_triplet(octet, &mut out);
            assert_eq!(triplet(&out), Some(octet));
        }
    }
}
