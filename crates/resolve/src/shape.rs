//! What the RDATA of each record type is made of, for records that are not needed: whether they
//! are whole.
//!
//! A stub can answer its asker without them, but a message with a broken record in it is not what
//! its server meant to send, so that is said.

use crate::spelled::Spelled;

/// A part of RDATA.
#[derive(Clone, Copy)]
enum Part {
    /// So many octets.
    Octets(usize),
    /// A <domain-name> (RFC 1035 §3.3).
    Name,
    /// A <character-string>: an octet of length and so many octets (RFC 1035 §3.3).
    Text,
    /// Octets behind their number in two octets.
    Counted,
    /// One <character-string> after the other.
    Texts,
    /// Anything.
    Rest,
}

use Part::{Counted, Name, Octets, Rest, Text, Texts};

/// The parts of a type's RDATA, in order.
fn parts(rtype: u16) -> &'static [Part] {
    match rtype {
        1 => &[Octets(4)],                          // A         RFC 1035 §3.4.1
        2 | 5 | 12 => &[Name],                      // NS, CNAME, PTR RFC 1035 §3.3
        6 => &[Name, Name, Octets(20)],             // SOA       RFC 1035 §3.3.13
        13 => &[Text, Text],                        // HINFO     RFC 1035 §3.3.2
        15 => &[Octets(2), Name],                   // MX        RFC 1035 §3.3.9
        16 => &[Texts],                             // TXT       RFC 1035 §3.3.14
        28 => &[Octets(16)],                        // AAAA      RFC 3596 §2.2
        33 => &[Octets(6), Name],                   // SRV       RFC 2782
        35 => &[Octets(4), Text, Text, Text, Name], // NAPTR     RFC 3403 §4.1
        37 => &[Octets(5), Rest],                   // CERT      RFC 4398 §2
        44 => &[Octets(2), Rest],                   // SSHFP     RFC 4255 §3.1
        52 | 53 => &[Octets(3), Rest],              // TLSA, SMIMEA RFC 6698 §2.1
        64 | 65 => &[Octets(2), Name, Rest],        // SVCB, HTTPS RFC 9460 §2.2
        250 => &[Name, Octets(8), Counted, Octets(4), Counted], // TSIG     RFC 8945 §4.2
        257 => &[Octets(1), Text, Rest],            // CAA       RFC 8659 §4.1
        0 | 251 | 252 | 255 => &[], // IXFR, AXFR, ANY: in questions only (RFC 6895 §3.1)
        _ => &[Rest],
    }
}

/// Whether the RDATA from `at` to `end` is what a record of this type has, which is never nothing.
pub(crate) fn fits(message: &[u8], rtype: u16, at: usize, end: usize) -> bool {
    let fill = || {
        let message = message.get(..end)?;
        let mut here = at;
        for part in parts(rtype) {
            here = match part {
                Octets(count) => here + count,
                Name => match Spelled::read(message, here)? {
                    (name, after) if name.is_clean => after,
                    _ => return None,
                },
                Text => text(message, here)?,
                Counted => here + 2 + usize::from(crate::walk::u16_at(message, here)?),
                Texts => {
                    while here < end {
                        here = text(message, here)?;
                    }
                    here
                }
                Rest => end.max(here),
            };
        }
        Some(here)
    };
    at < end && fill() == Some(end)
}

/// Where the <character-string> that begins at `at` ends.
fn text(message: &[u8], at: usize) -> Option<usize> {
    message.get(at).map(|length| at + 1 + usize::from(*length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rdata_is_whole_or_it_is_not() {
        let rows: [(u16, &[u8], bool); 22] = [
            // type, RDATA, fits
            (1, b"\xC0\0\x02\x01", true),
            (1, b"\xC0\0\x02", false),
            (1, b"", false),
            (2, b"\x01a\0", true),
            (2, b"\x01a\0!", false),
            (2, b"\x01a", false),
            (6, b"\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x1E", true),
            (6, b"\0\0\0\0\0\x01", false),
            (13, b"\x01a\x01b", true),
            (13, b"\x01a", false),
            (15, b"\0\x0A\0", true),
            (16, b"\x01a\0\x02bc", true),
            (16, b"\x02a", false),
            (33, b"\0\0\0\0\0\x50\0", true),
            (33, b"\0\0\0\0\0\x50", false),
            (35, b"\0\0\0\0\x01u\0\0\0", true),
            (52, b"\x03\x01\x01", true),
            (52, b"\x03\x01", false),
            (250, b"\0\0\0\0\0\0\0\0\0\0\x01m\0\0\0\0\0\0", true),
            (250, b"\0\0\0\0\0\0\0\0\0\0\x09m\0\0\0\0\0\0", false),
            (255, b"a", false),
            (12_345, b"a", true),
        ];
        for (rtype, rdata, want) in rows {
            assert_eq!(fits(rdata, rtype, 0, rdata.len()), want, "{rtype} {rdata:?}");
        }
        // A name may point to before the RDATA, and must not read what is behind it.
        assert!(fits(b"\x01a\0\xC0\0", 2, 3, 5));
        assert!(!fits(b"\x01a\0", 2, 0, 2));
    }
}
