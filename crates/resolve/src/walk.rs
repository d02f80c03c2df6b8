//! A message read by walking over it, one record after the other.
//!
//! ```text
//!     header │ question │ answer … │ authority … │ additional …       RFC 1035 §4.1
//!     12 octets   NAME TYPE CLASS    NAME TYPE CLASS TTL RDLENGTH RDATA
//! ```
//!
//! It never reads past the end, copies nothing, and ends: each step leads forwards in the message,
//! or backwards in a name (`spelled`). What the records mean is for `reply`.

use crate::name::Name;
use crate::spelled::{QUESTION, Spelled};

/// The header, and the question (RFC 1035 §4.1.1, §4.1.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'m> {
    message: &'m [u8],
    flags: u16,
    /// Entries that the message says it has: questions, answers, authorities, additionals.
    pub(crate) counts: [u16; 4],
    /// The question, if there is exactly one (RFC 9619 §4); else no record can be found either.
    pub(crate) question: Option<Question>,
    /// Where the first record stands.
    records: usize,
}

/// A question (RFC 1035 §4.1.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// Its name is the one that was asked for.
    pub(crate) is_asked: bool,
    /// See [`Spelled::is_clean`].
    pub(crate) is_clean: bool,
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'m> {
    pub(crate) section: Section,
    pub(crate) owner: Spelled<'m>,
    pub(crate) rtype: u16,
    pub(crate) class: u16,
    pub(crate) ttl: u32,
    pub(crate) rdata: &'m [u8],
    /// Where the record begins.
    pub(crate) at: usize,
    /// Where its RDATA begins: a name in it may point into the whole message.
    pub(crate) rdata_at: usize,
}

impl<'m> Head<'m> {
    /// Reads the header and the question that `name` was asked with; `None` when the message ends or
    /// breaks within them.
    pub(crate) fn read(message: &'m [u8], name: &Name) -> Option<Head<'m>> {
        let [_, _, f, lags, q, d, a, n, n1, s, a1, r] = *message.first_chunk::<QUESTION>()?;
        let counts = [[q, d], [a, n], [n1, s], [a1, r]].map(u16::from_be_bytes);
        let flags = u16::from_be_bytes([f, lags]);
        let mut head = Head { message, flags, counts, question: None, records: QUESTION };
        if counts.first() == Some(&1) {
            let asked = name.octets();
            let came = message.get(QUESTION..).and_then(|rest| rest.get(..asked.len()));
            // Octet by octet as it went out, but for the case of letters: no length is a letter's.
            let (is_asked, is_clean, at) = if came.is_some_and(|it| it.eq_ignore_ascii_case(asked))
            {
                (true, true, QUESTION + asked.len())
            } else {
                let (spelled, at) = Spelled::read(message, QUESTION)?;
                (spelled.is(name), spelled.is_clean, at)
            };
            let [t, ype, c, lass] = *message.get(at..)?.first_chunk()?;
            head.question = Some(Question {
                is_asked,
                is_clean,
                rtype: u16::from_be_bytes([t, ype]),
                class: u16::from_be_bytes([c, lass]),
            });
            head.records = at + 4;
        }
        Some(head)
    }

    /// The whole of it.
    pub(crate) fn message(&self) -> &'m [u8] {
        self.message
    }

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

    /// Each record in order; `None`, and nothing more, where the message ends or breaks before the
    /// last.
    pub(crate) fn records(&self) -> Records<'m> {
        let [_, answers, authorities, additionals] = self.counts;
        let left = [answers, authorities, additionals];
        Records { message: self.message, next: self.records, left }
    }

    /// Those of the answer section.
    pub(crate) fn answers(&self) -> Records<'m> {
        let [_, answers, ..] = self.counts;
        Records { left: [answers, 0, 0], ..self.records() }
    }
}

/// A walk over the records.
pub(crate) struct Records<'m> {
    message: &'m [u8],
    next: usize,
    /// How many are to come, by section.
    left: [u16; 3],
}

impl<'m> Iterator for Records<'m> {
    type Item = Option<Record<'m>>;

    fn next(&mut self) -> Option<Option<Record<'m>>> {
        let (section, left) = match &mut self.left {
            [0, 0, 0] => return None,
            [0, 0, left] => (Section::Additional, left),
            [0, left, _] => (Section::Authority, left),
            [left, ..] => (Section::Answer, left),
        };
        *left -= 1;
        let record = self.record(section);
        match &record {
            Some(record) => self.next = record.rdata_at + record.rdata.len(),
            None => self.left = [0; 3],
        }
        Some(record)
    }
}

impl<'m> Records<'m> {
    fn record(&self, section: Section) -> Option<Record<'m>> {
        let (owner, fixed) = Spelled::read_behind(self.message, self.next)?;
        let [t, ype, c, lass, ttl @ .., l, en] = *self.message.get(fixed..)?.first_chunk::<10>()?;
        let rdata_at = fixed + 10;
        let rdata_octets = usize::from(u16::from_be_bytes([l, en]));
        Some(Record {
            section,
            owner,
            rtype: u16::from_be_bytes([t, ype]),
            class: u16::from_be_bytes([c, lass]),
            ttl: u32::from_be_bytes(ttl),
            rdata: self.message.get(rdata_at..)?.get(..rdata_octets)?,
            at: self.next,
            rdata_at,
        })
    }
}

/// The two octets at `at`, the higher first (RFC 1035 §2.3.2).
pub(crate) fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..)?.first_chunk().map(|two| u16::from_be_bytes(*two))
}
