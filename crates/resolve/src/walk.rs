//! A message read by walking over it, one record after the other.
//!
//! ```text
//!     header │ question │ answer … │ authority … │ additional …       RFC 1035 §4.1
//!     12 octets   NAME TYPE CLASS    NAME TYPE CLASS TTL RDLENGTH RDATA
//! ```
//!
//! It never reads past the end, follows a compression pointer only to before the name it stands
//! in (RFC 1035 §4.1.4: a *prior* occurrence), and so ends: every step leads forwards in the
//! message or backwards in a name. What the records mean is for `message`.

use crate::name::Name;

/// The first twelve octets, and the question (RFC 1035 §4.1.1, §4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) id: u16,
    flags: u16,
    /// Entries that the message says it has: questions, answers, authorities, additionals.
    pub(crate) counts: [u16; 4],
    /// The question, if there is exactly one (RFC 9619 §4); else no record can be found either.
    pub(crate) question: Option<Question>,
    /// Where the first record stands.
    records: usize,
}

/// A question (RFC 1035 §4.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) rtype: u16,
    pub(crate) class: u16,
}

/// In which part of a message a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Answer,
    Authority,
    Additional,
}

/// A record (RFC 1035 §4.1.3), its RDATA not looked at.
#[derive(Clone, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) section: Section,
    pub(crate) owner: Name,
    pub(crate) rtype: u16,
    pub(crate) class: u16,
    pub(crate) ttl: u32,
    pub(crate) rdata: &'a [u8],
    /// Where the record begins.
    pub(crate) at: usize,
    /// Where its RDATA begins: a name in it may point into the whole message.
    pub(crate) rdata_at: usize,
}

/// Reads the header and the question; `None` when the message ends or breaks within them.
pub(crate) fn head(message: &[u8]) -> Option<Head> {
    let counts =
        [u16_at(message, 4)?, u16_at(message, 6)?, u16_at(message, 8)?, u16_at(message, 10)?];
    let mut head = Head {
        id: u16_at(message, 0)?,
        flags: u16_at(message, 2)?,
        counts,
        question: None,
        records: 12,
    };
    if counts.first() == Some(&1) {
        let (name, at) = name(message, 12)?;
        head.question =
            Some(Question { name, rtype: u16_at(message, at)?, class: u16_at(message, at + 2)? });
        head.records = at + 4;
    }
    Some(head)
}

impl Head {
    /// A response to a standard query: QR is 1, OPCODE is 0.
    pub(crate) fn is_response(&self) -> bool {
        self.flags & 0xF800 == 0x8000
    }

    /// AA: the server is authoritative for the name.
    pub(crate) fn is_authoritative(&self) -> bool {
        self.flags & 0x0400 != 0
    }

    /// TC: the message was cut to fit.
    pub(crate) fn is_truncated(&self) -> bool {
        self.flags & 0x0200 != 0
    }

    /// RA: the server asks others on our behalf.
    pub(crate) fn offers_recursion(&self) -> bool {
        self.flags & 0x0080 != 0
    }

    /// The low four bits of the RCODE.
    pub(crate) fn rcode(&self) -> u16 {
        self.flags & 0x000F
    }

    /// Hands each record to `visit`; `None` when the message ends or breaks before the last, or
    /// `visit` says so.
    pub(crate) fn records<'a>(
        &self,
        message: &'a [u8],
        mut visit: impl FnMut(Record<'a>) -> Option<()>,
    ) -> Option<()> {
        let mut next = self.records;
        let [_, answers, authorities, additionals] = self.counts;
        let sections = [
            (Section::Answer, answers),
            (Section::Authority, authorities),
            (Section::Additional, additionals),
        ];
        for (section, count) in sections {
            for _ in 0..count {
                let at = next;
                let (owner, fixed) = name(message, at)?;
                let rdata_at = fixed + 10;
                next = rdata_at + usize::from(u16_at(message, fixed + 8)?);
                visit(Record {
                    section,
                    owner,
                    rtype: u16_at(message, fixed)?,
                    class: u16_at(message, fixed + 2)?,
                    ttl: u32::from(u16_at(message, fixed + 4)?) << 16
                        | u32::from(u16_at(message, fixed + 6)?),
                    rdata: message.get(rdata_at..next)?,
                    at,
                    rdata_at,
                })?;
            }
        }
        Some(())
    }
}

/// The name that begins at `at`, and where what follows it begins.
pub(crate) fn name(message: &[u8], at: usize) -> Option<(Name, usize)> {
    let mut labels: Vec<&[u8]> = Vec::with_capacity(8);
    let mut octets = 1;
    let (mut here, mut segment, mut after) = (at, at, None);
    loop {
        let length = *message.get(here)?;
        match length >> 6 {
            0 if length == 0 => break,
            0 => {
                let end = here + 1 + usize::from(length);
                labels.push(message.get(here + 1..end)?);
                // At most 255 octets, so at most 127 labels, however they are pointed at.
                octets += end - here;
                if octets > 255 {
                    return None;
                }
                here = end;
            }
            0b11 => {
                let to = usize::from(u16_at(message, here)? & 0x3FFF);
                // Strictly before where this segment began: each jump leads further back.
                if to >= segment {
                    return None;
                }
                after = after.or(Some(here + 2));
                (here, segment) = (to, to);
            }
            // 01 and 10 are reserved (RFC 1035 §4.1.4, RFC 6891 §5).
            _ => return None,
        }
    }
    Some((Name::from_labels(labels.into_iter())?, after.unwrap_or(here + 1)))
}

/// The two octets at `at`, the higher first (RFC 1035 §2.3.2).
pub(crate) fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    match octets.get(at..at.checked_add(2)?)? {
        [high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_followed_backwards_only() {
        type Want = Option<(&'static str, usize)>;
        let rows: [(&[u8], usize, Want); 11] = [
            // octets, begins at, gives name and the place after          RFC 1035 §4.1.4
            (b"\x01a\x04TEST\x00!", 0, Some(("a.test", 8))),
            (b"\x04test\x00\x01a\xC0\x00!", 6, Some(("a.test", 10))),
            (b"\x04test\x00\x01a\xC0\x00\x01b\xC0\x06", 10, Some(("b.a.test", 14))), // twice
            (b"\x00", 0, Some((".", 1))),
            (b"\xC0\x00", 0, None),                   // to itself
            (b"\x01a\xC0\x00", 0, None),              // into itself
            (b"\x01a\xC0\x04\x01b\xC0\x00", 4, None), // to a name that points forwards
            (b"\x04tes", 0, None),                    // cut in a label
            (b"\x01a", 0, None),                      // no end
            (b"\x01a\xC0", 0, None),                  // cut in a pointer
            (b"\x41a\x00", 0, None),                  // a reserved label type
        ];
        for (octets, at, want) in rows {
            let got = name(octets, at).map(|(name, after)| (name.text(), after));
            assert_eq!(got.as_ref().map(|(n, a)| (&**n, *a)), want, "{octets:?}");
        }
    }

    #[test]
    fn a_chain_of_pointers_cannot_make_a_name_too_long() {
        // Each entry is 63 octets and a pointer to the one before: the fifth is over 255.
        let mut octets = vec![0];
        let mut last = 0u16;
        let mut names = vec![];
        for _ in 0..6 {
            let at = octets.len();
            octets.push(63);
            octets.extend([b'x'; 63]);
            octets.extend((0xC000 | last).to_be_bytes());
            last = u16::try_from(at).unwrap();
            names.push(name(&octets, at).is_some());
        }
        assert_eq!(names, [true, true, true, false, false, false]);
    }
}
